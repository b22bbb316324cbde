import Foundation

/// A room as whoever knows its address may see it.
public struct JoinRoom: Sendable, Equatable {
    public var id: String
    public var title: String
    /// The part after `@` in the bridge's addresses.
    public var domain: String
    public var isOpen: Bool
    /// What is dialled to have one's line checked; nil where that is not offered.
    public var lineCheck: String?

    public init(id: String, title: String, domain: String, isOpen: Bool, lineCheck: String? = nil) {
        self.lineCheck = lineCheck
        self.id = id
        self.title = title
        self.domain = domain
        self.isOpen = isOpen
    }
}

/// What the join page needs to know before anybody signs in.
public struct JoinSettings: Codable, Sendable, Equatable {
    /// The room's id.
    public var room: String
    public var title: String
    public var domain: String
    public var isOpen: Bool
    /// Where SIP is spoken over WebSocket; nil where the site has none for browsers.
    public var webSocket: String?
    /// The first is the one to begin with.
    public var languages: [String]
    /// The room that is dialled to have one's line checked; nil where that is not offered.
    public var lineCheck: String?

    public init(
        room: String, title: String, domain: String, isOpen: Bool, webSocket: String?,
        languages: [String] = ["vi", "en"], lineCheck: String? = nil
    ) {
        self.lineCheck = lineCheck
        self.room = room
        self.title = title
        self.domain = domain
        self.isOpen = isOpen
        self.webSocket = webSocket
        self.languages = languages
    }
}

/// What is asked for when a point is to be invited.
public struct InvitationRequest: Codable, Sendable, Equatable {
    /// The room's id.
    public var room: String
    public var validSeconds: Int64

    public init(room: String, validSeconds: Int64) {
        self.room = room
        self.validSeconds = validSeconds
    }
}

/// An invitation of a point to a room. Its token is a secret: it lets whoever has it in.
public struct Invitation: Codable, Sendable, Equatable {
    /// The point's code.
    public var point: String
    public var room: String
    public var expiresAt: Date
    public var token: String
    /// The whole address to give to the point. The token is its fragment, which browsers send to nobody.
    public var url: String?

    public init(point: String, room: String, expiresAt: Date, token: String, url: String? = nil) {
        self.point = point
        self.room = room
        self.expiresAt = expiresAt
        self.token = token
        self.url = url
    }
}
