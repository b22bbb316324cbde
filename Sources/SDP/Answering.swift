/// Offer and answer (RFC 3264) for the bridge's side of a call.
public enum OfferAnswer {
    /// Makes the master key and salt with which we send, `keyAndSaltLength` octets.
    public typealias KeyMaker = (CryptoSuite) -> [UInt8]

    /// Answers an offer. `previous` is the description that we sent last in this dialog, if any: its version is
    /// counted on from, and its keys are kept where the suite stays. `previousRemote` is the peer's that was in force with
    /// it: by it an ICE restart and another certificate are known; without it every DTLS association counts as new.
    /// Throws when no m-line can be agreed on.
    public static func answer(
        offer: SessionDescription, with capabilities: MediaCapabilities, local: LocalMedia,
        previous: SessionDescription? = nil, previousRemote: SessionDescription? = nil, makeKey: KeyMaker
    ) throws(NegotiationError) -> Negotiated {
        guard offer.media.count <= capabilities.maximumMediaLines else {
            throw .tooManyMediaLines(limit: capabilities.maximumMediaLines)
        }
        var answer = emptyDescription(local, after: previous)
        var drafts: [MediaRole: MediaDraft] = [:]
        var refusal: NegotiationError?
        answer.media = offer.media.map(refused)
        let sent = { (index: Int) in previous.flatMap { $0.media.indices.contains(index) ? $0.media[index] : nil } }
        let bundles = BundleGroup.groups(in: offer)
        let candidates = MediaRole.candidates(
            in: offer, slides: local.slides != nil, secondVideoIsSlides: capabilities.takesSecondVideoAsSlides,
            panes: min(capabilities.maximumPanes, local.panes.count))
        for (index, role) in candidates {
            guard drafts[role] == nil, let stream = local.stream(of: role) else { continue }
            if case .pane = role, !isLed(index, bundles, Array(drafts.values)) { continue }
            do throws(NegotiationError) {
                let drafting = MediaDrafting(
                    offer: offer, index: index, bundle: bundles.first { $0.indexes.contains(index) }, role: role,
                    stream: stream, capabilities: capabilities, local: local, previous: sent(index))
                drafts[role] = try drafting.draft(makeKey: makeKey)
            } catch {
                if case .keyHasWrongLength = error { throw error }
                // The first reason is told; a sound one before a picture one, as offers have them.
                refusal = refusal ?? error
            }
        }
        let settled = try TransportAnswering(
            drafts.values.sorted { $0.index < $1.index }, of: offer, local: local, previous: previous,
            previousRemote: previousRemote)
        refusal = refusal ?? settled.refused.first
        for draft in settled.drafts { answer.media[draft.index] = draft.writer.line }
        answer.attributes = settled.sessionAttributes(in: answer)
        if settled.drafts.isEmpty {
            // A re-offer that switches every medium off is answered all the same (RFC 3264 §8.2).
            guard previous != nil, refusal == nil, !offer.media.isEmpty else { throw refusal ?? .noMediaOffered }
        }
        var negotiated = Negotiated(
            local: answer, remote: offer, media: settled.drafts.map(\.media), transports: settled.transports)
        if let floor = local.floorControl {
            // After the streams, for it names one of them.
            for (index, media) in offer.media.enumerated() where media.isFloorControl && media.port != 0 {
                guard
                    let (control, line) = acceptFloorControl(
                        media, index: index, of: offer, floor, slidesLabel: negotiated.slides?.label,
                        previous: sent(index))
                else { continue }
                negotiated.floorControl = control
                negotiated.local.media[index] = line
                break
            }
        }
        return negotiated
    }

    /// Throws what `answer` would where no m-line of a first offer can be agreed on. It makes no keys, writes no description,
    /// and ends with the first m-line that can be: what the others or their transports lack, only the answer finds.
    public static func rehearse(
        offer: SessionDescription, with capabilities: MediaCapabilities, local: LocalMedia
    ) throws(NegotiationError) {
        guard offer.media.count <= capabilities.maximumMediaLines else {
            throw .tooManyMediaLines(limit: capabilities.maximumMediaLines)
        }
        var refusal: NegotiationError?
        let bundles = BundleGroup.groups(in: offer)
        let candidates = MediaRole.candidates(
            in: offer, slides: local.slides != nil, secondVideoIsSlides: capabilities.takesSecondVideoAsSlides)
        for (index, role) in candidates {
            guard let stream = local.stream(of: role) else { continue }
            let drafting = MediaDrafting(
                offer: offer, index: index, bundle: bundles.first { $0.indexes.contains(index) }, role: role,
                stream: stream, capabilities: capabilities, local: local, previous: nil)
            do throws(NegotiationError) {
                _ = try drafting.agree { [UInt8](repeating: 0, count: $0.keyAndSaltLength) }
                return
            } catch {
                refusal = refusal ?? error
            }
        }
        throw refusal ?? .noMediaOffered
    }

    /// A pane has no ports of its own: it joins the transport of something that stands before it in a bundle.
    private static func isLed(_ index: Int, _ bundles: [BundleGroup], _ drafts: [MediaDraft]) -> Bool {
        guard let bundle = bundles.first(where: { $0.indexes.contains(index) }) else { return false }
        return bundle.indexes.prefix { $0 != index }.contains { leader in
            drafts.contains {
                $0.index == leader && $0.media.pane == nil && $0.dtls != nil && $0.media.multiplexesRTCP
            }
        }
    }

    static func emptyDescription(_ local: LocalMedia, after previous: SessionDescription?) -> SessionDescription {
        let address = SDPConnection(address: local.address)
        let origin: SDPOrigin
        if let previous {
            origin = SDPOrigin(
                username: previous.origin.username, sessionID: previous.origin.sessionID,
                version: previous.origin.version &+ 1, address: address)
        } else {
            origin = SDPOrigin(sessionID: String(local.sessionID), version: 1, address: address)
        }
        return SessionDescription(origin: origin, name: local.sessionName, connection: address)
    }

    /// An m-line turned down: port 0, in its place (RFC 3264 §6).
    private static func refused(_ offered: MediaDescription) -> MediaDescription {
        MediaDescription(
            kind: offered.kind, port: 0, transport: offered.transport, formats: offered.formats,
            attributes: offered.identification.map { [SDPAttribute("mid", $0)] } ?? [])
    }

    static func isAcceptable(_ line: CryptoAttribute, _ capabilities: MediaCapabilities) -> Bool {
        line.hasPlainParameters && !line.hasSeveralKeys
            && (line.masterKeyIndex == nil || capabilities.acceptsMasterKeyIndex)
    }
}
