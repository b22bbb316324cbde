import Foundation

/// A point's password that was made just now. It is shown once.
public struct IssuedPassword: Codable, Hashable, Sendable {
    public var point: String
    public var username: String
    public var password: String
    public init(point: String, username: String, password: String) {
        self.point = point
        self.username = username
        self.password = password
    }
}

/// A link by which somebody sets a password, once. It is shown once.
public struct IssuedLink: Codable, Hashable, Sendable {
    public var person: String
    public var token: String
    public var expiresAt: Date
    /// The page that takes it, where it is known under which address browsers reach the portal.
    public var url: String?
    public init(person: String, token: String, expiresAt: Date, url: String? = nil) {
        self.person = person
        self.token = token
        self.expiresAt = expiresAt
        self.url = url
    }
}

/// How somebody's account stands.
public struct AccountState: Codable, Hashable, Sendable {
    public var hasPassword: Bool
    public var isLocked: Bool
    public var signedInAt: Date?
    /// Signing in takes what an authenticator app shows, too.
    public var hasSecondFactor: Bool
    public init(hasPassword: Bool, isLocked: Bool, signedInAt: Date? = nil, hasSecondFactor: Bool = false) {
        self.hasPassword = hasPassword
        self.isLocked = isLocked
        self.signedInAt = signedInAt
        self.hasSecondFactor = hasSecondFactor
    }
}
