import SIP

/// MESSAGE to a room (RFC 3428).
extension UserAgentCore {
    private static var longestMessage: Int { 4_000 }

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
