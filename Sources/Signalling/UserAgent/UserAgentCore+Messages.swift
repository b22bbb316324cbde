import SIP

/// MESSAGE to a room (RFC 3428).
extension UserAgentCore {
    static var longestMessage: Int { 4_000 }

    mutating func message(
        _ request: SIPRequest, _ id: ServerTransactionID, from username: String, to room: String?, at now: SIPInstant
    ) {
        guard let room, !room.isEmpty else { return refuse(request, id, 404, "No room is named", at: now) }
        let type = request.contentType ?? MediaType(type: "text", subtype: "plain")
        guard type.isSame(as: MediaType(type: "text", subtype: "plain")) else {
            return refuse(request, id, 415, headers: SIPHeaders([.init(.accept, "text/plain")]), at: now)
        }
        guard request.body.count <= Self.longestMessage else { return refuse(request, id, 413, at: now) }
        guard let text = String(validating: request.body, as: UTF8.self), !text.isEmpty else {
            return refuse(request, id, 400, "The message is not text in UTF-8", at: now)
        }
        waitingMessages[id] = request
        actions.append(.messageArrived(id, RoomMessage(username: username, room: room, text: text)))
    }

    private static var mostUnderWay: Int { 20 }

    /// Brings a text to a point in its call's dialog, if it takes MESSAGE there. From shows the sender, as displays do;
    /// who it is exactly is asserted beside it (RFC 3325), for the dialog's address is the room's.
    mutating func relay(_ message: RelayedMessage, to id: CallID, at now: SIPInstant) {
        guard let call = calls[id], call.allows.message, !call.isFlowGone else { return }
        switch call.phase {
        case .up: break
        case .entering, .answered:
            // Before the ACK the point may know nothing of the dialog yet.
            if call.heldMessages.count < Self.mostUnderWay { calls[id]?.heldMessages.append(message) }
            return
        case .leaving: return
        }
        guard call.messagesUnderWay < Self.mostUnderWay else {
            return log(.notice, of: id, "\(id): takes no messages: one is left out")
        }
        let sender = NameAddress(
            .sip(SIPURI(user: message.username, host: settings.domain)), displayName: message.name)
        var headers = SIPHeaders()
        headers[.assertedIdentity] = sender.description
        headers[.contentType] = "text/plain;charset=UTF-8"
        guard var request = calls[id]?.dialog.request(.message, headers: headers, body: Array(message.text.utf8)) else {
            return
        }
        request.from.displayName = message.name
        calls[id]?.messagesUnderWay += 1
        put(request, of: id, for: .message(id), at: now)
    }

    /// The call is up.
    mutating func relayHeldMessages(to id: CallID, at now: SIPInstant) {
        let held = calls[id]?.heldMessages ?? []
        calls[id]?.heldMessages = []
        for message in held { relay(message, to: id, at: now) }
    }

    /// What became of a message: 200, or why not.
    mutating func answerMessage(_ id: ServerTransactionID, _ outcome: MessageOutcome, at now: SIPInstant) {
        guard let request = waitingMessages.removeValue(forKey: id) else { return }
        switch outcome {
        case .taken:
            let headers = SIPHeaders([.init(.server, identity.product)])
            respond(request.response(200, tag: transactions.newTag(), headers: headers), to: id, at: now)
        case .refused(let code, let reason): refuse(request, id, code, reason, at: now)
        }
    }
}

extension SIPHeaderName {
    static let assertedIdentity = SIPHeaderName("P-Asserted-Identity")
}
