/// Session-Expires and Min-SE (RFC 4028 §4, §5).
public struct SessionExpires: Hashable, Sendable, CustomStringConvertible {
    public enum Refresher: String, Hashable, Sendable { case uac, uas }

    public var interval: Duration
    /// Who must refresh; nil in a request leaves it to the answerer.
    public var refresher: Refresher?

    public init(interval: Duration, refresher: Refresher? = nil) {
        self.interval = interval
        self.refresher = refresher
    }

    public init(parsing text: String) throws(SIPSyntaxError) {
        var scanner = TextScanner(text)
        interval = try Self.seconds(&scanner)
        let parameters = try SIPParameters(header: &scanner)
        try scanner.finish("Session-Expires")
        refresher = parameters["refresher"].flatMap { Refresher(rawValue: $0.asciiLowercased) }
    }

    fileprivate static func seconds(_ scanner: inout TextScanner) throws(SIPSyntaxError) -> Duration {
        scanner.skipWhitespace()
        guard let seconds = scanner.take(while: \.isDigit).decimal(atMost: UInt64(UInt32.max)) else {
            throw SIPSyntaxError("a number of seconds is malformed or too big")
        }
        return .seconds(seconds)
    }

    public var description: String {
        "\(interval.components.seconds)" + (refresher.map { ";refresher=\($0.rawValue)" } ?? "")
    }
}

extension SIPHeaders {
    /// Nil if there is none.
    public func sessionExpires() throws(SIPSyntaxError) -> SessionExpires? {
        guard let text = self[.sessionExpires] else { return nil }
        return try SessionExpires(parsing: text)
    }

    /// Min-SE; nil if there is none.
    public func minimumSessionInterval() throws(SIPSyntaxError) -> Duration? {
        guard let text = self[.minSE] else { return nil }
        var scanner = TextScanner(text)
        let seconds = try SessionExpires.seconds(&scanner)
        _ = try SIPParameters(header: &scanner)
        try scanner.finish("Min-SE")
        return seconds
    }
}
