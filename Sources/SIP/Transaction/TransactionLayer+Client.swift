extension TransactionLayer {
    /// Sends a request in a new client transaction. The layer puts the Via on top, and Max-Forwards if there is none.
    public mutating func send(
        _ request: SIPRequest, on flow: Flow, sentBy: SentBy, at now: SIPInstant
    ) throws(TransactionError) -> (id: ClientTransactionID, actions: [TransactionAction]) {
        guard request.method != .ack, request.method != .cancel else { throw .notARequest(request.method) }
        guard clients.count < configuration.maximumClientTransactions else { throw .tooManyTransactions }
        let sent = stamped(request, flow, sentBy)
        return open(sent, flow, isInternal: false, at: now)
    }

    /// The octets of an ACK to a 2xx, which is no transaction: send it again for each retransmission of the 2xx
    /// (§13.2.2.4).
    public func acknowledge(_ ack: SIPRequest, on flow: Flow, sentBy: SentBy) -> TransactionAction {
        .send(stamped(ack, flow, sentBy).serialized(), on: flow)
    }

    /// Gives up an INVITE: sends a CANCEL as soon as that is allowed (§9.1). What comes of the INVITE is still
    /// reported.
    public mutating func cancel(_ id: ClientTransactionID, at now: SIPInstant) -> [TransactionAction] {
        guard let entry = clients[id], case .none = entry.cancellation, case .invite(let machine) = entry.machine else {
            return []
        }
        switch machine.state {
        case .calling:
            clients[id]?.cancellation = .wanted
            return []
        case .proceeding:
            return sendCancel(of: id, at: now)
        case .accepted, .completed, .terminated:
            return []
        }
    }

    mutating func receive(_ response: SIPResponse, on flow: Flow, at now: SIPInstant) -> [TransactionAction] {
        // More than one Via: it was meant for somebody else (§8.1.3.3).
        guard response.vias.count == 1, let branch = response.vias.first?.branch,
            let id = clientKeys[ClientTransactionKey(branch: branch, method: response.cseq.method)],
            let entry = clients[id]
        else { return [.report(.discarded(reason: "response without request", flow))] }
        var actions = driveClient(id, .response(response), at: now)
        if !entry.isInternal, response.isProvisional, case .wanted = entry.cancellation {
            actions += sendCancel(of: id, at: now)
        }
        return actions
    }

    private func stamped(_ request: SIPRequest, _ flow: Flow, _ sentBy: SentBy) -> SIPRequest {
        var request = request
        let branch = Via.magicCookie + Hexadecimal.text(random(12))
        request.vias = [Via(transport: flow.transport, host: sentBy.host, port: sentBy.port, branch: branch)]
        if !request.headers.contains(.maxForwards) { request.maxForwards = 70 }
        return request
    }

    private mutating func open(
        _ request: SIPRequest, _ flow: Flow, isInternal: Bool, at now: SIPInstant
    ) -> (id: ClientTransactionID, actions: [TransactionAction]) {
        let octets = request.serialized()
        let isReliable = flow.transport.isReliable
        let machine: ClientEntry.Machine =
            if request.method == .invite {
                .invite(
                    InviteClientTransaction(
                        sending: request, octets: octets, isReliable: isReliable, timers: configuration.timers, at: now)
                )
            } else {
                .other(ClientTransaction(octets: octets, isReliable: isReliable, timers: configuration.timers, at: now))
            }
        let id = ClientTransactionID(rawValue: nextID())
        let key = ClientTransactionKey(branch: request.vias.first?.branch ?? "", method: request.method)
        clients[id] = ClientEntry(machine: machine, key: key, request: request, flow: flow, isInternal: isInternal)
        clientKeys[key] = id
        settleClient(id)
        return (id, [.send(octets, on: flow)])
    }

    private mutating func sendCancel(of id: ClientTransactionID, at now: SIPInstant) -> [TransactionAction] {
        guard let entry = clients[id] else { return [] }
        clients[id]?.cancellation = .sent(giveUp: now + configuration.timers.giveUp)
        settleClient(id)
        var headers = SIPHeaders(entry.request.headers.fields.filter { $0.name == .route })
        headers[.maxForwards] = "70"
        let request = SIPRequest(
            method: .cancel, uri: entry.request.uri, vias: entry.request.vias, from: entry.request.from,
            to: entry.request.to, callID: entry.request.callID, sequence: entry.request.cseq.number, headers: headers)
        return open(request, entry.flow, isInternal: true, at: now).actions
    }

    // MARK: Driving

    mutating func clientTimer(_ id: ClientTransactionID, at now: SIPInstant) -> [TransactionAction] {
        if let entry = clients[id], case .sent(let giveUp) = entry.cancellation, now >= giveUp,
            case .invite(let machine) = entry.machine, machine.state == .proceeding
        {
            forget(id, entry)
            return [.report(.timeout(.client(id)))]
        }
        return driveClient(id, .timer, at: now)
    }

    mutating func driveClient(
        _ id: ClientTransactionID, _ event: InviteClientTransaction.Event, at now: SIPInstant
    ) -> [TransactionAction] {
        guard let entry = clients[id] else { return [] }
        let wanted: [InviteClientTransaction.Action]
        switch entry.machine {
        case .invite(var machine):
            wanted = machine.handle(event, at: now)
            clients[id]?.machine = .invite(machine)
        case .other(var machine):
            wanted = machine.handle(event, at: now)
            clients[id]?.machine = .other(machine)
        }
        settleClient(id)
        return wanted.compactMap { action in
            switch action {
            case .send(let octets): .send(octets, on: entry.flow)
            case .deliver(let response): entry.isInternal ? nil : .report(.response(id, response, entry.flow))
            case .timedOut: entry.isInternal ? nil : .report(.timeout(.client(id)))
            case .transportFailed: entry.isInternal ? nil : .report(.transportError(.client(id)))
            }
        }
    }

    private mutating func settleClient(_ id: ClientTransactionID) {
        guard let entry = clients[id] else { return }
        switch entry.machine {
        case .invite(let machine):
            guard machine.state != .terminated else { return forget(id, entry) }
            if case .sent(let giveUp) = entry.cancellation, machine.state == .proceeding {
                deadlines.set(.client(id), giveUp)
            } else {
                deadlines.set(.client(id), machine.deadline)
            }
        case .other(let machine):
            guard machine.state != .terminated else { return forget(id, entry) }
            deadlines.set(.client(id), machine.deadline)
        }
    }

    private mutating func forget(_ id: ClientTransactionID, _ entry: ClientEntry) {
        deadlines.set(.client(id), nil)
        clients[id] = nil
        clientKeys[entry.key] = nil
    }
}
