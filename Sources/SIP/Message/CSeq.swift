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
        try self.init(TextScanner(text))
    }

    init(_ scanner: TextScanner) throws(SIPSyntaxError) {
        var scanner = scanner
        scanner.skipWhitespace()
        guard let number = scanner.takeOctets(while: \.isDigit).decimal(atMost: UInt64(Int32.max)) else {
            throw SIPSyntaxError("CSeq's number is malformed or too big")
        }
        guard scanner.next?.isWhitespace == true else { throw SIPSyntaxError("CSeq has no method") }
        scanner.skipWhitespace()
        self.number = UInt32(number)
        method = SIPMethod(rawValue: try scanner.token("CSeq's method"))
        try scanner.finish("CSeq")
    }
}

extension CSeq: WireText {
    func write(to writer: inout OctetWriter) {
        writer.write(number: number)
        writer.write(.space)
        writer.write(method.rawValue)
    }
}
