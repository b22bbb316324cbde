/// What a point wants to be shown: an Info Package (RFC 6086) of this bridge's own, for which there is none registered. The
/// body names a layout, as `text/plain`; an unknown one is passed over.
public enum InfoLayout {
    public static let package = "causeway-layout"
    static let longestName = 32

    static func name(in body: String) -> String? {
        guard let word = body.split(whereSeparator: \.isWhitespace).first, word.utf8.count <= longestName else {
            return nil
        }
        return String(word)
    }
}
