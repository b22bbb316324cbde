/// The number and method of a request within its Call-ID (RFC 3261 §8.1.1.5).
public struct CSeq: Hashable, Sendable {
    /// Below 2³¹.
    public var number: UInt32
    public var method: SIPMethod

    public init(_ number: UInt32, _ method: SIPMethod) {
        self.number = number
        self.method = method
    }

    public init(parsing text: some StringProtocol) throws(SIPSyntaxError) {
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        guard let number = scanner.take(while: \.isDigit).decimal(atMost: UInt64(Int32.max)) else {
            throw SIPSyntaxError("CSeq's number is malformed or too big")
        }
        guard scanner.next?.isWhitespace == true else { throw SIPSyntaxError("CSeq has no method") }
        scanner.skipWhitespace()
        self.number = UInt32(number)
        method = SIPMethod(rawValue: try scanner.token("CSeq's method"))
        try scanner.finish("CSeq")
    }
}

extension CSeq: CustomStringConvertible {
    public var description: String { "\(number) \(method)" }
}
