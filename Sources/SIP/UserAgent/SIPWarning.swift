/// Words for people and programs on why something was refused: Warning (RFC 3261 §20.43).
public enum SIPWarning {
    /// - Parameters:
    ///   - code: 300–399; 399 for words of one's own, 304 and 305 for media that is not understood.
    ///   - agent: the host that warns.
    public static func value(_ code: UInt16, agent: String, _ text: String) -> String {
        "\(min(max(code, 300), 399)) \(agent) \(TextScanner.quoted(text))"
    }
}
