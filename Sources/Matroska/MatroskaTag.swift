/// Tags of one track, or of the whole file (RFC 9559 §5.1.8.1).
enum MatroskaTag {
    /// A Tag element; `trackUID` is nil for the file's own.
    static func bytes(_ tags: [String: String], trackUID: UInt64?) -> [UInt8] {
        var builder = EBMLBuilder()
        builder.master(EBMLID.tag) { tag in
            tag.master(EBMLID.targets) { if let trackUID { $0.unsigned(EBMLID.tagTrackUID, trackUID) } }
            for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
                tag.master(EBMLID.simpleTag) {
                    $0.string(EBMLID.tagName, name)
                    $0.string(EBMLID.tagString, value)
                }
            }
        }
        return builder.bytes
    }
}
