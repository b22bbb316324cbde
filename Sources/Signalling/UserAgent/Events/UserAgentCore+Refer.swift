import SIP

/// REFER both ways (RFC 3515, RFC 3892, RFC 4488): points that ask for a call, and points that the bridge sends to
/// another room.
extension UserAgentCore {
    /// How long what a point asked for may take.
    private static var referralTime: Duration { .seconds(180) }

    // MARK: Coming in

    /// - Parameter call: in whose dialog it came; nil outside of any.
    mutating func refer(
        _ request: SIPRequest, _ id: ServerTransactionID, from username: String, in call: CallID?, on flow: Flow,
        at now: SIPInstant
    ) {
        let asked: ReferTo?
        let wantsToKnow: Bool
        do throws(SIPSyntaxError) {
            asked = try request.headers.referTo()
            wantsToKnow = try request.headers.wantsReferSubscription()
        } catch {
            return refuse(request, id, 400, error.reason, at: now)
        }
        guard let asked else { return refuse(request, id, 400, "Refer-To is missing", at: now) }
        guard asked.method == .invite || asked.method == .bye, asked.replaces == nil else {
            return refuse(request, id, 403, "Only calls to rooms and points are made, and ended", at: now)
        }
        let deed: Referral.Deed = asked.method == .bye ? .removal : .call
        // An edge in front has another name: the one by which the point knows this bridge.
        guard let target = asked.target.uri.sip, let user = target.user, !user.isEmpty,
            identity.isOwn(target.host, domain: settings.domain) || target.host == request.to.uri.host
        else { return refuse(request, id, 403, "Only rooms and points of this bridge are called", at: now) }
        guard let room = call.flatMap({ calls[$0]?.point.room }) ?? request.uri.user, !room.isEmpty else {
            return refuse(request, id, 404, "No room is named", at: now)
        }
        guard wantsToKnow else {
            var headers = identity.dialogHeaders(contact: identity.contact(for: room, on: flow, isSecure: false))
            headers[.referSub] = "false"
            let tag = call.flatMap { calls[$0]?.localTag } ?? transactions.newTag()
            respond(request.response(202, tag: tag, headers: headers), to: id, at: now)
            return actions.append(
                .referred(
                    Referral(
                        deed: deed, id: .init(subscription: nil), username: username, room: room, target: user)))
        }
        guard let place = place(of: request, id, 202, expires: nil, in: call, room, on: flow, at: now) else { return }
        let number = newSubscriptionID()
        let isFirst = call.map { call in
            !subscribers(in: call).contains { subscribers[$0]?.event.package == "refer" }
        }
        var subscription = Subscription(
            implicitFor: request, isFirst: isFirst ?? true, duration: Self.referralTime, at: now)
        let wanted = subscription.start(at: now)
        subscribers[number] = Subscriber(
            place: place, topic: .referral(SIPFragment(status: 100)), stage: .running(subscription))
        perform(wanted, of: number, at: now)
        settle(number)
        actions.append(
            .referred(
                Referral(deed: deed, id: .init(subscription: number), username: username, room: room, target: user)))
    }

    /// How far what a point asked for has come; a final status is the last word.
    mutating func tell(_ referral: Referral.ID, status: UInt16, at now: SIPInstant) {
        guard let number = referral.subscription, subscribers[number] != nil else { return }
        let fragment = SIPFragment(status: status)
        subscribers[number]?.topic = .referral(fragment)
        advance(number, fragment.isFinal ? .terminate(.noresource) : .change, at: now)
    }

    // MARK: Going out

    /// Asks a point to call another room in place of the one that it is in.
    mutating func transfer(_ id: CallID, to room: String, at now: SIPInstant) {
        guard let call = calls[id], case .up = call.phase, call.transfer == nil, call.allows.refer else {
            return actions.append(.transferEnded(id, status: 405))
        }
        var headers = SIPHeaders()
        headers[.referTo] = ReferTo(NameAddress(address(of: room, for: call))).headerValue
        headers[.referredBy] = "<\(SIPURI(user: call.point.room, host: settings.domain))>"
        headers[.contact] = call.contact.description
        guard let request = calls[id]?.dialog.request(.refer, headers: headers) else { return }
        calls[id]?.transfer = OutgoingRefer(request)
        put(request, of: id, for: .refer(id), at: now)
        settle(id)
    }

    /// Where a point of a call reaches another room: as it reached this one, or where it was called from.
    private func address(of room: String, for call: Call) -> URI {
        let known = call.point.direction == .incoming ? call.dialog.local.uri : call.contact.uri
        guard case .sip(var uri) = known else { return .sip(SIPURI(user: room, host: settings.domain)) }
        uri.user = room
        uri.headers = nil
        return .sip(uri)
    }

    /// A NOTIFY in a call's dialog.
    mutating func notified(_ request: SIPRequest, _ id: ServerTransactionID, in call: CallID, at now: SIPInstant) {
        guard calls[call]?.transfer?.claims(request) == true else { return refuse(request, id, 481, at: now) }
        advanceTransfer(of: call, .notify(request), answering: id, at: now)
    }

    mutating func advanceTransfer(
        of call: CallID, _ event: OutgoingRefer.Event, answering id: ServerTransactionID? = nil, at now: SIPInstant
    ) {
        for action in calls[call]?.transfer?.handle(event, at: now) ?? [] {
            switch action {
            case .answer(let response): if let id { respond(response, to: id, at: now) }
            case .progress: break
            case .ended(let outcome):
                calls[call]?.transfer = nil
                let status: UInt16 =
                    switch outcome {
                    case .finished(let fragment): fragment.status
                    case .refused(let response): response.status
                    case .untold: 202
                    case .unanswered: 408
                    }
                actions.append(.transferEnded(call, status: status))
            }
        }
        settle(call)
    }
}
