import ConferenceInfo
import SIP

/// SUBSCRIBE to a room's conference, and the NOTIFYs of every subscription (RFC 6665, RFC 4575).
extension UserAgentCore {
    static let subscriptionPolicy = SubscriptionPolicy(packages: [
        .init("conference", contentTypes: [.conferenceInfo])
    ])

    // MARK: SUBSCRIBE

    /// - Parameter call: in whose dialog it came; nil outside of any.
    mutating func subscribe(
        _ request: SIPRequest, _ id: ServerTransactionID, from username: String, in call: CallID?, on flow: Flow,
        at now: SIPInstant
    ) {
        let terms: SubscriptionPolicy.Terms
        switch Self.subscriptionPolicy.examine(request, tag: transactions.newTag()) {
        case .refuse(let response): return respond(response, to: id, at: now)
        case .accept(let accepted): terms = accepted
        }
        if let call,
            let known = subscribers(in: call).first(where: { subscribers[$0]?.event.matches(terms.event) == true })
        {
            return refresh(known, terms, request, id, at: now)
        }
        guard let room = call.flatMap({ calls[$0]?.point.room }) ?? request.uri.user, !room.isEmpty else {
            return refuse(request, id, 404, "No room is named", at: now)
        }
        guard let place = place(of: request, id, 200, expires: terms.duration, in: call, room, on: flow, at: now) else {
            return
        }
        let number = newSubscriptionID()
        subscribers[number] = Subscriber(
            place: place, topic: .conference(room: room, known: nil), stage: .asking(terms))
        actions.append(.watchAsked(number, room: room, by: username))
    }

    /// A SUBSCRIBE in a dialog that another made; false where it is of no such dialog.
    mutating func resubscribe(
        _ request: SIPRequest, _ id: ServerTransactionID, in dialog: DialogID, on flow: Flow, at now: SIPInstant
    ) -> Bool {
        let found = subscribers.first { entry in
            if case .own(let own, _) = entry.value.place { own.id == dialog } else { false }
        }
        guard let (number, entry) = found, case .own(var own, let former) = entry.place else { return false }
        guard flow == former || authenticate(request, id, on: flow, at: now) != nil else { return true }
        guard request.method == .subscribe else {
            refuse(request, id, 481, at: now)
            return true
        }
        guard own.receive(request) == .inOrder else {
            refuse(request, id, 500, "Request out of order", at: now)
            return true
        }
        subscribers[number]?.place = .own(own, flow)
        switch Self.subscriptionPolicy.examine(request, tag: transactions.newTag()) {
        case .refuse(let response): respond(response, to: id, at: now)
        case .accept(let terms): refresh(number, terms, request, id, at: now)
        }
        return true
    }

    private mutating func refresh(
        _ number: SubscriptionID, _ terms: SubscriptionPolicy.Terms, _ request: SIPRequest, _ id: ServerTransactionID,
        at now: SIPInstant
    ) {
        var headers = SIPHeaders()
        headers[.expires] = "\(terms.duration.wholeSeconds)"
        respond(request.response(200, tag: nil, headers: headers), to: id, at: now)
        advance(number, .refresh(terms), at: now)
    }

    /// Accepts a request that makes a subscription.
    /// - Returns: where its NOTIFYs go; nil where the request was refused.
    mutating func place(
        of request: SIPRequest, _ id: ServerTransactionID, _ status: UInt16, expires: Duration?, in call: CallID?,
        _ room: String, on flow: Flow, extra: SIPHeaders = .init(), at now: SIPInstant
    ) -> Subscriber.Place? {
        guard subscribers.count < settings.limits.subscriptions else {
            refuse(request, id, 503, "Too many subscriptions", at: now)
            return nil
        }
        let contact = identity.contact(for: room, on: flow, isSecure: request.uri.sip?.isSecure == true)
        var headers = identity.dialogHeaders(contact: contact)
        headers.append(contentsOf: extra)
        if let expires { headers[.expires] = "\(expires.wholeSeconds)" }
        let tag = call.flatMap { calls[$0]?.localTag } ?? transactions.newTag()
        let response = request.response(status, tag: tag, headers: headers)
        let place: Subscriber.Place
        if let call {
            place = .call(call)
        } else {
            do throws(SIPSyntaxError) {
                var dialog = try Dialog(answering: request, with: response, over: flow.transport)
                dialog.confirm()
                place = .own(dialog, flow)
            } catch {
                refuse(request, id, 400, error.reason, at: now)
                return nil
            }
        }
        respond(response, to: id, at: now)
        return place
    }

    // MARK: What is told

    /// The daemon decided whether a subscriber may know of a conference, and how that stands.
    mutating func answerWatch(_ number: SubscriptionID, _ info: ConferenceInfo?, at now: SIPInstant) {
        guard let entry = subscribers[number], case .asking(let terms) = entry.stage, let room = entry.room else {
            return
        }
        var subscription = Subscription(terms, isPending: info == nil, at: now)
        if let info {
            conferences[room] = info
            let wanted = subscription.start(at: now)
            subscribers[number]?.stage = .running(subscription)
            perform(wanted, of: number, at: now)
        } else {
            subscribers[number]?.stage = .running(subscription)
            advance(number, .terminate(.rejected), at: now)
        }
        settle(number)
    }

    /// A conference that somebody watches has changed.
    mutating func publish(_ info: ConferenceInfo, of room: String, at now: SIPInstant) {
        guard conferences[room] != info else { return }
        conferences[room] = info
        for (number, entry) in subscribers where entry.room == room { advance(number, .change, at: now) }
    }

    mutating func advance(_ number: SubscriptionID, _ event: Subscription.Event, at now: SIPInstant) {
        guard case .running(var subscription)? = subscribers[number]?.stage else { return }
        let wanted = subscription.handle(event, at: now)
        subscribers[number]?.stage = .running(subscription)
        perform(wanted, of: number, at: now)
        settle(number)
    }

    mutating func perform(_ wanted: [Subscription.Action], of number: SubscriptionID, at now: SIPInstant) {
        for action in wanted {
            switch action {
            case .notify(let notice): notify(notice, number, at: now)
            case .ended: forget(number)
            }
        }
    }

    private mutating func notify(_ notice: Subscription.Notice, _ number: SubscriptionID, at now: SIPInstant) {
        guard let entry = subscribers[number] else { return }
        var headers = notice.headers
        headers[.userAgent] = identity.product
        let body = body(of: notice, number)
        if !body.isEmpty { headers[.contentType] = notice.contentType.description }
        switch entry.place {
        case .call(let call):
            headers[.contact] = calls[call]?.contact.description
            send(.notify, headers, body: body, of: call, for: .notify(number), at: now)
        case .own(var dialog, let flow):
            headers[.contact] =
                identity.contact(for: entry.room ?? "causeway", on: flow, isSecure: dialog.isSecure).description
            let request = dialog.request(.notify, headers: headers, body: body)
            subscribers[number]?.place = .own(dialog, flow)
            do throws(TransactionError) {
                let sent = try transactions.send(request, on: flow, sentBy: identity.sentBy(on: flow), at: now)
                requests[sent.id] = .notify(number)
                carry(sent.actions, at: now)
            } catch {
                log(.warning, "\(flow): NOTIFY could not be sent: \(error)")
                forget(number)
            }
        }
    }

    private mutating func body(of notice: Subscription.Notice, _ number: SubscriptionID) -> [UInt8] {
        guard notice.content != .none, let topic = subscribers[number]?.topic else { return [] }
        switch topic {
        case .referral(let fragment): return fragment.body
        case .conference(let room, let known):
            guard let info = conferences[room] else { return [] }
            subscribers[number]?.topic = .conference(room: room, known: info)
            let update =
                notice.content == .changes ? known.flatMap { ConferenceInfoDocument.update(from: $0, to: info) } : nil
            return (update ?? ConferenceInfoDocument.full(info)).octets(version: notice.version)
        }
    }

    // MARK: Their end

    func subscribers(in call: CallID) -> [SubscriptionID] {
        subscribers.compactMap { number, entry in
            if case .call(call) = entry.place { number } else { nil }
        }
    }

    mutating func subscriptionIsDue(_ number: SubscriptionID, at now: SIPInstant) { advance(number, .timer, at: now) }

    mutating func settle(_ number: SubscriptionID) { notices.set(number, subscribers[number]?.deadline) }

    /// Whose connection is gone subscribes anew when it comes back.
    mutating func subscribersLost(_ flow: Flow) {
        for (number, entry) in subscribers {
            if case .own(_, flow) = entry.place { forget(number) }
        }
    }

    mutating func forget(_ number: SubscriptionID) {
        let room = subscribers.removeValue(forKey: number)?.room
        notices.set(number, nil)
        guard let room, !subscribers.values.contains(where: { $0.room == room }) else { return }
        conferences[room] = nil
        actions.append(.unwatched(room: room))
    }
}

extension MediaType {
    static let conferenceInfo = MediaType(type: "application", subtype: "conference-info+xml")
}
