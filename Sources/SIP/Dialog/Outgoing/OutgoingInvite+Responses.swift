extension OutgoingInvite {
    mutating func receive(_ response: SIPResponse, over transport: SIPTransport, at now: SIPInstant) -> [Action] {
        guard response.cseq == invite.cseq, response.callID == invite.callID else { return [] }
        if response.isSuccess { return succeed(response, over: transport, at: now) }
        switch state {
        case .calling where response.isProvisional:
            return progress(response, over: transport)
        case .calling:
            return refused(response)
        case .cancelling where response.isProvisional:
            // Without its PRACK the peer might go on with it for a while, but the CANCEL is on its way.
            return []
        case .cancelling(let failure, _):
            return end(failure)
        case .idle, .settled, .over:
            return []
        }
    }

    // MARK: Provisional responses

    private mutating func progress(_ response: SIPResponse, over transport: SIPTransport) -> [Action] {
        guard response.status > 100 else { return [] }
        guard let id = DialogID(incoming: response), meet(id, response, over: transport), var branch = early[id] else {
            return [.progress(response, nil)]
        }
        guard let number = response.reliableNumber else { return [.progress(response, branch.dialog)] }
        // What is out of order is not acknowledged and not looked at (RFC 3262 §4).
        guard branch.admits(number) else { return [] }
        defer { early[id] = branch }
        let progress = Action.progress(response, branch.dialog)
        if branch.session == .open, response.sessionDescription != nil {
            branch.session = .offered(response)
            return [progress, .offer(response, id)]
        }
        return [progress] + acknowledge(response, in: &branch)
    }

    /// Makes the early dialog of a response if it is new; false where there is none.
    private mutating func meet(_ id: DialogID, _ response: SIPResponse, over transport: SIPTransport) -> Bool {
        if early[id] != nil { return true }
        guard early.count < settings.mostDialogs,
            let dialog = try? Dialog(from: invite, answeredBy: response, over: transport)
        else { return false }
        early[id] = EarlyDialog(dialog, hasOffer: !invite.body.isEmpty)
        return true
    }

    private mutating func acknowledge(
        _ response: SIPResponse, in branch: inout EarlyDialog, headers: SIPHeaders = .init(), body: [UInt8] = []
    ) -> [Action] {
        guard var prack = branch.acknowledge(response, headers: headers, body: body) else { return [] }
        digest.authorize(&prack)
        branch.prack = (prack, 0)
        return [.prack(prack, nextHop: branch.dialog.nextHop)]
    }

    /// A PRACK that was refused is no more this side's matter than one that was not answered: the peer refuses the
    /// INVITE (RFC 3262 §3). Only a challenge is answered.
    mutating func prackAnswered(_ response: SIPResponse) -> [Action] {
        guard response.status == 401 || response.status == 407, let id = DialogID(incoming: response),
            var branch = early[id], let prack = branch.prack, prack.request.cseq == response.cseq,
            prack.challenges < 2, digest.learn(from: response)
        else { return [] }
        let old = prack.request
        let kept = SIPHeaders(old.headers.fields.filter { [.rAck, .contentType].contains($0.name) })
        var again = branch.dialog.request(.prack, headers: kept, body: old.body)
        digest.authorize(&again)
        branch.prack = (again, prack.challenges + 1)
        early[id] = branch
        return [.prack(again, nextHop: branch.dialog.nextHop)]
    }

    /// The owner answers an offer of the peer's.
    mutating func answer(_ id: DialogID, _ type: MediaType, _ body: [UInt8]) -> [Action] {
        let headers = SIPHeaders([.init(.contentType, type.description)])
        if case .awaitsAnswer(let dialog)? = accepted[id] {
            return acknowledge(dialog, headers: headers, body: body)
        }
        guard case .calling = state, var branch = early[id], case .offered(let response) = branch.session else {
            return []
        }
        branch.session = .settled
        defer { early[id] = branch }
        return acknowledge(response, in: &branch, headers: headers, body: body)
    }

    // MARK: 2xx

    private mutating func succeed(
        _ response: SIPResponse, over transport: SIPTransport, at now: SIPInstant
    ) -> [Action] {
        if let id = DialogID(incoming: response), let known = accepted[id] {
            // The 2xx again: its ACK was lost, or waits for the answer.
            guard case .acknowledged(let ack, let nextHop) = known else { return [] }
            return [.acknowledge(ack, nextHop: nextHop)]
        }
        let until = now + settings.timers.giveUp
        switch state {
        case .calling:
            do throws(SIPSyntaxError) {
                return accept(try confirmed(response, over: transport), response, until: until)
            } catch {
                state = .settled(kept: nil, until: until)
                return hangUp(response, over: transport) + [.ended(.malformed(error))]
            }
        case .cancelling(let failure, _):
            // The 2xx and the CANCEL crossed (RFC 3261 §9.1).
            state = .settled(kept: nil, until: until)
            return hangUp(response, over: transport) + [.ended(failure)]
        case .settled:
            // Another branch of a fork was as quick (§13.2.2.4): one call is enough.
            return hangUp(response, over: transport)
        case .idle, .over:
            return []
        }
    }

    private mutating func accept(_ dialog: Dialog, _ response: SIPResponse, until: SIPInstant) -> [Action] {
        state = .settled(kept: dialog.id, until: until)
        let isOffered = invite.body.isEmpty && early[dialog.id]?.session ?? .open == .open
        early.removeAll()
        if isOffered {
            accepted[dialog.id] = .awaitsAnswer(dialog)
            return [.answered(dialog, response)]
        }
        return [.answered(dialog, response)] + acknowledge(dialog)
    }

    /// The dialog that a 2xx confirms or makes.
    private func confirmed(_ response: SIPResponse, over transport: SIPTransport) throws(SIPSyntaxError) -> Dialog {
        let dialog = try Dialog(from: invite, answeredBy: response, over: transport)
        guard let branch = early[dialog.id] else { return dialog }
        return Dialog(confirming: branch.dialog, as: dialog)
    }

    private mutating func hangUp(_ response: SIPResponse, over transport: SIPTransport) -> [Action] {
        var response = response
        // Even a peer that does not say where it is would go on ringing through its 2xx until it is told.
        if response.contact == nil { response.headers[.contact] = "<\(invite.uri)>" }
        guard var dialog = try? confirmed(response, over: transport) else { return [] }
        let acknowledgement = acknowledge(dialog)
        var bye = dialog.request(.bye)
        digest.authorize(&bye)
        return acknowledgement + [.hangUp(bye, nextHop: dialog.nextHop)]
    }

    private mutating func acknowledge(
        _ dialog: Dialog, headers: SIPHeaders = .init(), body: [UInt8] = []
    ) -> [Action] {
        var headers = headers
        // An ACK cannot be challenged: it has the credentials of its INVITE (§22.1).
        for field in invite.headers.fields where [.authorization, .proxyAuthorization].contains(field.name) {
            headers.add(field.name, field.value)
        }
        let ack = dialog.acknowledgement(of: invite.cseq, headers: headers, body: body)
        if accepted.count < settings.mostDialogs || accepted[dialog.id] != nil {
            accepted[dialog.id] = .acknowledged(ack, nextHop: dialog.nextHop)
        }
        return [.acknowledge(ack, nextHop: dialog.nextHop)]
    }

    // MARK: 300–699

    private mutating func refused(_ response: SIPResponse) -> [Action] {
        refusal = response
        early.removeAll()
        if [406, 415, 488, 606].contains(response.status), !otherOffers.isEmpty {
            invite.body = otherOffers.removeFirst()
            renumber()
            return send(to: .same)
        }
        switch response.status {
        case 300, 301, 302:
            redirections.add(response)
            return tryElsewhere(nextServer: false)
        case 401, 407:
            guard digest.learn(from: response) else { return tryElsewhere(nextServer: false) }
            renumber()
            return send(to: .same)
        case 422:
            guard lengthenSession(response) else { return tryElsewhere(nextServer: false) }
            renumber()
            return send(to: .same)
        case 503:
            return tryElsewhere(nextServer: true)
        case 600...:
            return end(.refused(response))
        default:
            return tryElsewhere(nextServer: false)
        }
    }

    /// Session Interval Too Small (RFC 4028 §7.3); false where the peer asks for nothing more.
    private mutating func lengthenSession(_ response: SIPResponse) -> Bool {
        guard let least = try? response.headers.minimumSessionInterval(),
            var session = try? invite.headers.sessionExpires(), session.interval < least
        else { return false }
        session.interval = least
        invite.headers[.sessionExpires] = session.description
        invite.headers[.minSE] = "\(least.components.seconds)"
        return true
    }
}
