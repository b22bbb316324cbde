/// Where a peer's m-line says that it receives, and which way.
struct RemoteTransport {
    var address: String
    var port: UInt16
    var rtcpAddress: String
    var rtcpPort: UInt16
    /// Seen from the peer, with the old hold by c=0.0.0.0 taken into account (RFC 3264 §8.4).
    var direction: MediaDirection

    /// nil without an address.
    init?(_ media: MediaDescription, of session: SessionDescription) {
        guard let connection = media.connection ?? session.connection else { return nil }
        address = connection.address
        port = media.port
        let rtcp = media.rtcp
        rtcpAddress = rtcp?.address?.address ?? connection.address
        rtcpPort = rtcp?.port ?? (media.port == .max ? media.port : media.port + 1)
        if media.multiplexesRTCP, rtcp == nil { rtcpPort = media.port }
        direction = media.direction ?? session.attributes.direction ?? .sendReceive
        if connection.isUnspecified { direction = direction.intersection(.sendOnly) }
    }
}

/// The RTP profiles that the bridge speaks (RFC 3551, 3711, 4585, 5124).
enum RTPProfile {
    static func isSupported(_ transport: String) -> Bool {
        ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"].contains(transport)
    }

    static func isSecure(_ transport: String) -> Bool { transport == "RTP/SAVP" || transport == "RTP/SAVPF" }
}
