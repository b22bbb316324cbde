extension Dialog {
    /// Where requests of the dialog are sent: what RFC 3263 is to resolve (RFC 3261 §8.1.2, §12.2.1.1).
    public var nextHop: URI { routeSet.first?.uri ?? remoteTarget }
}

extension SIPRequest {
    /// Where a request outside a dialog is sent: its first Route, which must be a loose router, or its target
    /// (RFC 3261 §8.1.2).
    public var nextHop: URI { (try? headers.addresses(.route))?.first?.uri ?? uri }
}
