/// How much may be asked, and how often may be guessed, before it is refused. What is refused so is 429, with how long to wait.
public struct RequestLimits: Sendable, Hashable {
    /// In a minute, of each kind; so many may also come at once.
    public var anything = 6000
    public var search = 300
    public var download = 3000
    public var accessRequest = 20
    public var signIn = 20
    public var signInFromAddress = 120
    /// Of one address, before it is shut out for ``shutOut``, which is also the time within which they count.
    public var wrongTokens = 5
    public var wrongPasswords = 30
    public var shutOut = Duration.seconds(300)

    public init() {}

    func perMinute(_ kind: RateKind) -> Int {
        switch kind {
        case .anything: anything
        case .search: search
        case .download: download
        case .accessRequest: accessRequest
        case .signIn: signIn
        case .signInFromAddress: signInFromAddress
        }
    }
}
