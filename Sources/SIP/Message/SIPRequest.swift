/// A request. What every request must have is typed, and so is always well formed; the rest is in `headers` (RFC 3261
/// §8.1.1).
public struct SIPRequest: Hashable, Sendable {
    public var method: SIPMethod
    public var uri: URI
    /// The topmost, that of whoever sent the request here, is first. Never empty in a parsed request.
    public var vias: [Via]
    public var from: NameAddress
    public var to: NameAddress
    public var callID: String
    public var cseq: CSeq
    /// All but Via, From, To, Call-ID, CSeq and Content-Length.
    public var headers: SIPHeaders
    public var body: [UInt8]

    public init(
        method: SIPMethod, uri: URI, vias: [Via] = [], from: NameAddress, to: NameAddress, callID: String,
        sequence: UInt32, headers: SIPHeaders = .init(), body: [UInt8] = []
    ) {
        self.method = method
        self.uri = uri
        self.vias = vias
        self.from = from
        self.to = to
        self.callID = callID
        cseq = CSeq(sequence, method)
        self.headers = headers
        self.body = body
    }

    /// Hops left; nil where the request does not say.
    public var maxForwards: UInt8? {
        get { headers[.maxForwards]?.decimal(atMost: 255).map { UInt8($0) } }
        set { headers[.maxForwards] = newValue.map { String($0) } }
    }

    /// The first Contact: the target of a dialog (RFC 3261 §12.1.1). Nil for none and for `*`.
    public var contact: NameAddress? { (try? headers.contacts())?.first }
    /// A request within a dialog names both its ends (RFC 3261 §12.2).
    public var isInDialog: Bool { to.tag != nil }
    public var contentType: MediaType? { headers[.contentType].flatMap { try? MediaType(parsing: $0) } }

    /// The octets that go on the wire.
    public func serialized() -> [UInt8] { SIPSerializer.octets(of: self) }
}
