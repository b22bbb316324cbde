/// Where a peer's m-line says that it receives, and which way.
struct RemoteTransport {
    var address: String
    var port: UInt16
    var rtcpAddress: String
    var rtcpPort: UInt16
    /// Seen from the peer, with the old hold by c=0.0.0.0 taken into account (RFC 3264 §8.4).
    var direction: MediaDirection

    /// nil without an address. An m-line without a transport of its own has that of the `tagged` one of its BUNDLE. By ICE
    /// an address need not be told, and none means no hold.
    init?(
        _ media: MediaDescription, of session: SessionDescription, tagged: MediaDescription? = nil, byICE: Bool = false
    ) {
        let place = media.isBundleOnly ? tagged ?? media : media
        let told = place.connection ?? session.connection
        guard let connection = told ?? (byICE ? SDPConnection(address: "0.0.0.0") : nil) else { return nil }
        address = connection.address
        port = place.port
        let rtcp = place.rtcp
        rtcpAddress = rtcp?.address?.address ?? connection.address
        rtcpPort = rtcp?.port ?? (place.port == .max ? place.port : place.port + 1)
        if media.multiplexesRTCP, rtcp == nil { rtcpPort = place.port }
        direction = media.direction ?? session.attributes.direction ?? .sendReceive
        if connection.isUnspecified, !byICE { direction = direction.intersection(.sendOnly) }
    }

    /// Nothing that could be sent to: what those write who leave it to ICE (RFC 8840 §4.1.1).
    var isPlaceholder: Bool { SDPConnection(address: address).isUnspecified && (port == 9 || port == 0) }
}

/// The RTP profiles that the bridge speaks (RFC 3551, 3711, 4585, 5124, 5764).
enum RTPProfile {
    static func isSupported(_ transport: String) -> Bool {
        ["RTP/AVP", "RTP/AVPF"].contains(transport) || isSecure(transport)
    }

    static func isSecure(_ transport: String) -> Bool {
        transport == "RTP/SAVP" || transport == "RTP/SAVPF" || isDTLS(transport)
    }

    /// Keyed by DTLS by its name.
    static func isDTLS(_ transport: String) -> Bool {
        transport == "UDP/TLS/RTP/SAVP" || transport == "UDP/TLS/RTP/SAVPF"
    }
}
