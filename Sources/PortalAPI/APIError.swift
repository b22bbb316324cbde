/// The body of every answer that is not a success.
public struct APIError: Codable, Sendable, Equatable, Error {
    /// What is wrong, in one line.
    public var error: String
    /// What to do about it.
    public var hint: String
    /// What is wrong, in Vietnamese, where it is for people of the Office.
    public var vietnamese: String?
    /// By which a page tells this from others: `locked`.
    public var code: String?
    public init(error: String, hint: String, vietnamese: String? = nil, code: String? = nil) {
        self.error = error
        self.hint = hint
        self.vietnamese = vietnamese
        self.code = code
    }
}
