import Crypto
import SIP

/// Calls of the bridge's to points, from the first INVITE to the answer (RFC 3261 §13.2, RFC 5626 §5.3).
extension UserAgentCore {
    /// A device of a point, and how it is reached.
    struct Device {
        var uri: URI
        /// URIs of the proxies on the way, nearest to the bridge first.
        var path: [String] = []
        /// On which it registered, the best first.
        var flows: [Flow] = []
    }

    private static var mostDevices: Int { 10 }

    /// The devices of a point: those that it registered, or else the one on which it is in a call, or what answers at its
    /// address.
    func devices(of username: String, address: URI?, at now: SIPInstant) -> [Device] {
        var devices: [(instance: String?, expires: SIPInstant, device: Device)] = []
        for binding in registrar.contacts(of: username, at: now).sorted(by: { $0.expires > $1.expires }) {
            let flow = binding.flow.map { [$0] } ?? []
            // Of the flows of one device only one is used at a time (RFC 5626 §5.3).
            if case .flow(let instance, _) = binding.key,
                let known = devices.firstIndex(where: { $0.instance == instance })
            {
                devices[known].device.flows += flow
                continue
            }
            let instance: String? = if case .flow(let instance, _) = binding.key { instance } else { nil }
            devices.append(
                (instance, binding.expires, Device(uri: binding.uri, path: binding.path, flows: flow)))
        }
        if devices.isEmpty, let call = calls.values.first(where: { $0.point.username == username && !$0.isFlowGone }) {
            let route = call.dialog.routeSet.map(\.description)
            return [Device(uri: call.dialog.remoteTarget, path: route, flows: [call.flow])]
        }
        if devices.isEmpty, let former = formerCallers[username] { return [former] }
        if devices.isEmpty, let address { return [Device(uri: address)] }
        return devices.prefix(Self.mostDevices).map(\.device)
    }

    /// Calls all devices of a point at once.
    /// - Parameters:
    ///   - title: what displays show for the room.
    ///   - descriptions: the bridge's offer, and those for devices that do not accept the one before.
    mutating func dial(
        _ id: CallID, _ username: String, into room: String, title: String, address: URI?,
        offering descriptions: [[UInt8]], at now: SIPInstant
    ) {
        let devices = devices(of: username, address: address, at: now)
        guard !isDraining, !devices.isEmpty else { return actions.append(.callEnded(id, .unreachable)) }
        let branches = devices.map { device in
            var settings = OutgoingInvite.Settings()
            settings.patience = self.settings.limits.patience
            return Dialling.Branch(
                invite: OutgoingInvite(
                    invite(to: device, username, room, title, descriptions.first ?? []),
                    otherOffers: Array(descriptions.dropFirst()), digest: digestClient, settings: settings),
                registered: device.flows)
        }
        dialling[id] = Dialling(username: username, room: room, branches: branches)
        for branch in branches.indices { advance(id, branch, .start, at: now) }
        conclude(id)
    }

    private func invite(
        to device: Device, _ username: String, _ room: String, _ title: String, _ description: [UInt8]
    ) -> SIPRequest {
        var headers = SIPHeaders()
        for hop in device.path { headers.add(.route, hop) }
        headers[.allow] = identity.capabilities.allow
        headers[.supported] = identity.capabilities.supported
        headers[.userAgent] = identity.product
        let interval = settings.sessionTimer.interval
        headers[.sessionExpires] = SessionExpires(interval: interval, refresher: .uac).description
        headers[.contentType] = MediaType.sdp.description
        var from = NameAddress(.sip(SIPURI(user: room, host: settings.domain)), displayName: title)
        from.tag = transactions.newTag()
        return SIPRequest(
            method: .invite, uri: device.uri, from: from,
            to: NameAddress(.sip(SIPURI(user: username, host: settings.domain))),
            callID: "\(transactions.newTag())\(transactions.newTag())", sequence: 1, headers: headers,
            body: description)
    }

    /// The bridge has no account anywhere else: whoever asks it for a password is not one of its points.
    private var digestClient: DigestClient {
        DigestClient(accounts: [], hashes: digestHashes, random: settings.random)
    }

    /// Gives up calling a point.
    mutating func stopDialling(_ id: CallID, _ reason: CallEndReason, at now: SIPInstant) {
        guard dialling[id]?.isSettled == false else { return }
        dialling[id]?.giveUp(reason)
        for branch in dialling[id]?.branches.indices ?? 0..<0 { advance(id, branch, .cancel, at: now) }
        conclude(id)
    }

    // MARK: Ways

    /// There is a way for what waited.
    mutating func reached(_ errand: Errand, on flow: Flow, at now: SIPInstant) {
        switch errand {
        case .branch(let id, let branch):
            guard let request = dialling[id]?.branches[branch].waiting else { return }
            dialling[id]?.branches[branch].waiting = nil
            put(request, on: flow, id, branch, at: now)
            conclude(id)
        case .dialog(let id):
            calls[id]?.flow = flow
            calls[id]?.isFlowGone = false
            actions.append(.forgetWay(errand))
            for waiting in stranded.removeValue(forKey: id) ?? [] {
                put(waiting.request, of: id, for: waiting.own, at: now)
            }
        }
    }

    /// There is none, or none any more.
    mutating func unreachable(_ errand: Errand, at now: SIPInstant) {
        switch errand {
        case .branch(let id, let branch):
            guard dialling[id]?.branches[branch].waiting != nil else { return }
            dialling[id]?.branches[branch].waiting = nil
            advance(id, branch, .noServer, at: now)
            conclude(id)
        case .dialog(let id):
            for waiting in stranded.removeValue(forKey: id) ?? [] { failed(waiting.own, at: now) }
        }
    }

    private mutating func send(
        _ request: SIPRequest, to hop: OutgoingInvite.Hop, _ id: CallID, _ branch: Int, at now: SIPInstant
    ) {
        guard let entry = dialling[id]?.branches[branch] else { return }
        switch hop {
        case .same:
            if let flow = entry.flow { return put(request, on: flow, id, branch, at: now) }
            return advance(id, branch, .unanswered, at: now)
        case .resolve, .nextServer:
            if let flow = entry.registered.first {
                dialling[id]?.branches[branch].registered.removeFirst()
                return put(request, on: flow, id, branch, at: now)
            }
            dialling[id]?.branches[branch].waiting = request
            let isSearched = hop == .nextServer && entry.isSearched
            dialling[id]?.branches[branch].isSearched = true
            let errand = Errand.branch(id, branch)
            actions.append(isSearched ? .findNextWay(errand) : .findWay(errand, to: request.nextHop))
        }
    }

    private mutating func put(
        _ request: SIPRequest, on flow: Flow, _ id: CallID, _ branch: Int, at now: SIPInstant
    ) {
        guard let room = dialling[id]?.room else { return }
        var request = request
        request.headers[.contact] =
            identity.contact(for: room, on: flow, isSecure: request.uri.sip?.isSecure == true).description
        if let old = dialling[id]?.branches[branch].transaction { requests[old] = nil }
        do throws(TransactionError) {
            let sent = try transactions.send(request, on: flow, sentBy: identity.sentBy(on: flow), at: now)
            dialling[id]?.branches[branch].flow = flow
            dialling[id]?.branches[branch].transaction = sent.id
            requests[sent.id] = .invite(id, branch: branch)
            carry(sent.actions, at: now)
        } catch {
            log(.warning, of: id, "\(id): INVITE could not be sent: \(error)")
            advance(id, branch, .unanswered, at: now)
        }
    }

    // MARK: Branches

    mutating func inviteAnswered(
        _ response: SIPResponse, _ id: CallID, _ branch: Int, on flow: Flow, at now: SIPInstant
    ) {
        if let dialog = DialogID(incoming: response), let description = response.sessionDescription,
            !response.isSuccess, dialling[id]?.branches[branch].early.count ?? 0 < 16
        {
            dialling[id]?.branches[branch].early.merge([dialog: description]) { first, _ in first }
        }
        advance(id, branch, .response(response, over: flow.transport), at: now)
        conclude(id)
    }

    /// Lets a branch's machine do something, and does what it wants.
    mutating func advance(_ id: CallID, _ branch: Int, _ event: OutgoingInvite.Event, at now: SIPInstant) {
        let wanted = dialling[id]?.branches[branch].invite.handle(event, at: now) ?? []
        for action in wanted { perform(action, id, branch, at: now) }
    }

    private mutating func perform(_ action: OutgoingInvite.Action, _ id: CallID, _ branch: Int, at now: SIPInstant) {
        guard let entry = dialling[id]?.branches[branch] else { return }
        switch action {
        case .send(let request, let hop): send(request, to: hop, id, branch, at: now)
        case .cancel:
            guard let transaction = entry.transaction, entry.waiting == nil else {
                dialling[id]?.branches[branch].waiting = nil
                return advance(id, branch, .noServer, at: now)
            }
            carry(transactions.cancel(transaction, at: now), at: now)
        case .progress(let response, _):
            actions.append(.callProgressed(id, status: response.status))
        case .offer: break  // The bridge always makes the offer.
        case .prack(let request, _): put(request, on: entry.flow, of: id, for: .prack(id, branch: branch), at: now)
        case .hangUp(let request, _): put(request, on: entry.flow, of: id, for: .farewell, at: now)
        case .acknowledge(let ack, _):
            guard let flow = entry.flow else { return }
            carry([transactions.acknowledge(ack, on: flow, sentBy: identity.sentBy(on: flow))], at: now)
        case .answered(let dialog, let response): take(dialog, response, id, branch, at: now)
        case .ended(let failure): dialling[id]?.branches[branch].failure = failure
        }
    }

    private mutating func put(
        _ request: SIPRequest, on flow: Flow?, of id: CallID, for own: OwnRequest, at now: SIPInstant
    ) {
        guard let flow else { return }
        do throws(TransactionError) {
            let sent = try transactions.send(request, on: flow, sentBy: identity.sentBy(on: flow), at: now)
            requests[sent.id] = own
            carry(sent.actions, at: now)
        } catch {
            log(.warning, of: id, "\(id): \(request.method) could not be sent: \(error)")
        }
    }

    /// A device answered. The first has the call, the others need not ring any more.
    private mutating func take(
        _ dialog: Dialog, _ response: SIPResponse, _ id: CallID, _ branch: Int, at now: SIPInstant
    ) {
        guard let entry = dialling[id], let flow = entry.branches[branch].flow else { return }
        guard !entry.isSettled else {
            var dialog = dialog
            return put(dialog.request(.bye), on: flow, of: id, for: .farewell, at: now)
        }
        dialling[id]?.settle()
        let point = PointCall(
            id: id, direction: .outgoing, username: entry.username, room: entry.room,
            displayName: response.to.displayName,
            userAgent: response.headers[.userAgent] ?? response.headers[.server], transport: flow.transport,
            remoteHost: flow.remoteHost, remotePort: flow.remotePort, trunk: entry.trunk)
        let offer = entry.branches[branch].invite.invite.body
        calls[id] = Call(
            point: point, invite: nil, localTag: dialog.id.localTag,
            contact: identity.contact(for: entry.room, on: flow, isSecure: dialog.isSecure), dialog: dialog, flow: flow,
            phase: .up, timer: sessionTimer(of: response, at: now),
            allows: PeerMethods(response.headers), description: offer)
        callsByDialog[dialog.id] = id
        let answer = response.sessionDescription ?? entry.branches[branch].early[dialog.id] ?? []
        actions.append(.callAnswered(point, answer: answer, to: offer))
        for other in entry.branches.indices where other != branch { advance(id, other, .cancel, at: now) }
    }

    /// RFC 4028 §7.2: who refreshes is as the answer says.
    private func sessionTimer(of response: SIPResponse, at now: SIPInstant) -> RunningSessionTimer? {
        guard let agreed = try? response.headers.sessionExpires() else { return nil }
        let refresher = agreed.refresher ?? .uac
        return RunningSessionTimer(
            SessionTimer(interval: UInt32(clamping: agreed.interval.components.seconds), refresher: refresher),
            isRefresher: refresher == .uac, at: now)
    }

    // MARK: Its end

    mutating func diallingIsDue(_ id: CallID, at now: SIPInstant) {
        guard let entry = dialling[id] else { return }
        for branch in entry.branches.indices {
            guard let due = entry.branches[branch].invite.deadline, due <= now else { continue }
            advance(id, branch, .timer, at: now)
        }
        conclude(id)
    }

    /// Tells the daemon when nobody can answer any more, and forgets the call when nothing more can come of it.
    mutating func conclude(_ id: CallID) {
        guard let entry = dialling[id] else { return }
        if !entry.isSettled, let outcome = entry.outcome {
            dialling[id]?.settle()
            actions.append(.callEnded(id, outcome))
        }
        if entry.isOver {
            dialling[id] = nil
            for (branch, gone) in entry.branches.enumerated() {
                if let transaction = gone.transaction { requests[transaction] = nil }
                actions.append(.forgetWay(.branch(id, branch)))
            }
        }
        settle(id)
    }

    // MARK: Requests before the answer

    /// A request of the point's in a dialog that is not confirmed yet; false if there is no such dialog.
    mutating func handleEarly(
        _ request: SIPRequest, _ id: ServerTransactionID, in dialog: DialogID, at now: SIPInstant
    ) -> Bool {
        for (call, entry) in dialling {
            for branch in entry.branches.indices where entry.branches[branch].invite.earlyDialogs.contains(dialog) {
                guard dialling[call]?.branches[branch].invite.receive(request) == .inOrder else {
                    refuse(request, id, 500, "Request out of order", at: now)
                    return true
                }
                switch request.method {
                case .update where request.body.isEmpty, .info, .options:
                    respond(request.response(200, tag: nil), to: id, at: now)
                // The bridge's own offer is not answered yet (RFC 3311 §5.2).
                case .update: refuse(request, id, 491, at: now)
                default: refuse(request, id, 481, at: now)
                }
                return true
            }
        }
        return false
    }
}
