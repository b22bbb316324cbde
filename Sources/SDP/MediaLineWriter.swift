/// Writes an m-line of ours with its attributes.
struct MediaLineWriter {
    var kind: MediaKind
    var transport: String
    var stream: LocalStream
    var codecs: [CodecMapping]
    var telephoneEvent: CodecMapping?
    var retransmissions: [RetransmissionFormat] = []
    var identification: String?
    var multiplexesRTCP = false
    var cryptos: [CryptoAttribute] = []
    var feedback: [RTCPFeedback] = []
    var extendedReports = ExtendedReports()
    var direction = MediaDirection.sendReceive
    var packetTimeMilliseconds: Int?
    /// What the stream shows (RFC 4796), and by what other lines refer to it (RFC 4574).
    var content: String?
    var label: String?
    /// ICE and DTLS.
    var transportAttributes: [SDPAttribute] = []
    var extensions: [ExtensionMap] = []
    var mixesExtensionForms = false
    var simulcast = SimulcastAgreement()
    var reducedSizeRTCP = false
    /// Offered without a port of its own (RFC 9143 §6).
    var isBundleOnly = false

    /// By which our offers name their streams: as room systems do, so that nobody meets them for the first time.
    static func label(of role: MediaRole) -> String? {
        switch role {
        case .audio, .pane: nil
        case .video: "11"
        case .slides: "12"
        }
    }

    init(
        kind: MediaKind, transport: String, stream: LocalStream, codecs: [CodecMapping], telephoneEvent: CodecMapping?
    ) {
        self.kind = kind
        self.transport = transport
        self.stream = stream
        self.codecs = codecs
        self.telephoneEvent = telephoneEvent
    }

    /// All formats of the line, in order.
    var mappings: [CodecMapping] {
        let again = retransmissions.map {
            CodecMapping(
                payloadType: $0.payloadType, encodingName: "rtx", clockRate: codecs.first?.clockRate ?? 90_000,
                channels: 1, formatParameters: "apt=\($0.original)")
        }
        return codecs + (telephoneEvent.map { [$0] } ?? []) + again
    }

    var line: MediaDescription {
        let mappings = mappings
        var media = MediaDescription(
            kind: kind.rawValue, port: isBundleOnly ? 0 : stream.port, transport: transport,
            formats: mappings.map { String($0.payloadType) }, connection: SDPConnection(address: stream.address))
        for mapping in mappings {
            let map = RTPMap(
                payloadType: mapping.payloadType, encodingName: mapping.encodingName, clockRate: mapping.clockRate,
                channels: mapping.channels)
            media.attributes.append(SDPAttribute("rtpmap", map.value))
            if !mapping.formatParameters.isEmpty {
                media.attributes.append(SDPAttribute("fmtp", "\(mapping.payloadType) \(mapping.formatParameters)"))
            }
        }
        if let packetTimeMilliseconds {
            media.attributes.append(SDPAttribute("ptime", String(packetTimeMilliseconds)))
        }
        media.attributes += cryptos.map { SDPAttribute("crypto", $0.value) }
        media.attributes += feedback.map { SDPAttribute("rtcp-fb", $0.value) }
        if let value = extendedReports.value { media.attributes.append(SDPAttribute("rtcp-xr", value)) }
        media.attributes += transportAttributes
        if isBundleOnly { media.attributes.append(SDPAttribute("bundle-only")) }
        media.attributes += extensions.map { SDPAttribute("extmap", $0.value) }
        if mixesExtensionForms { media.attributes.append(SDPAttribute("extmap-allow-mixed")) }
        if let port = rtcpPort { media.attributes.append(SDPAttribute("rtcp", String(port))) }
        if multiplexesRTCP { media.attributes.append(SDPAttribute("rtcp-mux")) }
        if reducedSizeRTCP { media.attributes.append(SDPAttribute("rtcp-rsize")) }
        if let identification { media.attributes.append(SDPAttribute("mid", identification)) }
        if let content { media.attributes.append(SDPAttribute("content", content)) }
        if let label { media.attributes.append(SDPAttribute("label", label)) }
        media.attributes += simulcast.attributes
        if let source = stream.source, direction.sends {
            media.attributes += source.attributes(retransmits: !retransmissions.isEmpty)
        }
        media.attributes.append(SDPAttribute(direction.rawValue))
        return media
    }

    /// Said where it is not what RFC 3605 takes for granted.
    private var rtcpPort: UInt16? {
        if let port = stream.rtcpPort, Int(port) != Int(stream.port) + 1 { return port }
        return nil
    }
}
