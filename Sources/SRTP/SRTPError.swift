/// Why keys or an engine could not be set up.
public enum SRTPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A master key and salt of the wrong length for the suite; lengths in bytes.
    case keyAndSaltLength(SRTPSuite, expected: Int, found: Int)
    /// The engine chosen cannot run here.
    case engineUnavailable(SRTPEngineChoice, reason: String)
    /// The engine's library refused to set up a stream.
    case libraryRefused(SRTPEngineChoice, operation: String)

    public var description: String {
        switch self {
        case .keyAndSaltLength(let suite, let expected, let found):
            "\(suite.sdesName) needs a master key and salt of \(expected) bytes together, not \(found)"
        case .engineUnavailable(let choice, let reason):
            "SRTP engine \(choice.rawValue): \(reason)"
        case .libraryRefused(let choice, let operation):
            "SRTP engine \(choice.rawValue): its library refused \(operation); choose another engine"
        }
    }
}
