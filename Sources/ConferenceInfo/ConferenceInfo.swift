/// The state of a conference as the conference event package tells it (RFC 4575 §5): what the conference is, how it
/// stands, and who takes part with which devices and media.
public struct ConferenceInfo: Hashable, Sendable {
    /// The conference's URI.
    public var entity: String
    public var description: Description
    public var state: State
    /// Each with an entity of its own.
    public var users: [User]

    public init(
        entity: String, description: Description = .init(), state: State = .init(), users: [User] = []
    ) {
        self.entity = entity
        self.description = description
        self.state = state
        self.users = users
    }

    /// What does not change while the conference runs (§5.3).
    public struct Description: Hashable, Sendable {
        public var displayText: String?
        public var subject: String?
        public var freeText: String?
        /// Other URIs of the conference.
        public var uris: [Address] = []
        /// Where to read about it, see or hear it.
        public var serviceURIs: [Address] = []
        public var maximumUserCount: UInt32?
        public var availableMedia: [AvailableMedium] = []
        public init() {}
    }

    /// A URI and what it is for (§5.3.1).
    public struct Address: Hashable, Sendable {
        public var uri: String
        public var displayText: String?
        /// Of a conference's URI `participation` or `streaming`, of a service's `web-page`, `recording` or `event`.
        public var purpose: String?

        public init(_ uri: String, displayText: String? = nil, purpose: String? = nil) {
            self.uri = uri
            self.displayText = displayText
            self.purpose = purpose
        }
    }

    /// A kind of media that the conference has (§5.3.4).
    public struct AvailableMedium: Hashable, Sendable {
        /// Names it within the conference.
        public var label: String
        public var displayText: String?
        public var kind: MediaKind
        public var status: MediaStatus?

        public init(label: String, displayText: String? = nil, kind: MediaKind, status: MediaStatus? = nil) {
            self.label = label
            self.displayText = displayText
            self.kind = kind
            self.status = status
        }
    }

    /// How the conference stands (§5.5).
    public struct State: Hashable, Sendable {
        /// Everybody, also those who are not shown.
        public var userCount: UInt32?
        public var isActive: Bool?
        /// Nobody can join now.
        public var isLocked: Bool?
        /// The entity of the user who speaks. This and all that follow are this bridge's own elements.
        public var speaker: String?
        /// The entity of the user whom all see, whoever speaks.
        public var spotlight: String?
        /// What all see, where the chair chose it.
        public var layout: String?
        /// The bridge draws what all see, names and all: a line stands on every picture.
        public var isComposed: Bool?
        /// The entity of the user whose slides all see.
        public var presenter: String?
        public var isRecorded: Bool?
        /// The entity of the user who was given the word.
        public var word: String?
        /// The entities of those whom the layout `chair` shows, in this order.
        public var chosen: [String] = []

        public init(userCount: UInt32? = nil, isActive: Bool? = nil, isLocked: Bool? = nil) {
            self.userCount = userCount
            self.isActive = isActive
            self.isLocked = isLocked
        }
    }

    /// Who takes part (§5.6).
    public struct User: Hashable, Sendable {
        /// A URI, which names the user within the conference.
        public var entity: String
        public var displayText: String?
        public var roles: [String]
        /// Each with an entity of its own.
        public var endpoints: [Endpoint]
        /// Since when it asks for the word, as `xs:dateTime`; an element of this bridge's own.
        public var handRaised: String?
        /// Its place in the order of protocol, from 1. This and what follows are this bridge's own elements.
        public var place: Int?
        /// What it is shown, where the chair chose it for this user alone, and whom the layout `chair` shows it.
        public var layout: String?
        public var chosen: [String] = []

        public init(
            entity: String, displayText: String? = nil, roles: [String] = [], endpoints: [Endpoint] = [],
            handRaised: String? = nil
        ) {
            self.entity = entity
            self.displayText = displayText
            self.roles = roles
            self.endpoints = endpoints
            self.handRaised = handRaised
        }
    }

    /// A device of a user's, or one session of it (§5.7).
    public struct Endpoint: Hashable, Sendable {
        public enum Status: String, Hashable, Sendable, CaseIterable {
            case pending, alerting, connected, disconnecting, disconnected
            case dialingOut = "dialing-out"
            case dialingIn = "dialing-in"
            case onHold = "on-hold"
            case mutedViaFocus = "muted-via-focus"
        }

        public enum JoiningMethod: String, Hashable, Sendable, CaseIterable {
            case dialedIn = "dialed-in"
            case dialedOut = "dialed-out"
            case focusOwner = "focus-owner"
        }

        public enum DisconnectionMethod: String, Hashable, Sendable, CaseIterable {
            case departed, booted, failed, busy
        }

        /// A URI, which names the endpoint within its user.
        public var entity: String
        public var displayText: String?
        public var status: Status?
        public var joiningMethod: JoiningMethod?
        public var disconnectionMethod: DisconnectionMethod?
        /// Each with an `id` of its own.
        public var media: [Medium]

        public init(
            entity: String, displayText: String? = nil, status: Status? = nil, joiningMethod: JoiningMethod? = nil,
            disconnectionMethod: DisconnectionMethod? = nil, media: [Medium] = []
        ) {
            self.entity = entity
            self.displayText = displayText
            self.status = status
            self.joiningMethod = joiningMethod
            self.disconnectionMethod = disconnectionMethod
            self.media = media
        }
    }

    /// A media stream of an endpoint (§5.8).
    public struct Medium: Hashable, Sendable {
        /// Names it within its endpoint.
        public var id: String
        public var displayText: String?
        public var kind: MediaKind
        /// Of the conference's available medium that it is part of; of SDP's `a=label` (RFC 4574) where there is one.
        public var label: String?
        /// The SSRC by which the focus sends it on, in decimal.
        public var sourceID: String?
        /// As the endpoint sees it.
        public var status: MediaStatus?

        public init(
            id: String, displayText: String? = nil, kind: MediaKind, label: String? = nil, sourceID: String? = nil,
            status: MediaStatus? = nil
        ) {
            self.id = id
            self.displayText = displayText
            self.kind = kind
            self.label = label
            self.sourceID = sourceID
            self.status = status
        }
    }

    /// The SDP media types.
    public enum MediaKind: String, Hashable, Sendable, CaseIterable { case audio, video, text, message, application }

    public enum MediaStatus: String, Hashable, Sendable, CaseIterable { case sendrecv, sendonly, recvonly, inactive }
}
