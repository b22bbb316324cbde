/// What can go wrong between Causeway and a codec library. `codec` is the codec's name as people write it ("Opus").
public enum CodecError: Error, Equatable, Sendable {
    /// The library would not make the encoder or decoder: a parameter is outside what the codec allows, or memory is
    /// short.
    case cannotCreate(codec: String, reason: String)
    /// A setting is outside what the codec allows.
    case invalidSetting(codec: String, reason: String)
    /// The encoded bytes are not what the codec defines. Drop them; the decoder stays usable.
    case malformed(codec: String, reason: String)
    /// The picture or sound is larger than Causeway lets a stream ask for.
    case tooLarge(codec: String, reason: String)
    /// The caller's output buffer cannot hold the result; nothing was written that may be used.
    case outputTooSmall(codec: String, needed: Int)
    /// The encoder refused its input.
    case encodingFailed(codec: String, reason: String)
}

extension CodecError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotCreate(let codec, let reason): "cannot set up \(codec): \(reason)"
        case .invalidSetting(let codec, let reason): "\(codec) does not allow this setting: \(reason)"
        case .malformed(let codec, let reason): "malformed \(codec) data: \(reason)"
        case .tooLarge(let codec, let reason): "\(codec) stream asks for too much: \(reason)"
        case .outputTooSmall(let codec, let needed): "\(codec) needs an output buffer of \(needed)"
        case .encodingFailed(let codec, let reason): "\(codec) cannot encode: \(reason)"
        }
    }
}
