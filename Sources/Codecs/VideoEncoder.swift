/// Turns pictures of one size into a stream, one at a time.
public protocol VideoEncoder: AnyObject {
    /// Encodes a picture of the configured size; `body` is called for each encoded picture that is ready.
    /// Timestamps only grow. After an error the encoder stays usable.
    func encode(
        _ picture: I420View, timestampMicroseconds: Int64, durationMicroseconds: Int64, forceKeyframe: Bool,
        _ body: (EncodedPicture) -> Void
    ) throws(CodecError)
}

extension VideoEncoder {
    public func encode(
        _ picture: I420View, timestampMicroseconds: Int64, durationMicroseconds: Int64,
        _ body: (EncodedPicture) -> Void
    ) throws(CodecError) {
        try encode(
            picture, timestampMicroseconds: timestampMicroseconds, durationMicroseconds: durationMicroseconds,
            forceKeyframe: false, body)
    }
}

/// One encoded picture, in the encoder's memory.
public struct EncodedPicture {
    /// Valid until the encoder is next used.
    public let bytes: UnsafeRawBufferPointer
    public let timestampMicroseconds: Int64
    public let isKeyframe: Bool
}
