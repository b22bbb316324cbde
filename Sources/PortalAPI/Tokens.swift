public import Foundation
import Office

/// `POST /api/v1/tokens`.
public struct TokenOrder: Codable, Sendable, Equatable {
    /// Who is to have it.
    public var name: String
    public var role: Role
    /// What of the role it may; all where nothing is said.
    public var scopes: [TokenScope]?
    /// Ninety days where nothing is said.
    public var validSeconds: Int64?
    public init(name: String, role: Role, scopes: [TokenScope]? = nil, validSeconds: Int64? = nil) {
        self.name = name
        self.role = role
        self.scopes = scopes
        self.validSeconds = validSeconds
    }
}

/// A token as it stands; the token itself is nowhere kept.
public struct TokenStatus: Codable, Sendable, Equatable, Identifiable {
    public enum State: String, Codable, Sendable, CaseIterable { case good, expired, revoked }
    public var id: String
    public var name: String
    public var role: Role
    public var scopes: [TokenScope]?
    public var state: State
    public var createdBy: String
    public var createdAt: Date
    public var expiresAt: Date
    public var revokedBy: String?
    public var revokedAt: Date?
    public init(
        id: String, name: String, role: Role, scopes: [TokenScope]?, state: State, createdBy: String, createdAt: Date,
        expiresAt: Date, revokedBy: String?, revokedAt: Date?
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.scopes = scopes
        self.state = state
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedBy = revokedBy
        self.revokedAt = revokedAt
    }
}

/// A token that was made. It is shown here and never again.
public struct NewToken: Codable, Sendable, Equatable {
    public var token: String
    public var status: TokenStatus
    public init(token: String, status: TokenStatus) {
        self.token = token
        self.status = status
    }
}
