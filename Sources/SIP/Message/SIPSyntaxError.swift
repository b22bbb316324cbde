/// What is wrong with a piece of SIP text, in words fit for the reason phrase of a 400.
public struct SIPSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String
    public init(_ reason: String) { self.reason = reason }
    public var description: String { reason }
}
