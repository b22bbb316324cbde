extension OfferAnswer {
    /// Answers a line for BFCP; nil to turn it down. The bridge is the server, whatever else the peer could do
    /// (RFC 8856 §5.1); peers that can only be servers themselves are turned down.
    static func acceptFloorControl(
        _ offered: MediaDescription, index: Int, of offer: SessionDescription, _ local: LocalFloorControl,
        slidesLabel: String?, previous: MediaDescription?
    ) -> (NegotiatedFloorControl, MediaDescription)? {
        guard let transport = FloorControlTransport(rawValue: offered.transport), let port = local.port(for: transport),
            let connection = offered.connection ?? offer.connection,
            ["c-only", "c-s"].contains(offered.attributes.first("floorctrl")?.lowercased() ?? "c-only")
        else { return nil }
        let versions = offered.attributes.first("bfcpver").map { $0.words.compactMap { UInt8($0) } }
        guard versions?.contains(transport.defaultVersion) ?? true else { return nil }
        let setup = offered.attributes.first("setup")?.lowercased()
        // Who asks for nothing gets the way that costs it no port of ours (RFC 4145 §4).
        let connects = transport == .tcp && setup == "passive"
        guard setup != "holdconn", !connects || local.connects else { return nil }
        let keeps =
            transport == .tcp && offered.attributes.first("connection") == "existing" && (previous?.port ?? 0) != 0
        var line = line(transport, port: port, local, slidesLabel, offered.floors.first?.listName ?? "mstrm")
        if transport == .tcp {
            line.attributes.append(SDPAttribute("setup", connects ? "active" : "passive"))
            line.attributes.append(SDPAttribute("connection", keeps ? "existing" : "new"))
        }
        if versions != nil { line.attributes.append(SDPAttribute("bfcpver", String(transport.defaultVersion))) }
        line.attributes += offered.identification.map { [SDPAttribute("mid", $0)] } ?? []
        let agreed = NegotiatedFloorControl(
            index: index, transport: transport, remoteAddress: connection.address, remotePort: offered.port,
            connects: connects, keepsConnection: keeps, conferenceID: local.conferenceID, userID: local.userID,
            floorID: local.floorID)
        return (agreed, line)
    }

    /// A line of an offer of ours; nil where there is no port for it.
    static func offeredFloorControl(_ local: LocalFloorControl, slidesLabel: String?) -> MediaDescription? {
        guard let transport = FloorControlTransport.allCases.first(where: { local.port(for: $0) != nil }),
            let port = local.port(for: transport)
        else { return nil }
        var line = line(transport, port: port, local, slidesLabel, "mstrm")
        if transport == .tcp {
            line.attributes.append(SDPAttribute("setup", "passive"))
            line.attributes.append(SDPAttribute("connection", "new"))
        }
        return line
    }

    /// What an answer makes of a line of ours; nil where it turns it down.
    static func acceptFloorControl(
        answer: MediaDescription, index: Int, of session: SessionDescription, to offered: MediaDescription
    ) -> NegotiatedFloorControl? {
        guard offered.port != 0, answer.port != 0, answer.transport == offered.transport,
            let transport = FloorControlTransport(rawValue: offered.transport),
            let connection = answer.connection ?? session.connection,
            let conferenceID = offered.attributes.first("confid").flatMap({ UInt32($0) }),
            let userID = offered.attributes.first("userid").flatMap({ UInt16($0) }),
            let floorID = offered.floors.first?.floorID,
            (answer.attributes.first("floorctrl")?.lowercased() ?? "c-only").hasPrefix("c")
        else { return nil }
        return NegotiatedFloorControl(
            index: index, transport: transport, remoteAddress: connection.address, remotePort: answer.port,
            connects: transport == .tcp && offered.attributes.first("setup") == "active",
            keepsConnection: offered.attributes.first("connection") == "existing", conferenceID: conferenceID,
            userID: userID, floorID: floorID)
    }

    /// What we sent last for BFCP, offered again: the connection is kept.
    static func reofferedFloorControl(_ previous: MediaDescription, _ local: LocalFloorControl?) -> MediaDescription {
        var media = previous
        guard previous.port != 0, let local, let transport = FloorControlTransport(rawValue: previous.transport),
            let port = local.port(for: transport)
        else {
            media.port = 0
            return media
        }
        media.port = port
        media.connection = SDPConnection(address: local.address)
        media.attributes = previous.attributes.map {
            $0.name == "connection" ? SDPAttribute("connection", "existing") : $0
        }
        return media
    }

    private static func line(
        _ transport: FloorControlTransport, port: UInt16, _ local: LocalFloorControl, _ slidesLabel: String?,
        _ listName: String
    ) -> MediaDescription {
        let floor = FloorAssociation(
            floorID: local.floorID, labels: slidesLabel.map { [$0] } ?? [], listName: listName)
        return MediaDescription(
            kind: "application", port: port, transport: transport.rawValue, formats: ["*"],
            connection: SDPConnection(address: local.address),
            attributes: [
                SDPAttribute("floorctrl", "s-only"), SDPAttribute("confid", String(local.conferenceID)),
                SDPAttribute("userid", String(local.userID)), SDPAttribute("floorid", floor.value),
            ])
    }
}
