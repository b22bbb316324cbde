/// Where responses go (RFC 3261 §18.2.1–18.2.2, RFC 3581 §4).
enum ResponseRoute {
    /// Notes in the topmost Via from where the request really came, as the receiver must.
    static func stamp(_ request: inout SIPRequest, from flow: Flow) {
        guard var via = request.vias.first else { return }
        if via.requestsPort {
            via.received = flow.remoteHost
            via.rport = flow.remotePort
        } else if !via.host.equalsIgnoringCase(flow.remoteHost) {
            via.received = flow.remoteHost
        }
        request.vias[0] = via
    }

    /// The flow for responses to a stamped request. Over TCP and TLS, the connection; over UDP, the source address,
    /// and its port only if the sender asked for that, otherwise the port in Via.
    static func flow(for via: Via?, receivedOn flow: Flow) -> Flow {
        guard !flow.transport.isReliable, let via, !via.requestsPort else { return flow }
        var route = flow
        route.remotePort = via.port ?? flow.transport.defaultPort
        return route
    }
}
