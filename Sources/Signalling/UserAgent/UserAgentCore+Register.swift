import SIP

/// REGISTER (RFC 3261 §10.3), with Path (RFC 3327), flows (RFC 5626) and GRUUs (RFC 5627).
extension UserAgentCore {
    /// A change of bindings that is answered when it is kept.
    struct HeldRegistration {
        let response: SIPResponse
        let flow: Flow
    }

    mutating func register(
        _ request: SIPRequest, _ id: ServerTransactionID, _ username: String, on flow: Flow, at now: SIPInstant
    ) {
        guard request.to.uri.user == username else {
            return refuse(request, id, 403, "A point registers itself only", at: now)
        }
        let wanted: Registrar.Request
        let path: [NameAddress]
        do throws(SIPSyntaxError) {
            wanted = try Registrar.Request(request)
            path = try request.headers.addresses(.path)
        } catch {
            return refuse(request, id, 400, error.reason, at: now)
        }
        let isOutbound = wanted.namesFlows
        if isOutbound, !Self.isFlow(request, path) { return refuse(request, id, 439, at: now) }
        let wantsGRUU = request.headers.lists("gruu", in: .supported)
        let origin = Registrar.Origin(
            callID: request.callID, sequence: request.cseq.number, flow: flow, path: path.map(\.description),
            userAgent: request.headers[.userAgent],
            temporaryGRUU: wantsGRUU ? "tgruu.\(transactions.newTag())\(transactions.newTag())" : nil)
        var headers = SIPHeaders()
        switch registrar.handle(wanted, of: username, from: origin, at: now) {
        case .bindings(let bindings, let areChanged):
            for binding in bindings {
                headers.add(.contact, contact(binding, of: username, withGRUU: wantsGRUU, at: now).description)
            }
            if request.headers.lists("path", in: .supported) {
                for hop in path { headers.add(.path, hop.description) }
            }
            if isOutbound {
                headers[.require] = "outbound"
                headers[.flowTimer] = "\(settings.registrar.flowTimer.wholeSeconds)"
            }
            headers[.supported] = identity.capabilities.supported
            headers[.server] = identity.product
            let response = request.response(200, tag: transactions.newTag(), headers: headers)
            guard areChanged else { return respond(response, to: id, at: now) }
            log(.info, "\(point: username): registered \(bindings.count) contacts, \(flow)")
            keep(username, bindings, then: (id, HeldRegistration(response: response, flow: flow)))
        case .tooBrief(let minimum):
            headers[.minExpires] = "\(minimum)"
            refuse(request, id, 423, headers: headers, at: now)
        case .tooMany:
            refuse(request, id, 403, "Too many contacts", at: now)
        case .full:
            headers[.retryAfter] = "60"
            refuse(request, id, 503, "Registrar is full", headers: headers, at: now)
        case .outOfOrder:
            refuse(request, id, 500, "Registration out of order", at: now)
        }
    }

    /// The bindings are kept, or cannot be: they hold for this run either way.
    mutating func registrationKept(_ id: ServerTransactionID, at now: SIPInstant) {
        guard let held = heldRegistrations.removeValue(forKey: id) else { return }
        respond(held.response, to: id, at: now)
    }

    /// Takes in what a former run kept.
    mutating func restore(_ kept: [RegisteredContact], listeners: [SIPListener], at now: SIPInstant, wall: Int64) {
        for (point, contacts) in Dictionary(grouping: kept, by: \.point) {
            let bindings = contacts.compactMap { Binding($0, at: now, wall: wall, listeners: listeners) }
            registrar.restore(bindings, of: point)
            // What a point proved to the former run it need not prove again to be heard.
            for binding in bindings {
                guard let flow = binding.flow else { continue }
                addresses.prove(flow, for: min(settings.limits.trust, binding.expires - now), at: now)
            }
        }
    }

    /// Takes in how those were reached who were in a call with a former run.
    mutating func restore(callers: [RegisteredContact], listeners: [SIPListener], at now: SIPInstant, wall: Int64) {
        for caller in callers {
            guard let binding = Binding(caller, at: now, wall: wall, listeners: listeners), let flow = binding.flow
            else { continue }
            formerCallers[caller.point] = Device(uri: binding.uri, path: binding.path, flows: [flow])
            addresses.prove(flow, for: min(settings.limits.trust, binding.expires - now), at: now)
        }
    }

    /// Takes in how another bridge reached its points; who registered here is known better.
    mutating func adopt(
        _ kept: [RegisteredContact], callers: [RegisteredContact], listeners: [SIPListener], at now: SIPInstant,
        wall: Int64
    ) {
        restore(
            kept.filter { registrar.contacts(of: $0.point, at: now).isEmpty }, listeners: listeners, at: now, wall: wall
        )
        restore(callers: callers, listeners: listeners, at: now, wall: wall)
    }

    mutating func registrarLost(_ flow: Flow, at now: SIPInstant) {
        for point in registrar.flowFailed(flow) { keep(point, registrar.contacts(of: point, at: now), then: nil) }
    }

    private mutating func keep(
        _ point: String, _ bindings: [Binding], then held: (id: ServerTransactionID, HeldRegistration)?
    ) {
        if let held { heldRegistrations[held.id] = held.1 }
        actions.append(.keepBindings(bindings, of: point, then: held?.id))
    }

    /// Whether the first hop keeps the flow open: there is none, or it says so (RFC 5626 §6).
    private static func isFlow(_ request: SIPRequest, _ path: [NameAddress]) -> Bool {
        request.vias.count == 1 || path.last?.uri.sip?.parameters.contains("ob") == true
    }

    private func contact(_ binding: Binding, of point: String, withGRUU: Bool, at now: SIPInstant) -> NameAddress {
        var parameters = SIPParameters()
        if withGRUU, let gruu = binding.publicGRUU(of: point, domain: settings.domain) {
            parameters.setQuoted("pub-gruu", gruu.description)
            if let name = binding.temporaryGRUUs.last {
                var temporary = SIPURI(user: name, host: settings.domain)
                temporary.parameters.setFlag("gr")
                parameters.setQuoted("temp-gruu", temporary.description)
            }
        }
        if let instance = binding.instance { parameters.setQuoted("+sip.instance", instance) }
        if case .flow(_, let number) = binding.key { parameters["reg-id"] = "\(number)" }
        if let quality = binding.quality { parameters["q"] = quality }
        parameters["expires"] = "\((binding.expires - now).wholeSeconds)"
        return NameAddress(binding.uri, parameters: parameters)
    }
}
