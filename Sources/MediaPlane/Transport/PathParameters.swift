public import DTLS
public import ICE
public import RTP

/// Which of a leg's streams.
public enum StreamRole: UInt8, Sendable, Hashable, CaseIterable {
    case audio, video
    /// Content that is shared beside the camera's picture.
    case slides
    /// One more camera's picture, for the peer to show.
    case pane
}

/// A transport of a leg's of which more is known than two addresses: streams that share it (RFC 9143).
public struct PathParameters: Sendable {
    public struct Member: Sendable {
        public var role: StreamRole
        /// The stream's `a=mid`.
        public var identification: String
        /// The `rid` of each stream of a simulcast (RFC 8853); empty for one stream.
        public var layers: [String]
        /// Which pane, of a pane.
        public var pane = 0

        public init(_ role: StreamRole, identification: String = "", layers: [String] = []) {
            self.role = role
            self.identification = identification
            self.layers = layers
        }
    }

    /// How the peer's address is found: it checks, and nominates one (RFC 8445).
    public struct Finding: Sendable {
        public var local: ICECredentials
        /// The username fragment in the peer's description.
        public var remoteFragment: String

        public init(local: ICECredentials, remoteFragment: String) {
            self.local = local
            self.remoteFragment = remoteFragment
        }
    }

    /// How the keys come about: by DTLS on the transport itself (RFC 5763).
    public struct Keying: Sendable {
        public var role: DTLSRole
        /// One of these the peer's certificate has.
        public var fingerprints: [DTLSFingerprint]
        /// An association that stands goes on, with its keys.
        public var isKept: Bool

        public init(role: DTLSRole, fingerprints: [DTLSFingerprint], isKept: Bool = false) {
            self.role = role
            self.fingerprints = fingerprints
            self.isKept = isKept
        }
    }

    /// The first is the one whose ports are used; at least one.
    public var members: [Member]
    /// What the peer's packets may say in their headers (RFC 8285).
    public var extensions = HeaderExtensionMap()
    /// The number of each packet that is sent, of which the peer tells when it came; 0 where it does not.
    public var transportSequenceID: UInt8 = 0
    /// The peer tells what it estimates its line to carry, and wants to be told (REMB).
    public var estimates = false
    /// Nil: the peer is where its description says, or where authentic packets come from.
    public var finding: Finding?
    /// Nil: each stream has its keys, or none.
    public var keying: Keying?

    public init(
        members: [Member], finding: Finding? = nil, keying: Keying? = nil
    ) {
        self.members = members
        self.finding = finding
        self.keying = keying
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
