import SDP
import Testing

@Suite struct BrowserOfferTests {
    @Test(arguments: RecordedOffers.names) func whatIsWrittenReadsTheSame(name: String) throws {
        let text = try RecordedOffers.text(name)
        let parsed = try SessionDescription(parsing: text)
        #expect(try SessionDescription(parsing: parsed.serialized) == parsed)
        for media in parsed.media {
            for line in media.attributes.all("candidate") {
                let candidate = try #require(ICECandidate(parsing: line))
                #expect(candidate.value.lowercased() == line.lowercased())
            }
            for line in media.attributes.all("fingerprint") {
                #expect(DTLSFingerprint(parsing: line)?.value.lowercased() == line.lowercased())
            }
            for line in media.attributes.all("extmap") { #expect(ExtensionMap(parsing: line)?.value == line) }
            for line in media.attributes.all("rid") { #expect(StreamRestriction(parsing: line)?.value == line) }
        }
    }

    @Test(arguments: RecordedOffers.names.filter { !$0.hasSuffix("answer") })
    func everyOfferIsAnsweredLineByLine(name: String) throws {
        var call = Rehearsal()
        let result = try call.answer(recorded: name)
        #expect(result.local.media.map(\.kind) == result.remote.media.map(\.kind))
        #expect(result.local.media.map(\.transport) == result.remote.media.map(\.transport))
        #expect(result.local.media.map(\.identification) == result.remote.media.map(\.identification))
        #expect(try SessionDescription(parsing: result.local.serialized) == result.local)
        for media in result.media {
            let transport = try #require(result.transport(of: media))
            #expect((transport.dtls != nil) == media.usesDTLS && (media.crypto != nil) != media.usesDTLS)
            #expect(transport.ice != nil && transport.localPort == result.local.media[media.index].port)
        }
    }

    @Test func chromiumGetsOneTransportForAll() throws {
        var call = Rehearsal()
        let result = try call.answer(recorded: "chromium-plain")
        let transport = try #require(result.transports.first)
        #expect(result.transports.count == 1 && transport.mediaIndexes == [0, 1])
        #expect(transport.localPort == 20_000 && result.local.media.map(\.port) == [20_000, 20_000])
        #expect(transport.dtls?.role == .server && transport.dtls?.continuity == .new)
        #expect(transport.dtls?.fingerprints.map(\.hash) == [.sha256])
        #expect(transport.ice?.remote.usernameFragment.utf8.count == 4 && transport.ice?.local == .fresh(1))
        // Its addresses are hidden, and no check needs them.
        #expect(transport.ice?.remoteCandidates == [] && transport.ice?.trickles == true)
        #expect(result.remote.media[0].candidates.allSatisfy { $0.isHidden })
        #expect(result.local.attributes.first("group") == "BUNDLE 0 1")
        #expect(result.local.attributes.first("ice-lite") != nil)
        let lines = result.local.media[0].candidates
        #expect(lines.map(\.address) == ["203.0.113.1", "10.0.0.1", "2001:db8::1"])
        #expect(lines.allSatisfy { $0.kind == "host" && $0.component == 1 && $0.port == 20_000 })
        #expect(lines.map(\.priority) == lines.map(\.priority).sorted(by: >))
        #expect(result.local.media[1].candidates.isEmpty)
        #expect(result.local.media.allSatisfy { $0.attributes.first("setup") == "passive" })
        #expect(result.audio?.direction == .sendReceive && result.video?.direction == .sendReceive)
        #expect(result.audio?.receivable.map(\.encodingName) == ["opus", "G722", "PCMA", "PCMU"])
        #expect(result.video?.receivable.first?.encodingName == "VP8")
    }

    @Test func whatBrowsersAddIsAgreedOn() throws {
        var call = Rehearsal()
        let result = try call.answer(recorded: "chromium-plain")
        let audio = try #require(result.audio)
        let video = try #require(result.video)
        #expect(audio.extensions.receivable[.audioLevel] == 1 && audio.extensions.sending[.identification] == 4)
        #expect(video.extensions.receivable[.audioLevel] == nil && video.extensions.receivable[.streamID] == 10)
        #expect(audio.extensions.mixesForms && video.reducedSizeRTCP)
        #expect(audio.usesTransportFeedback && video.usesTransportFeedback && video.usesREMB && !audio.usesREMB)
        let source = try #require(video.remoteSources.first)
        #expect(video.remoteSources.count == 1 && source.retransmissionSSRC != nil)
        let line = result.local.media[1]
        #expect(line.streamIdentifications.map(\.trackID) == ["video"] && line.sources == [20_002, 20_003])
        #expect(line.sourceGroups.map(\.sources) == [[20_002, 20_003]])
        #expect(line.payloadMaps.allSatisfy { ["VP8", "H264", "rtx"].contains($0.encodingName) })
        // Without the capabilities nothing of it is there.
        var plain = MediaCapabilities()
        plain.allowsClear = false
        var bare = Rehearsal(plain)
        let less = try bare.answer(recorded: "chromium-plain")
        #expect(less.audio?.extensions == NegotiatedExtensions() && less.video?.reducedSizeRTCP == false)
        #expect(less.local.media.allSatisfy { $0.extensionMaps.isEmpty })
        #expect(less.video?.feedback == ["nack", "nack pli", "ccm fir"])
    }

    @Test func aMeetingInChromium() throws {
        var call = Rehearsal()
        let first = try call.answer(recorded: RecordedOffers.chromiumMeeting[0])
        #expect(first.local.media.map(\.port) == [20_000, 20_000, 0], "no data channel")
        #expect(first.local.attributes.first("group") == "BUNDLE 0 1")
        #expect(first.video?.simulcast.map(\.id) == ["l", "m", "h"])
        #expect(first.local.media[1].attributes.first("simulcast") == "recv l;m;h")
        #expect(first.local.media[1].restrictions.map(\.value) == ["l recv", "m recv", "h recv"])
        #expect(first.slides == nil)

        let shared = try call.answer(recorded: RecordedOffers.chromiumMeeting[1])
        #expect(shared.slides?.index == 3 && shared.video?.index == 1)
        #expect(shared.transports.map(\.mediaIndexes) == [[0, 1, 3]])
        #expect(shared.transports[0].dtls?.continuity == .kept && shared.transports[0].ice?.isRestart == false)
        #expect(shared.transports[0].ice?.local == first.transports[0].ice?.local)
        #expect(shared.slides?.simulcast == [])
        // Chromium insists on one set of parameters for a payload type.
        let lines = [shared.local.media[1], shared.local.media[3]]
        for type in lines[0].payloadMaps.map(\.payloadType) {
            #expect(lines[0].formatParameters(of: type) == lines[1].formatParameters(of: type))
        }

        let restarted = try call.answer(recorded: RecordedOffers.chromiumMeeting[2])
        let transport = try #require(restarted.transports.first)
        #expect(transport.ice?.isRestart == true && transport.ice?.local == .fresh(3))
        #expect(transport.dtls?.continuity == .kept, "ICE alone makes no new association")
        #expect(transport.localPort == 20_000)

        let off = try call.answer(recorded: RecordedOffers.chromiumMeeting[3])
        #expect(off.transports.first?.ice?.isRestart == false && off.transports.first?.ice?.local == .fresh(3))
        #expect(off.slides?.direction == .inactive)

        // The tagged m-line goes off: the transport stays where it was, under the next.
        let silent = try call.answer(recorded: RecordedOffers.chromiumMeeting[4])
        #expect(silent.audio == nil && silent.video?.index == 1 && silent.slides?.index == 3)
        #expect(silent.transports.map(\.mediaIndexes) == [[1, 3]] && silent.transports[0].localPort == 20_000)
        #expect(silent.transports[0].dtls?.continuity == .kept && silent.transports[0].ice?.local == .fresh(3))
        #expect(silent.local.media.map(\.port) == [0, 20_000, 0, 20_000])
        #expect(silent.local.origin.version == first.local.origin.version + 4)

        // Ours: all where it is, whoever is tagged.
        let offer = try call.offer()
        #expect(offer.attributes.first("group") == "BUNDLE 1 3")
        #expect(offer.media.map(\.port) == [0, 20_000, 0, 20_000])
        #expect(offer.media[1].candidates.count == 3 && offer.media[3].candidates.isEmpty)
        #expect(offer.media[1].attributes.first("ice-ufrag") == "frag3")
        #expect(offer.media[1].attributes.first("setup") == "actpass")
    }

    @Test func aMeetingInFirefoxWithoutPortsOfItsOwn() throws {
        var call = Rehearsal()
        let first = try call.answer(recorded: RecordedOffers.firefoxMeeting[0])
        #expect(first.remote.media.map(\.port) == [9, 0], "the second m-line is bundle-only")
        #expect(first.local.media.map(\.port) == [20_000, 20_000])
        #expect(first.video?.simulcast.map(\.id) == ["l", "m", "h"])
        #expect(first.video?.extensions.receivable[.streamID] == 9 && first.video?.extensions.sending[.streamID] == nil)
        #expect(first.local.media[1].attributes.all("extmap").contains { $0.hasPrefix("9/recvonly ") })
        #expect(first.video?.remoteSources.count == 3)
        let shared = try call.answer(recorded: RecordedOffers.firefoxMeeting[1])
        #expect(shared.transports.map(\.mediaIndexes) == [[0, 1, 2]] && shared.slides?.index == 2)
        #expect(shared.transports[0].dtls?.continuity == .kept)
        let restarted = try call.answer(recorded: RecordedOffers.firefoxMeeting[2])
        #expect(restarted.transports[0].ice?.isRestart == true && restarted.transports[0].dtls?.continuity == .kept)
    }

    @Test func aDataChannelThatIsBundleOnlyIsTurnedDown() throws {
        var call = Rehearsal()
        let result = try call.answer(recorded: "firefox-max-bundle")
        #expect(result.local.media.map(\.port) == [20_000, 20_000, 0])
        #expect(result.local.attributes.first("group") == "BUNDLE 0 1")
    }

    @Test func safariPrefersWhatWeDoNot() throws {
        var call = Rehearsal()
        let result = try call.answer(recorded: "safari")
        #expect(result.video?.sending.map(\.payloadType) == [103, 98, 96])
        #expect(result.video?.sendingRetransmissions.map(\.payloadType).sorted() == [97, 99, 104])
    }

    @Test(arguments: ["chromium-answer", "firefox-answer", "aiortc-answer"])
    func answersToOurOfferAreAccepted(name: String) throws {
        var call = Rehearsal()
        let offer = try call.offer()
        #expect(offer.media.map(\.transport) == Array(repeating: "UDP/TLS/RTP/SAVPF", count: 3))
        #expect(offer.media.map(\.port) == [20_000, 20_002, 20_004], "each can stand alone")
        #expect(offer.media.allSatisfy { $0.candidates.count == 3 && $0.attributes.first("fingerprint") != nil })
        let result = try call.accept(RecordedOffers.description(name), to: offer)
        #expect(result.transports.map(\.mediaIndexes) == [[0, 1, 2]])
        let transport = try #require(result.transports.first)
        #expect(transport.localPort == 20_000 && transport.localAddress == "203.0.113.1")
        #expect(transport.dtls?.role == .server && transport.dtls?.continuity == .new && transport.ice != nil)
        #expect(result.media.count == 3 && result.media.allSatisfy { $0.usesDTLS } && result.slides?.index == 2)
        #expect(result.audio?.extensions.receivable[.audioLevel] == 1)
        if name != "aiortc-answer" { #expect(result.video?.simulcast.map(\.id) == ["l", "m", "h"]) }
        // Again, and all goes on.
        let again = try call.offer()
        #expect(again.media.map(\.port) == [20_000, 20_000, 20_000])
        #expect(again.attributes.first("group") == "BUNDLE 0 1 2")
        let kept = try call.accept(RecordedOffers.description(name), to: again)
        #expect(kept.transports.map(\.dtls?.continuity) == [.kept])
        #expect(kept.transports.first?.ice?.local == .fresh(1) && kept.transports.first?.ice?.isRestart == false)
    }
}
