import Testing

@testable import SDP

/// Whatever is done to an offer, its answer has its m-lines, and each is on one transport.
@Suite struct TransportPropertyTests {
    private static let values: [(name: String, values: [String?])] = [
        ("setup", ["actpass", "active", "passive", "holdconn", ""]), ("rtcp-mux", [nil]), ("bundle-only", [nil]),
        ("mid", ["0", "1", "2", "", "x"]), ("ice-ufrag", ["abcd", "efgh", "a"]), ("ice-lite", [nil]),
        ("ice-pwd", ["0123456789012345678901", "short"]),
        ("group", ["BUNDLE 0 1 2 3", "BUNDLE", "BUNDLE 1 0", "LS 0"]),
        ("fingerprint", [DTLSFingerprint.made(of: 1).value, "sha-1 AA", "x"]), ("ice-mismatch", [nil]),
        ("crypto", ["1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s"]),
        (
            "extmap",
            ["1 \(HeaderExtension.identification.rawValue)", "4/recvonly \(HeaderExtension.streamID.rawValue)"]
        ),
        ("rid", ["l send", "m send pt=96", "h recv"]), ("simulcast", ["send l;m;h", "recv l send h", "send l,m"]),
        ("ssrc-group", ["FID 1 2", "SIM 1 2 3", "FID"]), ("ssrc", ["1 cname:x", "2 cname:x"]), ("msid", ["- t", "s"]),
        ("candidate", ["1 1 udp 1 192.0.2.9 4000 typ host", "1 1 tcp 1 h 9 typ host tcptype active"]),
        ("tls-id", ["one", "two"]), ("content", ["slides", "main"]),
    ]

    private static func damage(_ offer: inout SessionDescription, _ generator: inout SeededGenerator) {
        func change(_ attributes: inout [SDPAttribute]) {
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let kind = values[Int.random(in: 0..<values.count, using: &generator)]
                let value = kind.values[Int.random(in: 0..<kind.values.count, using: &generator)]
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: attributes.removeAll { $0.name == kind.name }
                case 1: attributes.removeAll { _ in Int.random(in: 0..<12, using: &generator) == 0 }
                default: attributes.insert(SDPAttribute(kind.name, value), at: 0)
                }
            }
        }
        change(&offer.attributes)
        if Int.random(in: 0..<8, using: &generator) == 0 { offer.media.shuffle(using: &generator) }
        if Int.random(in: 0..<8, using: &generator) == 0, let media = offer.media.randomElement(using: &generator) {
            offer.media.append(media)
        }
        for index in offer.media.indices {
            change(&offer.media[index].attributes)
            if Int.random(in: 0..<8, using: &generator) == 0 {
                offer.media[index].port = [0, 9, 4000].randomElement(using: &generator) ?? 0
            }
        }
    }

    private static func check(_ result: Negotiated) throws {
        #expect(result.local.media.map(\.kind) == result.remote.media.map(\.kind))
        #expect(try SessionDescription(parsing: result.local.serialized) == result.local)
        let carried = result.transports.flatMap(\.mediaIndexes)
        #expect(carried.sorted() == result.media.map(\.index).sorted(), "each m-line is on one transport")
        #expect(result.transports.allSatisfy { !$0.mediaIndexes.isEmpty })
        for transport in result.transports {
            for index in transport.mediaIndexes {
                let media = try #require(result.media.first { $0.index == index })
                #expect(media.usesDTLS == (transport.dtls != nil))
                #expect(media.crypto != nil || media.usesDTLS, "nothing is in the clear")
            }
        }
    }

    @Test func damagedOffersHaveTheirAnswersLineByLine() throws {
        var generator = SeededGenerator(seed: 8843)
        let names = RecordedOffers.names
        var answered = 0
        for round in 0..<400 {
            var call = Rehearsal()
            var offer = try RecordedOffers.description(names[round % names.count])
            for _ in 0..<3 {
                Self.damage(&offer, &generator)
                guard let result = try? call.answer(offer) else { continue }
                answered += 1
                try Self.check(result)
                #expect(result.local.media.count == offer.media.count)
                for (ours, theirs) in zip(result.local.media, offer.media) where !theirs.isOn {
                    #expect(ours.port == 0)
                }
                let bundled = Set(BundleGroup.groups(in: result.local).flatMap(\.indexes))
                let alone = result.local.media.indices.filter { !bundled.contains($0) && $0 < offer.media.count }
                #expect(alone.allSatisfy { !offer.media[$0].isBundleOnly || result.local.media[$0].port == 0 })
            }
            // What we offer then keeps the m-lines, and our own answer to it is taken.
            guard call.agreed != nil, let ours = try? call.offer() else { continue }
            #expect(ours.media.count == call.agreed?.local.media.count)
            var peer = Rehearsal()
            if let theirs = try? peer.answer(ours), let result = try? call.accept(theirs.local, to: ours) {
                try Self.check(result)
            }
        }
        #expect(answered > 500)
    }

    @Test func damagedTextNeverTraps() throws {
        var generator = SeededGenerator(seed: 8445)
        let texts = try RecordedOffers.names.map { Array(try RecordedOffers.text($0).utf8) }
        for round in 0..<500 {
            var bytes = texts[round % texts.count]
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = .random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(index..<min(bytes.count, index + 20))
                default: bytes.insert(contentsOf: bytes[..<min(bytes.count, 40)], at: index)
                }
            }
            guard let offer = try? SessionDescription(parsing: bytes) else { continue }
            let written = offer.serialized
            #expect((try? SessionDescription(parsing: written))?.serialized == written)
            var call = Rehearsal()
            if let result = try? call.answer(offer) { try Self.check(result) }
        }
    }
}
