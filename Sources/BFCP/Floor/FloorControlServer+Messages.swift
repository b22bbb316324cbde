/// What peers say (RFC 8855 §13).
extension FloorControlServer {
    /// What a request is answered with.
    private enum Answer {
        case message(BFCPPrimitive, [BFCPAttribute.Value])
        /// FloorRequestStatus, as it stands when all is done.
        case status(ofRequest: UInt16)
        /// The user has left; what it is told first.
        case farewell(BFCPPrimitive)
        /// It is no request.
        case nothing
    }

    /// Why a request is refused.
    private struct Refusal: Error {
        var code: BFCPErrorCode
        var details: [UInt8] = []

        init(_ code: BFCPErrorCode, details: [UInt8] = []) {
            self.code = code
            self.details = details
        }
    }

    /// Takes one datagram, or one message of a stream.
    public mutating func receive(
        _ octets: [UInt8], from flow: FloorControlFlow, at now: ContinuousClock.Instant
    ) -> [FloorControlAction] {
        guard expects(flow.host), let header = BFCPHeader(parsing: octets[...]) else {
            if flow.isReliable { note(.close(flow)) }
            return takeActions()
        }
        do throws(Refusal) {
            guard let message = try message(octets, header, from: flow, at: now) else { return takeActions() }
            try admit(header, from: flow)
            take(message, from: flow, at: now)
        } catch {
            refuse(header, error, on: flow)
        }
        return takeActions()
    }

    /// A stream that can no longer be cut into messages: answers it, for the last time.
    public mutating func receive(
        _ error: BFCPParseError, from flow: FloorControlFlow
    ) -> [FloorControlAction] {
        if expects(flow.host), let header = error.header { refuse(header, Refusal(error.code), on: flow) }
        note(.close(flow))
        return takeActions()
    }

    /// Nil for a fragment that others must join.
    private mutating func message(
        _ octets: [UInt8], _ header: BFCPHeader, from flow: FloorControlFlow, at now: ContinuousClock.Instant
    ) throws(Refusal) -> BFCPMessage? {
        do throws(BFCPParseError) {
            guard header.fragment != nil, !flow.isReliable else { return try BFCPMessage(parsing: octets) }
        } catch {
            throw Refusal(error.code)
        }
        // Only what is admitted may take up memory.
        try admit(header, from: flow)
        do throws(BFCPParseError) {
            guard let whole = try associations[flow]?.reassembler.take(octets, at: now) else { return nil }
            return try BFCPMessage(parsing: whole)
        } catch {
            throw Refusal(error.code)
        }
    }

    /// Ties the flow to the user that speaks on it, if that may be.
    private mutating func admit(_ header: BFCPHeader, from flow: FloorControlFlow) throws(Refusal) {
        guard let conference = conferences[header.conferenceID] else { throw Refusal(.conferenceDoesNotExist) }
        guard let member = conference.members[header.userID] else { throw Refusal(.userDoesNotExist) }
        guard member.user.hosts.contains(flow.host) else { throw Refusal(.unauthorizedOperation) }
        // A peer may move to another port, as behind a NAT, but not away from the one that it announced and uses.
        if !flow.isReliable, member.isHeard, let known = member.flow, known == member.user.announced, known != flow {
            throw Refusal(.unauthorizedOperation)
        }
        bind(header.userID, of: header.conferenceID, to: flow, version: header.version)
        conferences[header.conferenceID]?.members[header.userID]?.isHeard = true
    }

    private mutating func take(
        _ message: BFCPMessage, from flow: FloorControlFlow, at now: ContinuousClock.Instant
    ) {
        if associations[flow]?.isResponse(message) == true {
            put(associations[flow]?.take(response: message, at: now) ?? [], on: flow)
            return
        }
        if let repeated = associations[flow]?.answer(to: message, at: now) { return put(repeated, on: flow) }
        let conferenceID = message.conferenceID
        do throws(Refusal) {
            switch try answer(to: message, on: flow) {
            case .message(let primitive, let attributes):
                reply(to: message, with: message.response(primitive, attributes), on: flow, at: now)
                if primitive == .floorStatus { tellOthers(watchedBy: message, at: now) }
                tell(of: conferenceID, at: now)
            case .status(let id):
                let changes = conferences[conferenceID]?.floors.takeChanges() ?? []
                let request = changes.last { $0.id == id } ?? conferences[conferenceID]?.floors.request(id)
                let attributes = request.map { [information(on: $0, in: conferenceID)] } ?? []
                reply(to: message, with: message.response(.floorRequestStatus, attributes), on: flow, at: now)
                tell(changes, of: conferenceID, answered: (id, message.userID), at: now)
            case .farewell(let primitive):
                reply(to: message, with: message.response(primitive), on: flow, at: now)
                leave(message.userID, of: conferenceID)
                tell(of: conferenceID, at: now)
                abandon(flow)
            case .nothing: break
            }
        } catch {
            let attributes = [BFCPAttribute.Value.errorCode(error.code, details: error.details)]
            reply(to: message, with: message.response(.error, attributes), on: flow, at: now)
        }
    }

    private mutating func reply(
        to request: BFCPMessage, with response: BFCPMessage, on flow: FloorControlFlow, at now: ContinuousClock.Instant
    ) {
        put(associations[flow]?.answer(request, with: response, at: now) ?? [], on: flow)
    }

    /// Answers what cannot be taken at all, unless it is an answer itself.
    private mutating func refuse(_ header: BFCPHeader, _ refusal: Refusal, on flow: FloorControlFlow) {
        let request = BFCPMessage(
            header.primitive, version: (1...2).contains(header.version) ? header.version : flow.isReliable ? 1 : 2,
            conferenceID: header.conferenceID, transactionID: header.transactionID, userID: header.userID)
        guard !(header.isResponse && !flow.isReliable), !header.primitive.isAnswer else { return }
        var error = request.response(.error, [.errorCode(refusal.code, details: refusal.details)])
        if flow.isReliable { error.isResponse = false }
        put([error.serialized()], on: flow)
    }

    // MARK: Primitives

    private mutating func answer(to message: BFCPMessage, on flow: FloorControlFlow) throws(Refusal) -> Answer {
        let notUnderstood = message.attributes.notUnderstood
        guard notUnderstood.isEmpty || message.primitive.isAnswer else {
            throw Refusal(.unknownMandatoryAttribute, details: notUnderstood.map { $0.rawValue << 1 })
        }
        switch message.primitive {
        case .hello:
            return .message(
                .helloAck,
                [
                    .supportedPrimitives(message.version == 1 ? BFCPPrimitive.reliable : BFCPPrimitive.all),
                    .supportedAttributes(BFCPAttributeType.all),
                ])
        case .floorRequest: return .status(ofRequest: try floorRequest(message))
        case .floorRelease:
            let id = try ownRequest(message).id
            conferences[message.conferenceID]?.floors.release(id)
            return .status(ofRequest: id)
        case .floorRequestQuery: return .status(ofRequest: try request(message).id)
        case .userQuery: return .message(.userStatus, try userStatus(message))
        case .floorQuery: return .message(.floorStatus, try floorQuery(message))
        case .chairAction:
            try chairAction(message)
            return .message(.chairActionAck, [])
        case .goodbye:
            // RFC 4582 has no Goodbye; of the drafts that have, this is the acknowledgement of a FloorStatus.
            return message.version == 1 ? .nothing : .farewell(.goodbyeAck)
        case .draftGoodbye where message.version == 1 && !flow.isReliable: return .farewell(.draftGoodbyeAck)
        case let primitive where primitive.isAnswer: return .nothing
        default: throw Refusal(.unknownPrimitive)
        }
    }

    private mutating func floorRequest(_ message: BFCPMessage) throws(Refusal) -> UInt16 {
        guard let conference = conferences[message.conferenceID], let member = conference.members[message.userID] else {
            throw Refusal(.userDoesNotExist)
        }
        let floors = message.attributes.floorIDs
        guard !floors.isEmpty else { throw Refusal(.unableToParse) }
        let beneficiary = message.attributes.beneficiaryID ?? message.userID
        guard conference.members[beneficiary] != nil else { throw Refusal(.userDoesNotExist) }
        guard member.user.mayRequest, beneficiary == message.userID || member.user.isChair else {
            throw Refusal(.unauthorizedOperation)
        }
        do throws(FloorRefusal) {
            return try ask(
                for: floors, requester: message.userID, beneficiary: beneficiary,
                priority: message.attributes.priority ?? 2,
                info: message.attributes.first {
                    if case .participantProvidedInfo(let text) = $0 { text } else { nil }
                }, in: message.conferenceID)
        } catch {
            throw Refusal(error.code)
        }
    }

    /// The request that a message names.
    private func request(_ message: BFCPMessage) throws(Refusal) -> FloorRequest {
        guard let id = message.attributes.floorRequestID else { throw Refusal(.unableToParse) }
        guard let request = conferences[message.conferenceID]?.floors.request(id) else {
            throw Refusal(.floorRequestIDDoesNotExist)
        }
        return request
    }

    private func ownRequest(_ message: BFCPMessage) throws(Refusal) -> FloorRequest {
        let request = try request(message)
        guard request.beneficiary == message.userID || request.requester == message.userID else {
            throw Refusal(.unauthorizedOperation)
        }
        return request
    }

    private func userStatus(_ message: BFCPMessage) throws(Refusal) -> [BFCPAttribute.Value] {
        let asked = message.attributes.beneficiaryID
        let userID = asked ?? message.userID
        guard let conference = conferences[message.conferenceID], let member = conference.members[userID] else {
            throw Refusal(.userDoesNotExist)
        }
        let requests = conference.floors.requests.filter { $0.beneficiary == userID }.prefix(Self.mostRequestsTold)
        let about: [BFCPAttribute.Value] = [.beneficiaryInformation(userID: userID, member.user.names)]
        return (asked == nil ? [] : about) + requests.map { information(on: $0, in: message.conferenceID) }
    }

    /// Each FloorQuery replaces the one before it; one without floors ends it (§13.5).
    private mutating func floorQuery(_ message: BFCPMessage) throws(Refusal) -> [BFCPAttribute.Value] {
        let floors = message.attributes.floorIDs
        guard let conference = conferences[message.conferenceID],
            floors.allSatisfy(conference.floors.settings.floors.contains)
        else { throw Refusal(.invalidFloorID) }
        conferences[message.conferenceID]?.members[message.userID]?.watched = Set(floors)
        return floors.first.map { floorStatus($0, in: message.conferenceID) } ?? []
    }

    private mutating func chairAction(_ message: BFCPMessage) throws(Refusal) {
        guard let conference = conferences[message.conferenceID],
            conference.members[message.userID]?.user.isChair == true
        else { throw Refusal(.unauthorizedOperation) }
        guard
            let (id, details) = message.attributes.first({
                if case .floorRequestInformation(let id, let details) = $0 { (id, details) } else { nil }
            })
        else { throw Refusal(.unableToParse) }
        guard let request = conference.floors.request(id) else { throw Refusal(.floorRequestIDDoesNotExist) }
        var decision: BFCPRequestStatus?
        for detail in details {
            switch detail.value {
            case .floorRequestStatus(let floorID, let attributes):
                guard request.floors.contains(floorID) else { throw Refusal(.invalidFloorID) }
                decision = attributes.requestStatus ?? decision
            case .overallRequestStatus(_, let attributes): decision = decision ?? attributes.requestStatus
            default: break
            }
        }
        switch (decision, request.status) {
        case (nil, _): throw Refusal(.unableToParse)
        case (.accepted, .pending): conferences[message.conferenceID]?.floors.admit(id)
        case (.accepted, _): break
        case (.granted, _): conferences[message.conferenceID]?.floors.grant(id)
        case (.revoked, .granted), (.denied, .granted): conferences[message.conferenceID]?.floors.finish(id, .revoked)
        case (.revoked, _), (.denied, _): conferences[message.conferenceID]?.floors.finish(id, .denied)
        default: throw Refusal(.genericError)
        }
    }

    mutating func ask(
        for floors: [UInt16], requester: UInt16, beneficiary: UInt16, priority: UInt8 = 2, info: BFCPText? = nil,
        in conferenceID: UInt32
    ) throws(FloorRefusal) -> UInt16 {
        guard
            let id = try conferences[conferenceID]?.floors.ask(
                for: floors, by: requester, beneficiary: beneficiary, priority: priority, info: info)
        else { throw .conferenceUnknown }
        return id
    }
}

extension BFCPPrimitive {
    /// As the drafts before RFC 8855 number them (draft-sandbakken-dispatch-bfcp-udp).
    fileprivate static let draftGoodbye = Self(rawValue: 17)
    fileprivate static let draftGoodbyeAck = Self(rawValue: 18)

    /// Wants no answer, whatever is wrong with it.
    fileprivate var isAnswer: Bool {
        switch self {
        case .chairActionAck, .helloAck, .error, .floorRequestStatusAck, .floorStatusAck, .goodbyeAck, .draftGoodbyeAck:
            true
        default: false
        }
    }
}
