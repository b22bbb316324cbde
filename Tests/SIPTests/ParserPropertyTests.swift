import Testing

@testable import SIP

/// What holds for any octets whatever.
struct ParserPropertyTests {
    /// Messages of all shapes, from which the mutants descend.
    static let seeds: [[UInt8]] = [
        Samples.message(
            "INVITE sip:giaoban@example.vn;transport=tls SIP/2.0",
            "Via: SIP/2.0/TLS [2001:db8::9:1]:5061;rport;branch=z9hG4bKnas43", "Max-Forwards: 70",
            "From: \"Phòng họp \\\"số 1\\\"\" <sip:phong1@example.vn>;tag=a73kszlfl", "To: <sip:giaoban@example.vn>",
            "Call-ID: 1j9FpLxk3uxtm8tn@example.vn", "CSeq: 1 INVITE", "Contact: <sip:phong1@192.0.2.3:5061>;expires=60",
            "Route: <sip:p1.example.vn;lr>, <sip:p2.example.vn;lr>", "Supported: timer, 100rel",
            "Content-Type: application/sdp", "Content-Length: 0"),
        Samples.message(
            "SIP/2.0 200 OK", "v: SIP/2.0/UDP a.example;branch=z9hG4bK1;received=192.0.2.1;rport=99, SIP/2.0/TCP b:1",
            "f: <sip:a%20b@x.example?Subject=a>;tag=1", "t: sip:c@d;tag=2", "i: 77@q", "CSeq: 4711 INVITE",
            "m: *", "l: 0"),
        Samples.message(
            "REGISTER sips:example.vn SIP/2.0", "Via: SIP / 2.0 / UDP h ;branch = z9hG4bKx", "To:", " <tel:+84;x=y>",
            "From: A B <sip:a:p@h:1;q>;tag=z", "Call-ID: c", "CSeq: 2 REGISTER",
            "Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"sip:h\", response=\"00\", nc=00000001"
        ),
    ]

    @Test(arguments: 0..<4)
    func mutatedMessagesNeverTrapAndSurviveTheRoundTrip(part: Int) throws {
        var random = SplitMix64(seed: 0x5150_2026 + UInt64(part))
        var parsed = 0
        for round in 0..<25_000 {
            let octets = Self.mutate(Self.seeds[round % Self.seeds.count], &random)
            guard let message = try? SIPMessage(parsing: octets) else { continue }
            parsed += 1
            // The round trip of each would take long; every eighth will find what there is.
            guard parsed.isMultiple(of: 8) else { continue }
            let again = try? SIPMessage(parsing: message.serialized())
            #expect(again == message, "round \(round): \(Samples.text(octets))")
        }
        #expect(parsed > 2_500)
    }

    @Test func randomOctetsNeverTrap() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            let octets = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(throws: SIPParseError.self) { try SIPMessage(parsing: octets) }
        }
    }

    @Test func randomTextNeverTrapsAnyOfTheSmallParsers() {
        var random = SplitMix64(seed: 11)
        let alphabet = Array("sip:@;=?<>\"\\,/%4a[]: \t*#.-SIP2Digest".utf8) + [0, 0x80, 0xFF]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &random)
            let octets = (0..<count).compactMap { _ in alphabet.randomElement(using: &random) }
            let text = Samples.text(octets)
            if let uri = try? URI(parsing: text) { #expect((try? URI(parsing: uri.description)) == uri, "\(text)") }
            if let address = try? NameAddress(parsing: text) {
                #expect((try? NameAddress(parsing: address.description)) == address, "\(text)")
            }
            if let via = try? Via(parsing: "SIP/2.0/\(text)") { #expect((try? Via(parsing: via.description)) == via) }
            _ = try? CSeq(parsing: text)
            _ = try? MediaType(parsing: text)
            _ = try? SessionExpires(parsing: text)
            _ = try? DigestCredentials(parsing: "Digest \(text)")
            _ = try? DigestChallenge(parsing: "Digest \(text)")
            _ = try? SIPReason(parsing: text)
        }
    }

    @Test func streamsCutAnywhereGiveTheSameMessages() throws {
        var random = SplitMix64(seed: 3)
        let stream = Self.seeds[0] + Self.seeds[1] + [13, 10, 13, 10] + Self.seeds[0]
        for _ in 0..<200 {
            var framer = StreamFramer(maximumMessageSize: 4096)
            var frames: [StreamFramer.Frame] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int.random(in: 1...90, using: &random))
                framer.append(rest.prefix(count))
                rest = rest.dropFirst(count)
                while let frame = try framer.next() { frames.append(frame) }
            }
            #expect(frames == [.message(Self.seeds[0]), .message(Self.seeds[1]), .keepAlive, .message(Self.seeds[0])])
        }
    }

    @Test func mutatedStreamsNeverTrapNorHoldMoreThanTheLimit() {
        var random = SplitMix64(seed: 5)
        for round in 0..<2_000 {
            var framer = StreamFramer(maximumMessageSize: 1024)
            for step in 0..<4 {
                framer.append(Self.mutate(Self.seeds[(round + step) % 2], &random))
                do throws(SIPParseError) {
                    while case .message(let octets)? = try framer.next() { #expect(octets.count <= 1024) }
                } catch {
                    #expect(throws: SIPParseError.self) { try framer.next() }
                    break
                }
            }
        }
    }

    static func mutate(_ seed: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var octets = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !octets.isEmpty else { return octets }
            let index = Int.random(in: 0..<octets.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: octets[index] = UInt8.random(in: 0...255, using: &random)
            case 1: octets.remove(at: index)
            case 2: octets.insert(UInt8.random(in: 0...255, using: &random), at: index)
            case 3: octets.insert("\r\n \t:;,<>\"@=%\\/".utf8.randomElement(using: &random) ?? 0, at: index)
            case 4: octets.removeSubrange(index..<min(octets.count, index + Int.random(in: 1...30, using: &random)))
            default:
                let end = min(octets.count, index + Int.random(in: 1...30, using: &random))
                octets.insert(contentsOf: Array(octets[index..<end]), at: Int.random(in: 0...index, using: &random))
            }
        }
        return octets
    }
}
