/// Has the newest picture of a stream.
public protocol PictureHolder: AnyObject {
    /// Shows the newest picture, in its holder's own memory, if there is one. The view is valid within `body` only.
    func withPicture<Result>(_ body: (I420View) -> Result) -> Result?
}

/// Turns encoded pictures of one stream into I420, one packet (a whole coded picture) at a time.
public protocol VideoDecoder: PictureHolder {
    /// Decodes one packet. After an error the decoder stays usable; it may show nothing until the next keyframe.
    /// - Returns: whether there is a new picture.
    func decode(_ packet: UnsafeRawBufferPointer) throws(CodecError) -> Bool
}
