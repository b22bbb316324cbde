extension SIPRequest {
    /// A response to this request (RFC 3261 §8.2.6): what must be copied is copied.
    /// - Parameters:
    ///   - reason: for people; the RFC's phrase if nil.
    ///   - tag: the To tag, used if the request has none. Must be given for all but 100.
    public func response(
        _ status: UInt16, reason: String? = nil, tag: String?, headers: SIPHeaders = .init(), body: [UInt8] = []
    ) -> SIPResponse {
        var to = to
        if to.tag == nil, status != 100, let tag { to.tag = tag }
        var response = SIPResponse(
            status: status, reason: reason ?? ReasonPhrase.of(status), vias: vias, from: from, to: to, callID: callID,
            cseq: cseq, headers: headers, body: body)
        if status == 100, let timestamp = self.headers[.timestamp] { response.headers[.timestamp] = timestamp }
        // What makes a dialog must carry its route (§12.1.1).
        if status > 100, status < 300, !response.headers.contains(.recordRoute) {
            for route in self.headers.values(.recordRoute) { response.headers.add(.recordRoute, route) }
        }
        return response
    }
}
