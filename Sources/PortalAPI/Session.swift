import Office

/// Signing in.
public struct SignInRequest: Codable, Sendable, Equatable {
    public var name: String
    public var password: String
    public init(name: String, password: String) {
        self.name = name
        self.password = password
    }
}

/// Opening a session that is locked.
public struct UnlockRequest: Codable, Sendable, Equatable {
    public var password: String
    public init(password: String) { self.password = password }
}

/// Setting a password by a one-time link.
public struct LinkRequest: Codable, Sendable, Equatable {
    public var token: String
    public var password: String
    public init(token: String, password: String) {
        self.token = token
        self.password = password
    }
}

/// Who is signed in, and what the page is to know of it.
public struct SessionStatus: Codable, Sendable, Equatable {
    /// By which the person signed in.
    public var person: String
    public var name: String
    public var position: String
    public var unit: String?
    public var roles: [Role]
    /// Names of what the person may ask for.
    public var actions: [String]
    /// Goes with each request that changes something, as `X-CSRF-Token`.
    public var csrfToken: String
    /// The session locks when nothing was done for so long.
    public var idleSeconds: Int64
    public var isLocked: Bool

    public init(
        person: String, name: String, position: String, unit: String?, roles: [Role], actions: [String],
        csrfToken: String, idleSeconds: Int64, isLocked: Bool
    ) {
        self.person = person
        self.name = name
        self.position = position
        self.unit = unit
        self.roles = roles
        self.actions = actions
        self.csrfToken = csrfToken
        self.idleSeconds = idleSeconds
        self.isLocked = isLocked
    }
}
