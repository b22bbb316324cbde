/// A response. What every response must have is typed, the rest is in `headers` (RFC 3261 §8.2.6).
public struct SIPResponse: Hashable, Sendable {
    /// 100–699.
    public var status: UInt16
    /// The reason phrase, for people.
    public var reason: String
    public var vias: [Via]
    public var from: NameAddress
    public var to: NameAddress
    public var callID: String
    public var cseq: CSeq
    /// All but Via, From, To, Call-ID, CSeq and Content-Length.
    public var headers: SIPHeaders
    public var body: [UInt8]

    public init(
        status: UInt16, reason: String, vias: [Via], from: NameAddress, to: NameAddress, callID: String, cseq: CSeq,
        headers: SIPHeaders = .init(), body: [UInt8] = []
    ) {
        self.status = min(max(status, 100), 699)
        self.reason = reason
        self.vias = vias
        self.from = from
        self.to = to
        self.callID = callID
        self.cseq = cseq
        self.headers = headers
        self.body = body
    }

    public var isProvisional: Bool { status < 200 }
    public var isSuccess: Bool { (200..<300).contains(status) }
    public var isFinal: Bool { status >= 200 }
    public var contact: NameAddress? { (try? headers.contacts())?.first }
    public var contentType: MediaType? { headers[.contentType].flatMap { try? MediaType(parsing: $0) } }

    public func serialized() -> [UInt8] { SIPSerializer.octets(of: self) }
}
