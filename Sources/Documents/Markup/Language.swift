/// Of a document for people.
public enum Language: String, Codable, Hashable, Sendable, CaseIterable {
    case vietnamese = "vi"
    case english = "en"

    func say(_ vietnamese: String, _ english: String) -> String { self == .vietnamese ? vietnamese : english }
}
