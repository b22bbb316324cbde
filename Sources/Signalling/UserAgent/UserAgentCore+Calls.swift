import SIP

/// Calls from INVITE to BYE (RFC 3261 §12–15, RFC 3311, RFC 4028).
extension UserAgentCore {
    // MARK: Coming in

    mutating func invite(
        _ request: SIPRequest, _ id: ServerTransactionID, from username: String, trunk: TrunkSubject?, on flow: Flow,
        at now: SIPInstant
    ) {
        guard case .found(let replaced) = callToReplace(by: request, id, at: now) else { return }
        guard let room = replaced.flatMap({ calls[$0]?.point.room }) ?? request.uri.user, !room.isEmpty else {
            return refuse(request, id, 404, "No room is named", at: now)
        }
        guard case .accepted(let timer) = sessionTimer(for: request, id, at: now) else { return }
        let isSecure = request.uri.sip?.isSecure == true
        let contact = identity.contact(for: room, on: flow, isSecure: isSecure)
        let tag = transactions.newTag()
        let ringing = request.response(180, tag: tag, headers: identity.dialogHeaders(contact: contact))
        let dialog: Dialog
        do throws(SIPSyntaxError) {
            dialog = try Dialog(answering: request, with: ringing, over: flow.transport)
        } catch {
            return refuse(request, id, 400, error.reason, at: now)
        }
        let call = newCallID()
        let incoming = PointCall(
            id: call, username: username, room: room, displayName: request.from.displayName,
            userAgent: request.headers[.userAgent], transport: flow.transport, remoteHost: flow.remoteHost,
            remotePort: flow.remotePort, trunk: trunk)
        calls[call] = Call(
            point: incoming, invite: id, localTag: tag, contact: contact, dialog: dialog, flow: flow,
            phase: .entering(.init(transaction: id, request: request)),
            timer: timer.map { RunningSessionTimer($0, isRefresher: $0.refresher == .uas, at: now) },
            allows: PeerMethods(request.headers), replaces: replaced, isByInvitation: request.bearerToken != nil)
        callsByDialog[dialog.id] = call
        callsByInvite[id] = call
        if settings.rings { ring(ringing, to: request, id, of: call, at: now) }
        actions.append(.callArrived(incoming, offer: request.sessionDescription, flow: flow))
    }

    private enum Replacement {
        case found(CallID?)
        case refused
    }

    /// The call whose place a new one takes (RFC 3891 §3): a point hands its seat over to another.
    private mutating func callToReplace(
        by request: SIPRequest, _ id: ServerTransactionID, at now: SIPInstant
    ) -> Replacement {
        let reference: DialogReference?
        do throws(SIPSyntaxError) { reference = try request.headers.replaces() } catch {
            refuse(request, id, 400, error.reason, at: now)
            return .refused
        }
        guard let reference else { return .found(nil) }
        guard let call = callsByDialog[reference.receiverID], let phase = calls[call]?.phase else {
            refuse(request, id, 481, at: now)
            return .refused
        }
        // An invitation is good for one room.
        guard request.bearerToken == nil || calls[call]?.point.room == request.uri.user else {
            refuse(request, id, 403, at: now)
            return .refused
        }
        switch phase {
        case .answered, .up:
            guard !reference.isEarlyOnly else {
                refuse(request, id, 486, at: now)
                return .refused
            }
            return .found(call)
        case .leaving:
            refuse(request, id, 603, at: now)
            return .refused
        // A call that came in can be replaced only once it is answered.
        case .entering:
            refuse(request, id, 481, at: now)
            return .refused
        }
    }

    /// Mostly the answer is there before anybody could hear it ring, and a ringing would be one message more.
    private static var ringsAfter: Duration { .milliseconds(100) }

    /// Reliably, and at once, where the point asks for it (RFC 3262 §3).
    private mutating func ring(
        _ ringing: SIPResponse, to request: SIPRequest, _ id: ServerTransactionID, of call: CallID, at now: SIPInstant
    ) {
        guard request.headers.lists("100rel", in: .require) else {
            calls[call]?.ringsAt = now + Self.ringsAfter
            return settle(call)
        }
        let number = settings.random(3).reduce(UInt32(1)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let reliable = ReliableProvisional(ringing, number: number, at: now)
        calls[call]?.ringing = reliable
        respond(reliable.response, to: id, at: now)
        settle(call)
    }

    private mutating func prack(
        _ request: SIPRequest, _ id: ServerTransactionID, in call: CallID, at now: SIPInstant
    ) {
        guard calls[call]?.ringing?.acknowledge(request) == true else { return refuse(request, id, 481, at: now) }
        // The ringing carried no description, so there is nothing yet that a new offer could follow.
        guard request.body.isEmpty else { return refuse(request, id, 488, at: now) }
        respond(request.response(200, tag: calls[call]?.localTag), to: id, at: now)
        settle(call)
    }

    private enum TimerVerdict {
        case accepted(SessionTimer?)
        case refused
    }

    private mutating func sessionTimer(
        for request: SIPRequest, _ id: ServerTransactionID, at now: SIPInstant
    ) -> TimerVerdict {
        let asked: SessionTimer.Request
        do throws(SIPSyntaxError) {
            asked = try SessionTimer.Request(request)
        } catch {
            refuse(request, id, 400, error.reason, at: now)
            return .refused
        }
        let interval = UInt32(clamping: settings.sessionTimer.interval.components.seconds)
        let minimum = UInt32(clamping: settings.sessionTimer.minimum.components.seconds)
        switch SessionTimer.negotiate(asked, interval: interval, minimum: minimum) {
        case .none: return .accepted(nil)
        case .timer(let timer): return .accepted(timer)
        case .tooSmall(let minimum):
            var headers = SIPHeaders()
            headers[.minSE] = "\(minimum)"
            refuse(request, id, 422, headers: headers, at: now)
            return .refused
        }
    }

    /// Answers a call that arrived with 200 and the bridge's description; false when it is gone meanwhile.
    mutating func accept(_ id: CallID, description: [UInt8], at now: SIPInstant) -> Bool {
        guard let call = calls[id], case .entering(let pending) = call.phase else { return false }
        let response = success(to: pending.request, of: call, timer: call.timer?.timer, description: description)
        respond(response, to: pending.transaction, at: now)
        calls[id]?.dialog.confirm()
        calls[id]?.description = description
        if let replaced = call.replaces { hangUp(replaced, .localHangUp("replaced"), at: now) }
        calls[id]?.phase = .answered(
            .init(
                transaction: pending.transaction, waiting: AcceptedInvite(response, at: now),
                expectsAnswer: pending.request.sessionDescription == nil))
        settle(id)
        return true
    }

    /// Refuses a call that arrived.
    mutating func reject(_ id: CallID, _ code: UInt16, _ reason: String, at now: SIPInstant) {
        guard let call = calls[id], case .entering(let pending) = call.phase else { return }
        var headers = SIPHeaders()
        // What cannot be had now is asked for again, not at once (RFC 3261 §21.5.4).
        if code == 503 { headers[.retryAfter] = "\(max(1, settings.limits.retryAfter.components.seconds))" }
        refuse(pending.request, pending.transaction, code, reason, tag: call.localTag, headers: headers, at: now)
        forget(id)
    }

    private func success(
        to request: SIPRequest, of call: Call, timer: SessionTimer?, description: [UInt8]
    ) -> SIPResponse {
        var headers = identity.dialogHeaders(contact: call.contact)
        if let timer {
            headers[.sessionExpires] = timer.headerValue
            if timer.refresher == .uac { headers[.require] = "timer" }
        }
        if !description.isEmpty { headers[.contentType] = MediaType.sdp.description }
        return request.response(200, tag: call.localTag, headers: headers, body: description)
    }

    mutating func cancelled(_ id: ServerTransactionID, at now: SIPInstant) {
        if let call = callsByInvite[id], let entry = calls[call], case .entering(let pending) = entry.phase {
            refuse(pending.request, id, 487, tag: entry.localTag, at: now)
            end(call, .cancelled)
            return
        }
        for (call, entry) in calls {
            guard case .pending(let pending)? = entry.change, pending.transaction == id else { continue }
            refuse(pending.request, id, 487, at: now)
            calls[call]?.change = nil
        }
    }

    /// A response could not be sent: the peer's connection is gone.
    mutating func lost(_ id: ServerTransactionID) {
        guard let call = callsByInvite[id], let entry = calls[call] else { return }
        if case .entering = entry.phase { end(call, .connectionLost) }
    }

    // MARK: In the dialog

    mutating func handle(
        _ request: SIPRequest, _ id: ServerTransactionID, in call: CallID, on flow: Flow, at now: SIPInstant
    ) {
        guard let entry = calls[call] else { return refuse(request, id, 481, at: now) }
        // Whoever is at the other end of the call's own flow proved itself when the call began; from elsewhere again.
        if !entry.isPeer(flow) {
            guard let username = authenticate(request, id, on: flow, at: now) else { return }
            guard username == entry.point.username else { return refuse(request, id, 403, at: now) }
        }
        guard calls[call]?.dialog.receive(request) == .inOrder else {
            return refuse(request, id, 500, "Request out of order", at: now)
        }
        calls[call]?.flow = flow
        calls[call]?.isFlowGone = false
        switch request.method {
        case .message where entry.point.trunk != nil: trunkText(request, id, in: call, at: now)
        case .refer where entry.point.trunk != nil, .subscribe where entry.point.trunk != nil:
            refuse(request, id, 403, "Not by a trunk", at: now)
        case .bye: bye(request, id, in: call, at: now)
        case .invite, .update: change(request, id, in: call, at: now)
        case .info: info(request, id, in: call, at: now)
        case .prack: prack(request, id, in: call, at: now)
        case .refer where entry.isByInvitation: refuse(request, id, 403, "Not by an invitation", at: now)
        case .refer: refer(request, id, from: entry.point.username, in: call, on: flow, at: now)
        case .subscribe: subscribe(request, id, from: entry.point.username, in: call, on: flow, at: now)
        case .notify: notified(request, id, in: call, at: now)
        case .message: message(request, id, from: entry.point.username, to: entry.point.room, at: now)
        case .options:
            respond(
                identity.capabilities.answerToOptions(request, contact: entry.contact, tag: entry.localTag), to: id,
                at: now)
        default:
            refuse(request, id, 405, at: now)
        }
    }

    private mutating func bye(
        _ request: SIPRequest, _ id: ServerTransactionID, in call: CallID, at now: SIPInstant
    ) {
        guard let entry = calls[call] else { return }
        respond(request.response(200, tag: entry.localTag), to: id, at: now)
        if case .entering(let pending) = entry.phase {
            refuse(pending.request, pending.transaction, 487, tag: entry.localTag, at: now)
        }
        if case .pending(let pending)? = entry.change {
            refuse(pending.request, pending.transaction, 487, at: now)
        }
        if case .leaving = entry.phase { forget(call) } else { end(call, .remoteHangUp) }
    }

    private mutating func info(
        _ request: SIPRequest, _ id: ServerTransactionID, in call: CallID, at now: SIPInstant
    ) {
        let package = request.headers[.infoPackage]
        let isTrunks = package == InfoTrunk.package && calls[call]?.point.trunk != nil
        if let package, !isTrunks, !Identity.infoPackages.contains(package) {
            let known = Identity.infoPackages.joined(separator: ", ")
            return refuse(request, id, 469, headers: SIPHeaders([.init(.recvInfo, known)]), at: now)
        }
        respond(request.response(200, tag: calls[call]?.localTag), to: id, at: now)
        if isTrunks {
            if let text = InfoTrunk.text(in: request) { actions.append(.trunkOrdered(call, text)) }
            return
        }
        guard let type = request.contentType else { return }
        let body = String(decoding: request.body.prefix(4_096), as: UTF8.self)
        // RFC 5168 §6.
        if package == InfoHand.package {
            if let isRaised = InfoHand.isRaised(in: body) { actions.append(.hand(call, isRaised: isRaised)) }
        } else if package == InfoLayout.package {
            if let name = InfoLayout.name(in: body) { actions.append(.layout(call, name)) }
        } else if package == InfoPanes.package {
            if let wish = InfoPanes.wish(in: body) { actions.append(.panes(call, wish)) }
        } else if type.isSame(as: .mediaControl), body.contains("picture_fast_update") {
            actions.append(.keyframeRequested(call))
        } else if let digit = InfoDigit.digit(in: body, type) {
            actions.append(.digit(call, digit))
        }
    }

    /// A re-INVITE or UPDATE.
    private mutating func change(
        _ request: SIPRequest, _ id: ServerTransactionID, in call: CallID, at now: SIPInstant
    ) {
        guard let entry = calls[call] else { return }
        let isUpdate = request.method == .update
        if case .up = entry.phase {} else { return refuse(request, id, 491, at: now) }
        guard entry.change == nil else { return refuse(request, id, 491, at: now) }
        guard case .accepted(let timer) = sessionTimer(for: request, id, at: now) else { return }
        if let timer { calls[call]?.timer = RunningSessionTimer(timer, isRefresher: timer.refresher == .uas, at: now) }
        if isUpdate && request.body.isEmpty {
            guard let entry = calls[call] else { return }
            respond(success(to: request, of: entry, timer: timer, description: []), to: id, at: now)
        } else {
            calls[call]?.change = .pending(.init(transaction: id, request: request))
            actions.append(.changeArrived(call, offer: request.sessionDescription))
        }
        settle(call)
    }

    /// Answers a re-INVITE or UPDATE with the bridge's description.
    mutating func answerChange(_ id: CallID, description: [UInt8], at now: SIPInstant) {
        guard let call = calls[id], case .pending(let pending)? = call.change else { return }
        let response = success(to: pending.request, of: call, timer: call.timer?.timer, description: description)
        respond(response, to: pending.transaction, at: now)
        if !description.isEmpty { calls[id]?.description = description }
        calls[id]?.change =
            pending.request.method == .invite
            ? .answered(
                .init(
                    transaction: pending.transaction, waiting: AcceptedInvite(response, at: now),
                    expectsAnswer: pending.request.sessionDescription == nil)) : nil
        settle(id)
    }

    mutating func refuseChange(_ id: CallID, _ code: UInt16, _ reason: String, at now: SIPInstant) {
        guard let call = calls[id], case .pending(let pending)? = call.change else { return }
        refuse(pending.request, pending.transaction, code, reason, at: now)
        calls[id]?.change = nil
    }

    mutating func acknowledged(_ ack: SIPRequest, on flow: Flow, at now: SIPInstant) {
        guard let dialog = DialogID(incoming: ack), let id = callsByDialog[dialog], let call = calls[id] else { return }
        if case .answered(var answered) = call.phase, !answered.waiting.handle(.ack(ack), at: now).isEmpty {
            calls[id]?.phase = .up
            actions.append(.callAcknowledged(id, answer: answered.expectsAnswer ? ack.sessionDescription ?? [] : nil))
            sendHeldInformation(to: id, at: now)
            if let reason = answered.hangUp { sayBye(id, reason, at: now) } else { relayHeldMessages(to: id, at: now) }
        } else if case .answered(var answered)? = call.change, !answered.waiting.handle(.ack(ack), at: now).isEmpty {
            calls[id]?.change = nil
            if answered.expectsAnswer { actions.append(.changeAnswered(id, answer: ack.sessionDescription ?? [])) }
        }
        settle(id)
    }

    // MARK: Going out

    /// Ends a call from the bridge's side, as its phase allows.
    mutating func hangUp(_ id: CallID, _ reason: CallEndReason, at now: SIPInstant) {
        guard let call = calls[id] else { return stopDialling(id, reason, at: now) }
        switch call.phase {
        case .entering(let pending):
            if case .refused(let code, let text) = reason {
                refuse(pending.request, pending.transaction, code, text, tag: call.localTag, at: now)
            } else {
                refuse(pending.request, pending.transaction, 480, "\(reason)", tag: call.localTag, at: now)
            }
            end(id, reason)
        case .answered(var answered):
            guard answered.hangUp == nil else { return }
            answered.hangUp = reason
            calls[id]?.phase = .answered(answered)
            actions.append(.callEnded(id, reason))
        case .up:
            actions.append(.callEnded(id, reason))
            sayBye(id, reason, at: now)
        case .leaving:
            break
        }
    }

    private mutating func sayBye(_ id: CallID, _ reason: CallEndReason, at now: SIPInstant) {
        var headers = SIPHeaders()
        headers[.reason] = SIPReason(cause: 200, text: "\(reason)").description
        send(.bye, headers, of: id, for: .hangUp(id), at: now)
        calls[id]?.phase = .leaving
        settle(id)
    }

    mutating func send(
        _ method: SIPMethod, _ headers: SIPHeaders, body: [UInt8] = [], of id: CallID, for own: OwnRequest,
        at now: SIPInstant
    ) {
        guard let request = calls[id]?.dialog.request(method, headers: headers, body: body) else { return }
        put(request, of: id, for: own, at: now)
    }

    /// Sends a request in a call's dialog, over another connection where that of the call is gone (RFC 3261 §18.4).
    mutating func put(_ request: SIPRequest, of id: CallID, for own: OwnRequest, at now: SIPInstant) {
        guard let call = calls[id] else { return }
        guard !call.isFlowGone else {
            stranded[id, default: []].append(Stranded(request: request, own: own))
            return actions.append(.findWay(.dialog(id), to: call.dialog.nextHop))
        }
        do throws(TransactionError) {
            let sent = try transactions.send(request, on: call.flow, sentBy: identity.sentBy(on: call.flow), at: now)
            requests[sent.id] = own
            carry(sent.actions, at: now)
        } catch {
            log(.warning, of: id, "\(id): \(request.method) could not be sent: \(error)")
            failed(own, at: now)
        }
    }

    /// A response to a request of the bridge's.
    mutating func answered(
        _ id: ClientTransactionID, _ response: SIPResponse, on flow: Flow, at now: SIPInstant
    ) {
        guard let own = requests[id] else { return }
        switch own {
        case .invite(let call, let branch): return inviteAnswered(response, call, branch, on: flow, at: now)
        case .reinvite(let call), .reoffer(let call): return reinviteAnswered(response, id, call, own, at: now)
        default: break
        }
        guard response.isFinal else { return }
        requests[id] = nil
        switch own {
        case .hangUp(let call): forget(call)
        case .refresh(let call):
            if response.isSuccess {
                calls[call]?.dialog.receive(response)
            } else if response.status == 481 || response.status == 408 {
                end(call, .sessionExpired)
            }
        case .prack(let call, let branch): advance(call, branch, .prackResponse(response), at: now)
        case .refer(let call): advanceTransfer(of: call, .response(response), at: now)
        case .notify(let number): advance(number, .response(response), at: now)
        case .message(let call): calls[call]?.messagesUnderWay -= 1
        case .invite, .reinvite, .reoffer, .farewell: break
        }
    }

    /// A request of the bridge's came to nothing.
    mutating func unanswered(_ id: ClientTransactionID, at now: SIPInstant) {
        guard let own = requests.removeValue(forKey: id) else { return }
        failed(own, at: now)
    }

    mutating func failed(_ own: OwnRequest, at now: SIPInstant) {
        switch own {
        case .hangUp(let call): forget(call)
        case .refresh(let call), .reinvite(let call), .reoffer(let call): end(call, .sessionExpired)
        case .invite(let call, let branch):
            dialling[call]?.branches[branch].transaction = nil
            advance(call, branch, .unanswered, at: now)
            conclude(call)
        case .refer(let call): advanceTransfer(of: call, .unanswered, at: now)
        case .notify(let number): advance(number, .unanswered, at: now)
        case .message(let call): calls[call]?.messagesUnderWay -= 1
        case .prack, .farewell: break
        }
    }

    /// The same description again: nothing is settled anew by the answer (RFC 4028 §7.4).
    private mutating func reinvite(_ id: CallID, _ headers: SIPHeaders, at now: SIPInstant) {
        guard let call = calls[id], call.change == nil else { return }
        var headers = headers
        headers[.allow] = identity.capabilities.allow
        headers[.contentType] = MediaType.sdp.description
        send(.invite, headers, body: call.description, of: id, for: .reinvite(id), at: now)
    }

    /// Each 2xx is acknowledged, the repeated ones too; the transaction is known until the next refresh or the end.
    private mutating func reinviteAnswered(
        _ response: SIPResponse, _ transaction: ClientTransactionID, _ id: CallID, _ own: OwnRequest, at now: SIPInstant
    ) {
        guard response.isFinal, let call = calls[id] else { return }
        if let old = call.reinvited, old != transaction { requests[old] = nil }
        calls[id]?.reinvited = transaction
        if response.isSuccess {
            calls[id]?.dialog.receive(response)
            let ack = call.dialog.acknowledgement(of: response.cseq)
            carry([transactions.acknowledge(ack, on: call.flow, sentBy: identity.sentBy(on: call.flow))], at: now)
            if own == .reoffer(id) { actions.append(.changeAnswered(id, answer: response.sessionDescription ?? [])) }
        } else if own == .reoffer(id) {
            hangUp(id, .localHangUp("the other bridge does not take the change: \(response.status)"), at: now)
        } else if response.status == 481 || response.status == 408 {
            end(id, .sessionExpired)
        } else if response.status == 491 {
            // Both began at once (RFC 3261 §14.1).
            let jitter = settings.random(1).first.map(Int64.init) ?? 0
            calls[id]?.timer?.due = now + .milliseconds(2_100 + jitter * 7)
            settle(id)
        }
    }

    mutating func callIsDue(_ id: CallID, at now: SIPInstant) {
        diallingIsDue(id, at: now)
        guard let call = calls[id] else { return }
        if case .answered(var answered) = call.phase, (answered.waiting.deadline.map { $0 <= now } ?? false) {
            let wanted = answered.waiting.handle(.timer, at: now)
            calls[id]?.phase = .answered(answered)
            for action in wanted {
                if case .send(let response) = action { respond(response, to: answered.transaction, at: now) }
                if case .timedOut = action {
                    if answered.hangUp == nil { actions.append(.callEnded(id, .notAcknowledged)) }
                    return sayBye(id, .notAcknowledged, at: now)
                }
            }
        }
        if case .entering(let pending) = call.phase { ringingIsDue(id, pending, at: now) }
        if case .answered(var answered)? = call.change, (answered.waiting.deadline.map { $0 <= now } ?? false) {
            let wanted = answered.waiting.handle(.timer, at: now)
            calls[id]?.change = .answered(answered)
            for action in wanted {
                if case .send(let response) = action { respond(response, to: answered.transaction, at: now) }
                if case .timedOut = action {
                    calls[id]?.change = nil
                    return hangUp(id, .notAcknowledged, at: now)
                }
            }
        }
        if let due = call.transfer?.deadline, due <= now { advanceTransfer(of: id, .timer, at: now) }
        if let timer = calls[id]?.timer, timer.due <= now { sessionIsDue(id, timer, at: now) }
    }

    private mutating func ringingIsDue(_ id: CallID, _ pending: Call.Pending, at now: SIPInstant) {
        if let call = calls[id], let ringsAt = call.ringsAt, ringsAt <= now {
            calls[id]?.ringsAt = nil
            let headers = identity.dialogHeaders(contact: call.contact)
            respond(
                pending.request.response(180, tag: call.localTag, headers: headers), to: pending.transaction, at: now)
        }
        for action in calls[id]?.ringing?.advance(to: now) ?? [] {
            switch action {
            case .send(let response): respond(response, to: pending.transaction, at: now)
            case .timedOut:
                refuse(pending.request, pending.transaction, 504, "No PRACK came", tag: calls[id]?.localTag, at: now)
                return end(id, .notAcknowledged)
            }
        }
    }

    private mutating func sessionIsDue(_ id: CallID, _ timer: RunningSessionTimer, at now: SIPInstant) {
        guard let call = calls[id], case .up = call.phase else {
            calls[id]?.timer = nil
            return
        }
        guard timer.isRefresher else {
            log(.notice, of: id, "\(id): the session was not refreshed in time")
            return hangUp(id, .sessionExpired, at: now)
        }
        calls[id]?.timer?.due = now + timer.timer.refresh
        var headers = SIPHeaders()
        headers[.contact] = call.contact.description
        headers[.supported] = identity.capabilities.supported
        headers[.sessionExpires] =
            SessionExpires(interval: .seconds(Int64(timer.timer.interval)), refresher: .uac).description
        guard call.allows.update else { return reinvite(id, headers, at: now) }
        send(.update, headers, of: id, for: .refresh(id), at: now)
    }

    // MARK: Forgetting

    /// A call is over, and the rest of the daemon is told.
    mutating func end(_ id: CallID, _ reason: CallEndReason) {
        guard let call = calls[id] else { return }
        let wasTold: Bool
        switch call.phase {
        case .leaving: wasTold = true
        case .answered(let answered): wasTold = answered.hangUp != nil
        case .entering, .up: wasTold = false
        }
        forget(id)
        if !wasTold { actions.append(.callEnded(id, reason)) }
    }

    private mutating func forget(_ id: CallID) {
        guard let call = calls.removeValue(forKey: id) else { return }
        callsByDialog[call.dialog.id] = nil
        if let reinvited = call.reinvited { requests[reinvited] = nil }
        for number in subscribers(in: id) { forget(number) }
        if stranded.removeValue(forKey: id) != nil { actions.append(.forgetWay(.dialog(id))) }
        if let invite = call.invite { callsByInvite[invite] = nil }
        settle(id)
    }
}
