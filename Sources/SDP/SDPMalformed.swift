/// Why a session description cannot be read (RFC 8866 §5), and in which line.
public struct SDPMalformed: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        case empty
        case tooLong
        case tooManyLines
        case tooManyMedia
        case containsNUL
        /// A CR that ends no line.
        case containsReturn
        case notTypeEqualsValue
        case unsupportedVersion
        case badOrigin
        case badConnection
        case badMedia
        case badAttribute
        case missingOrigin
    }

    public let reason: Reason
    /// Counted from 1; 0 where no single line is at fault.
    public let line: Int

    public init(_ reason: Reason, line: Int) {
        self.reason = reason
        self.line = line
    }

    public var description: String {
        let text =
            switch reason {
            case .empty: "the session description is empty"
            case .tooLong: "the session description is longer than \(SessionDescription.maximumSize) octets"
            case .tooManyLines: "the session description has more than \(SessionDescription.maximumLines) lines"
            case .tooManyMedia: "the session description has more than \(SessionDescription.maximumMedia) m= lines"
            case .containsNUL: "the session description contains a NUL octet"
            case .containsReturn: "a line contains a CR before its end"
            case .notTypeEqualsValue: "a line must be a letter, '=' and a value"
            case .unsupportedVersion: "the first line must be v=0"
            case .badOrigin: "o= must be: username, session id, version, IN, IP4 or IP6, address"
            case .badConnection: "c= must be: IN, IP4 or IP6, address"
            case .badMedia: "m= must be: kind, port, transport, one format at least"
            case .badAttribute: "a= must begin with a name"
            case .missingOrigin: "there is no o= line"
            }
        return line > 0 ? "SDP line \(line): \(text)" : "SDP: \(text)"
    }
}
