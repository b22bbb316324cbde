/// Which of a leg's streams.
public enum StreamRole: UInt8, Sendable, Hashable, CaseIterable {
    case audio, video
    /// Content that is shared beside the camera's picture.
    case slides
}

/// A transport of a leg's of which more is known than two addresses: streams that share it (RFC 9143).
public struct PathParameters: Sendable {
    public struct Member: Sendable {
        public var role: StreamRole
        /// The stream's `a=mid`.
        public var identification: String

        public init(_ role: StreamRole, identification: String = "") {
            self.role = role
            self.identification = identification
        }
    }

    /// The first is the one whose ports are used; at least one.
    public var members: [Member]
    /// The identifier by which the peer's packets carry their `mid` (RFC 8285); nil where it was not agreed on.
    public var identificationExtension: UInt8?

    public init(members: [Member], identificationExtension: UInt8? = nil) {
        self.members = members
        self.identificationExtension = identificationExtension
    }
}

/// The synchronization sources by which the bridge sends a stream, for descriptions that name them (RFC 5576).
public struct StreamSources: Sendable, Hashable {
    public let media: UInt32

    public init(media: UInt32) { self.media = media }

    /// Of what is sent again (RFC 4588).
    public var retransmission: UInt32 { media ^ 0x5A5A_5A5A }

    public static func random() -> StreamSources { StreamSources(media: .random(in: 1 ... .max)) }
}
