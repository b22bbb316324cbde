/// The body of every answer that is not a success.
public struct APIError: Codable, Sendable, Equatable, Error {
    /// What is wrong, in one line.
    public var error: String
    /// What to do about it.
    public var hint: String
    public init(error: String, hint: String) {
        self.error = error
        self.hint = hint
    }
}
