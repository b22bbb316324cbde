/// Tags of one track, or of the whole file (RFC 9559 §5.1.8.1).
enum MatroskaTag {
    /// Octets before a tag's data.
    static let headSize = 10

    /// A Tag element with its size in eight octets, so that its head can be written over by a void's. `trackUID` is nil for
    /// the file's own.
    static func write(
        _ tags: [String: String], trackUID: UInt64?, to builder: inout EBMLBuilder, padding: Int = 0
    ) {
        var tag = EBMLBuilder()
        tag.master(EBMLID.targets) { if let trackUID { $0.unsigned(EBMLID.tagTrackUID, trackUID) } }
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            tag.master(EBMLID.simpleTag) {
                $0.string(EBMLID.tagName, name)
                $0.string(EBMLID.tagString, value)
            }
        }
        tag.void(total: padding)
        builder.id(EBMLID.tag)
        builder.size(UInt64(tag.bytes.count), length: 8)
        builder.raw(tag.bytes)
    }
}
