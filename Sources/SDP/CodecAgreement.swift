/// The codecs of one m-line on which two sides agree.
struct CodecAgreement {
    var receivable: [CodecMapping] = []
    var sending: [CodecMapping] = []
    var telephoneEventReceived: UInt8?
    var telephoneEventSent: UInt8?
    /// The telephone-event mapping to write into an answer.
    var telephoneEvent: CodecMapping?

    var receivableRetransmissions: [RetransmissionFormat] = []
    var sendingRetransmissions: [RetransmissionFormat] = []

    /// What of an offer we take, in our order of preference and with the offer's payload types (RFC 3264 §6.1).
    init(offer: MediaDescription, role: MediaRole, capabilities: MediaCapabilities) {
        let maps = offer.payloadMaps
        for capability in capabilities.codecs(of: role) {
            for map in maps where Self.isSame(map, capability) {
                let remote = offer.formatParameters(of: map.payloadType)
                guard let local = Self.answerParameters(capability, to: remote),
                    !receivable.contains(where: { $0.payloadType == map.payloadType })
                else { continue }
                receivable.append(Self.mapping(map, capability, local))
                sending.append(Self.mapping(map, capability, remote))
            }
        }
        if capabilities.retransmits {
            receivableRetransmissions = offer.retransmissions(among: maps).filter { format in
                role.kind == .video && receivable.contains { $0.payloadType == format.original }
            }
            sendingRetransmissions = receivableRetransmissions
        }
        guard role == .audio, capabilities.telephoneEvents, let first = receivable.first else { return }
        let events = maps.filter { $0.encodingName.isSameIgnoringCase("telephone-event") }
        let event =
            events.first { $0.clockRate == first.clockRate } ?? events.first { $0.clockRate == 8000 }
            ?? events.first
        guard let event else { return }
        telephoneEventReceived = event.payloadType
        telephoneEventSent = event.payloadType
        telephoneEvent = CodecMapping(
            payloadType: event.payloadType, encodingName: "telephone-event", clockRate: event.clockRate, channels: 1,
            formatParameters: "0-15")
    }

    /// What an answer leaves of our offer: we receive with the payload types that we offered and send with the
    /// answer's.
    init(offer: MediaDescription, answer: MediaDescription, role: MediaRole, capabilities: MediaCapabilities) {
        let offered = offer.payloadMaps
        let codecs = capabilities.codecs(of: role)
        for map in answer.payloadMaps {
            if map.encodingName.isSameIgnoringCase("telephone-event") {
                let ours = offered.first {
                    $0.encodingName.isSameIgnoringCase("telephone-event") && $0.clockRate == map.clockRate
                }
                if let ours, role == .audio, telephoneEventSent == nil {
                    telephoneEventReceived = ours.payloadType
                    telephoneEventSent = map.payloadType
                }
                continue
            }
            let remote = answer.formatParameters(of: map.payloadType)
            let candidates = offered.filter { ours in
                codecs.contains { Self.isSame(ours, $0) && Self.isSame(map, $0) }
                    && (!ours.encodingName.isSameIgnoringCase("H264")
                        || Self.areCompatible(offer.formatParameters(of: ours.payloadType), remote))
            }
            guard let ours = candidates.first(where: { $0.payloadType == map.payloadType }) ?? candidates.first,
                let capability = codecs.first(where: { Self.isSame(ours, $0) })
            else { continue }
            if !receivable.contains(where: { $0.payloadType == ours.payloadType }) {
                receivable.append(
                    Self.mapping(ours, capability, offer.formatParameters(of: ours.payloadType)))
            }
            sending.append(Self.mapping(map, capability, remote))
        }
        guard capabilities.retransmits else { return }
        sendingRetransmissions = answer.retransmissions.filter { format in
            sending.contains { $0.payloadType == format.original }
        }
        // Who names none sends none.
        if !sendingRetransmissions.isEmpty { receivableRetransmissions = offer.retransmissions }
    }

    private static func isSame(_ map: RTPMap, _ capability: CodecCapability) -> Bool {
        map.clockRate == capability.clockRate && map.channels == capability.channels
            && map.encodingName.isSameIgnoringCase(capability.encodingName)
    }

    private static func answerParameters(_ capability: CodecCapability, to remote: String) -> String? {
        guard capability.isH264 else { return capability.formatParameters }
        guard let ours = H264Format(parsing: capability.formatParameters), let theirs = H264Format(parsing: remote)
        else { return nil }
        return ours.answer(to: theirs)
    }

    private static func areCompatible(_ ours: String, _ theirs: String) -> Bool {
        guard let ours = H264Format(parsing: ours), let theirs = H264Format(parsing: theirs) else { return false }
        return ours.family == theirs.family && ours.packetizationMode == theirs.packetizationMode
    }

    private static func mapping(
        _ map: RTPMap, _ capability: CodecCapability, _ parameters: String
    ) -> CodecMapping {
        CodecMapping(
            payloadType: map.payloadType, encodingName: capability.encodingName, clockRate: map.clockRate,
            channels: map.channels, formatParameters: parameters)
    }
}
