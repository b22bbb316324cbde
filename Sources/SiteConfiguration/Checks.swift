/// What no single key can say: ids that are there twice, names that lead nowhere, ports that clash.
struct Checks {
    let configuration: Configuration
    var reader: Reader

    init(_ configuration: Configuration, _ reader: Reader) {
        self.configuration = configuration
        self.reader = reader
    }

    mutating func run() {
        checkUnique(configuration.units.map(\.id), "units", "id")
        checkUnique(configuration.points.map(\.id), "points", "id")
        checkUnique(configuration.points.map(\.username), "points", "username")
        checkUnique(configuration.rooms.map(\.id), "rooms", "id")
        checkUnique(configuration.portal.tokens.map(\.name), "portal.tokens", "name")
        checkSockets()
        checkPoints()
        checkRooms()
        checkCluster()
        checkTrunks()
        if configuration.certificates.chain != nil, configuration.certificates.key == nil {
            reader.report("needs certificates.key beside it", path: "certificates.chain")
        }
        if configuration.certificates.key != nil, configuration.certificates.chain == nil {
            reader.report("needs certificates.chain beside it", path: "certificates.key")
        }
        let seal = configuration.archive.seal
        if (seal.certificate == nil) != (seal.key == nil) {
            reader.report("needs certificate and key beside each other, or neither", path: "archive.seal")
        }
        let second = configuration.archive.secondLocation
        if second.path != nil, second.remote != nil {
            reader.report("has a path and a remote; one must go", path: "archive.secondLocation")
        }
        if let remote = second.remote {
            if second.rcloneConfig == nil {
                reader.report("needs rcloneConfig beside the remote", path: "archive.secondLocation")
            }
            if remote.hasPrefix(":") || !remote.contains(":") || remote.prefix(while: { $0 != ":" }).contains(",") {
                reader.report(
                    "is to be NAME:PATH, where rclone's configuration file has NAME and what it takes to reach it",
                    path: "archive.secondLocation.remote")
            }
        }
        if let path = second.path {
            let (own, other) = (configuration.archive.directory + "/", path.hasSuffix("/") ? path : path + "/")
            if own.hasPrefix(other) || other.hasPrefix(own) {
                reader.report("is to be beside the archive's directory", path: "archive.secondLocation.path")
            }
        }
        if (seal.timeStampURL == nil) != (seal.timeStampAuthorities == nil) {
            reader.report(
                "needs timeStampURL and timeStampAuthorities beside each other, or neither", path: "archive.seal")
        }
        if configuration.limits.minimumSessionExpires > configuration.limits.sessionExpires {
            reader.report("must not be longer than limits.sessionExpires", path: "limits.minimumSessionExpires")
        }
        let openID = configuration.portal.openID
        if openID.issuer != nil, openID.client == nil {
            reader.report("needs client beside the issuer", path: "portal.openID")
        }
        if openID.issuer == nil, openID.client != nil || openID.secretFile != nil {
            reader.report("needs issuer, without which nobody signs in by it", path: "portal.openID")
        }
        // sun_path has 108 octets, of which one ends the text.
        if configuration.portal.socket.utf8.count > 107 {
            reader.report(
                "is \(configuration.portal.socket.utf8.count) octets long; a Unix socket's path may have 107",
                path: "portal.socket")
        }
    }

    mutating func report(_ message: String, path: String) { reader.report(message, path: path) }

    private mutating func checkUnique(_ values: [String], _ list: String, _ key: String) {
        var first: [String: Int] = [:]
        for (index, value) in values.enumerated() {
            guard let earlier = first[value] else {
                first[value] = index
                continue
            }
            let line = reader.line(of: "\(list)[\(earlier)].\(key)") ?? reader.line(of: "\(list)[\(earlier)]")
            reader.report(
                "'\(shortened(value))' is there already, in \(list)[\(earlier)]"
                    + (line.map { " at line \($0)" } ?? ""),
                path: "\(list)[\(index)].\(key)")
        }
    }

    // MARK: Sockets

    private struct Socket {
        var path: String
        var isUDP: Bool
        var address: String
        var port: UInt16

        func clashes(with other: Socket) -> Bool {
            isUDP == other.isUDP && port == other.port && overlap(address, other.address)
        }
    }

    private mutating func checkSockets() {
        let listeners = configuration.sip.listeners
        var sockets = listeners.enumerated().map {
            Socket(
                path: "sip.listeners[\($0)]", isUDP: $1.transport == .udp, address: $1.address, port: $1.port)
        }
        let portal = configuration.portal
        if portal.port != 0 {
            sockets.append(Socket(path: "portal.port", isUDP: false, address: portal.address, port: portal.port))
        }
        let cluster = configuration.cluster
        if cluster.isOn {
            sockets.append(
                Socket(
                    path: "cluster.control", isUDP: false, address: cluster.control.address, port: cluster.control.port)
            )
        }
        for (index, socket) in sockets.enumerated() {
            if let other = sockets[..<index].first(where: { $0.clashes(with: socket) }) {
                let carrier = socket.isUDP ? "UDP" : "TCP"
                let path = socket.path == "portal.port" ? socket.path : socket.path + ".port"
                reader.report("\(carrier) port \(socket.port) is taken already, by \(other.path)", path: path)
            }
        }
        let media = configuration.media
        for (index, listener) in listeners.enumerated() {
            if listener.transport == .udp, media.ports.contains(listener.port), overlap(listener.address, media.bind) {
                reader.report(
                    "UDP port \(listener.port) is within media.ports "
                        + "(\(media.ports.lowerBound)-\(media.ports.upperBound)); move one of them",
                    path: "sip.listeners[\(index)].port")
            }
            if isWildcard(listener.address), listener.advertised == nil {
                reader.report(
                    "listens on all addresses; 'advertised' must say which one points are told",
                    path: "sip.listeners[\(index)].address")
            }
        }
        if isWildcard(media.bind), media.advertised == nil {
            reader.report(
                "listens on all addresses; 'media.advertised' must say which one points are told", path: "media.bind")
        }
        if let advertised = media.advertised, isWildcard(advertised) {
            reader.report("must be an address that points can send to, not all addresses", path: "media.advertised")
        }
    }

    // MARK: Points and rooms

    private mutating func checkPoints() {
        let units = Set(configuration.units.map(\.id))
        for (index, point) in configuration.points.enumerated() where !reader.isFull {
            let path = "points[\(index)]"
            if let unit = point.unit, !units.contains(unit) {
                reader.report(dangling("unit", unit, among: configuration.units.map(\.id)), path: "\(path).unit")
            }
            let ways = [
                (key: "password", isThere: point.password != nil),
                (key: "passwordFile", isThere: point.passwordFile != nil),
                (key: "ha1Sha256/ha1Md5", isThere: point.ha1Sha256 != nil || point.ha1Md5 != nil),
            ].filter(\.isThere).map(\.key)
            if point.certificate, configuration.sip.pointAuthority == nil {
                reader.report(
                    "needs sip.pointAuthority, by whose certificates points sign in", path: "\(path).certificate")
            }
            if ways.isEmpty, !point.certificate {
                reader.report(
                    "has no password, passwordFile, ha1Sha256, ha1Md5 or certificate; one must be there", path: path)
            } else if ways.count > 1 {
                reader.report("has \(ways.joined(separator: " and ")); one of them must go", path: path)
            }
        }
    }

    private mutating func checkRooms() {
        let check = configuration.lineCheck
        for (index, room) in configuration.rooms.enumerated() where [check.name, check.alias].contains(room.id) {
            reader.report("'\(room.id)' is what points dial for a line check (lineCheck)", path: "rooms[\(index)].id")
        }
        let points = Set(configuration.points.map(\.id))
        for (index, room) in configuration.rooms.enumerated() {
            let path = "rooms[\(index)]"
            if case .points(let invited) = room.points {
                var seen: Set<String> = []
                for (place, id) in invited.enumerated() where !reader.isFull {
                    if !points.contains(id) {
                        reader.report(
                            dangling("point", id, among: configuration.points.map(\.id)),
                            path: "\(path).points[\(place)]")
                    } else if !seen.insert(id).inserted {
                        reader.report("'\(id)' is in this list already", path: "\(path).points[\(place)]")
                    }
                }
            }
            if let chair = room.chair, !points.contains(chair) {
                reader.report(
                    dangling("point", chair, among: configuration.points.map(\.id)), path: "\(path).chair")
            }
            if let pin = room.pin?.reveal(), !(4...16).contains(pin.count) || !pin.allSatisfy("0123456789".contains) {
                reader.report("a PIN is 4 to 16 digits", path: "\(path).pin")
            }
            let rule = room.recording
            if rule.order == .standing, rule.orderedBy.isEmpty || rule.document.isEmpty {
                let missing = [rule.orderedBy.isEmpty ? "orderedBy" : nil, rule.document.isEmpty ? "document" : nil]
                reader.report(
                    "a standing order needs \(missing.compactMap { $0 }.joined(separator: " and ")): "
                        + "who decided, and the decision's number and date",
                    path: "\(path).recording")
            }
        }
    }

    private func dangling(_ what: String, _ id: String, among known: [String]) -> String {
        "there is no \(what) '\(id)' in \(what)s"
            + (nearest(to: id, among: known).map { "; did you mean '\($0)'?" } ?? "")
    }
}

func isWildcard(_ address: String) -> Bool { address == "0.0.0.0" || address == "::" }

/// Two sockets with these addresses cannot share a port. A wildcard of either family takes the other's too, as `::`
/// does on Linux.
private func overlap(_ left: String, _ right: String) -> Bool {
    left == right || isWildcard(left) || isWildcard(right)
}
