extension TransactionLayer {
    /// Sends a response in a server transaction. Nothing happens if the transaction is gone, or has had its final
    /// response.
    public mutating func respond(
        _ response: SIPResponse, to id: ServerTransactionID, at now: SIPInstant
    ) -> [TransactionAction] {
        guard let place = servers.index(forKey: id) else { return [] }
        if let tag = response.to.tag { servers.values[place].tag = tag }
        if response.status >= 300 { forgetMerge(of: id, at: place) }
        let octets = response.serialized()
        return drive(
            id, at: place, { $0.handle(.respond(response.status, octets), at: now) },
            { $0.handle(.respond(response.status, octets), at: now) })
    }

    /// An INVITE that has had no final response: it may still be answered or cancelled.
    public func isPending(_ id: ServerTransactionID) -> Bool {
        if case .invite(let machine)? = servers[id]?.machine { machine.isProceeding } else { false }
    }

    /// Whether a request would open a transaction: it repeats none, and is no ACK.
    public func opensTransaction(_ request: SIPRequest, on flow: Flow) -> Bool {
        request.method != .ack && serverKeys[ServerTransactionKey(request, on: flow)] == nil
    }

    /// Whether there is an INVITE that a CANCEL means.
    public func hasTarget(of cancel: SIPRequest, on flow: Flow) -> Bool {
        serverKeys[ServerTransactionKey(cancel, on: flow, method: .invite)] != nil
    }

    /// Answers a request, instead of `receive`, without keeping anything of it (RFC 3261 §8.2.7).
    /// - Parameter response: to the request as it is given, stamped with where it came from.
    public func answerWithoutState(
        _ request: SIPRequest, on flow: Flow, _ response: (SIPRequest) -> SIPResponse
    ) -> TransactionAction {
        var request = request
        ResponseRoute.stamp(&request, from: flow)
        let route = ResponseRoute.flow(for: request.vias.first, receivedOn: flow)
        return .send(response(request).serialized(), on: route)
    }

    mutating func receive(
        _ incoming: SIPRequest, on flow: Flow, at now: SIPInstant
    ) -> [TransactionAction] {
        let key = ServerTransactionKey(incoming, on: flow)
        if let id = serverKeys[key] { return received(again: incoming, id, flow, at: now) }
        var request = incoming
        ResponseRoute.stamp(&request, from: flow)
        guard request.method != .ack else { return [.report(.ack(request, flow))] }
        let route = ResponseRoute.flow(for: request.vias.first, receivedOn: flow)
        // A quarter more for what ends calls, so that a full layer can still empty itself.
        let spare = request.isInDialog || request.method == .cancel ? configuration.maximumServerTransactions / 4 : 0
        guard servers.count < configuration.maximumServerTransactions + spare else {
            var refusal = request.response(503, reason: "Too many transactions", tag: newTag())
            refusal.headers[.retryAfter] = String(max(1, configuration.retryAfter.components.seconds))
            return [
                .send(refusal.serialized(), on: route), .report(.discarded(reason: "503 Too many transactions", flow)),
            ]
        }
        let mergeKey = MergeKey(request)
        if let mergeKey, mergeKeys[mergeKey] != nil, request.method != .cancel {
            let refusal = request.response(482, tag: newTag())
            return [.send(refusal.serialized(), on: route), .report(.discarded(reason: "482 Merged request", flow))]
        }
        let id = open(request, key, mergeKey, flow, route, at: now)
        guard request.method == .cancel else { return [.report(.request(id, request, flow))] }
        return cancel(request, id, on: flow, at: now)
    }

    private mutating func open(
        _ request: SIPRequest, _ key: ServerTransactionKey, _ mergeKey: MergeKey?, _ flow: Flow, _ route: Flow,
        at now: SIPInstant
    ) -> ServerTransactionID {
        let id = ServerTransactionID(rawValue: nextID())
        let isReliable = flow.transport.isReliable
        let machine: ServerEntry.Machine
        if request.method == .invite {
            machine = .invite(
                InviteServerTransaction(
                    trying: request.response(100, tag: nil).serialized(), isReliable: isReliable,
                    timers: configuration.timers, at: now))
        } else {
            machine = .other(ServerTransaction(isReliable: isReliable, timers: configuration.timers, at: now))
        }
        let entry = ServerEntry(machine: machine, key: key, mergeKey: mergeKey, flow: flow, route: route)
        servers[id] = entry
        for way in [flow, route] { openOnFlow[way, default: 0] += 1 }
        serverKeys[key] = id
        if let mergeKey, request.method != .cancel { mergeKeys[mergeKey] = id }
        deadlines.set(.server(id), entry.deadline)
        return id
    }

    private mutating func received(
        again request: SIPRequest, _ id: ServerTransactionID, _ flow: Flow, at now: SIPInstant
    ) -> [TransactionAction] {
        let isAck = request.method == .ack
        return drive(
            id, { $0.handle(isAck ? .acknowledgement : .retransmission, at: now) },
            { $0.handle(.retransmission, at: now) }, acknowledgement: isAck ? (request, flow) : nil)
    }

    /// Answers a CANCEL, and reports it if there is still something to cancel (RFC 3261 §9.2).
    private mutating func cancel(
        _ request: SIPRequest, _ id: ServerTransactionID, on flow: Flow, at now: SIPInstant
    ) -> [TransactionAction] {
        let invite = ServerTransactionKey(request, on: flow, method: .invite)
        guard let target = serverKeys[invite] else {
            return respond(request.response(481, tag: newTag()), to: id, at: now)
        }
        let tag = servers[target]?.tag ?? newTag()
        let answer = respond(request.response(200, tag: tag), to: id, at: now)
        return isPending(target) ? answer + [.report(.cancel(of: target, request))] : answer
    }

    // MARK: Driving

    /// Runs one step of a transaction, translates what it wants, and forgets it when it has ended.
    mutating func drive(
        _ id: ServerTransactionID, _ invite: (inout InviteServerTransaction) -> [InviteServerTransaction.Action],
        _ other: (inout ServerTransaction) -> [ServerTransaction.Action],
        acknowledgement: (SIPRequest, Flow)? = nil
    ) -> [TransactionAction] {
        guard let place = servers.index(forKey: id) else { return [] }
        return drive(id, at: place, invite, other, acknowledgement: acknowledgement)
    }

    /// Entries are big, and are changed where they lie.
    private mutating func drive(
        _ id: ServerTransactionID, at place: Servers.Index,
        _ invite: (inout InviteServerTransaction) -> [InviteServerTransaction.Action],
        _ other: (inout ServerTransaction) -> [ServerTransaction.Action],
        acknowledgement: (SIPRequest, Flow)? = nil
    ) -> [TransactionAction] {
        let (actions, due, isOver) = servers.values[place].step(id, invite, other, acknowledgement)
        deadlines.set(.server(id), due)
        if isOver {
            forgetMerge(of: id, at: place)
            let gone = servers.remove(at: place).value
            serverKeys[gone.key] = nil
            for way in [gone.flow, gone.route] {
                let left = (openOnFlow[way] ?? 1) - 1
                openOnFlow[way] = left > 0 ? left : nil
            }
        }
        return actions
    }

    private mutating func forgetMerge(of id: ServerTransactionID, at place: Servers.Index) {
        if let key = servers.values[place].takeMergeKey(), mergeKeys[key] == id { mergeKeys[key] = nil }
    }
}

extension TransactionLayer.ServerEntry {
    var deadline: SIPInstant? {
        switch machine {
        case .invite(let machine): machine.deadline
        case .other(let machine): machine.deadline
        }
    }

    private var isOver: Bool {
        switch machine {
        case .invite(let machine): machine.state == .terminated
        case .other(let machine): machine.state == .terminated
        }
    }

    fileprivate mutating func takeMergeKey() -> MergeKey? { mergeKey.take() }

    /// One step of the machine: what it wants, translated, and when it wants to go on.
    fileprivate mutating func step(
        _ id: ServerTransactionID, _ invite: (inout InviteServerTransaction) -> [InviteServerTransaction.Action],
        _ other: (inout ServerTransaction) -> [ServerTransaction.Action], _ acknowledgement: (SIPRequest, Flow)?
    ) -> (actions: [TransactionAction], due: SIPInstant?, isOver: Bool) {
        var actions: [TransactionAction] = []
        switch machine {
        case .invite(var machine):
            for action in invite(&machine) {
                switch action {
                case .send(let octets): actions.append(.send(octets, on: route))
                case .deliverAcknowledgement:
                    if let (request, flow) = acknowledgement { actions.append(.report(.ack(request, flow))) }
                case .timedOut: actions.append(.report(.timeout(.server(id))))
                case .transportFailed: actions.append(.report(.transportError(.server(id))))
                }
            }
            self.machine = .invite(machine)
        case .other(var machine):
            for action in other(&machine) {
                switch action {
                case .send(let octets): actions.append(.send(octets, on: route))
                case .transportFailed: actions.append(.report(.transportError(.server(id))))
                }
            }
            self.machine = .other(machine)
        }
        return (actions, deadline, isOver)
    }
}
