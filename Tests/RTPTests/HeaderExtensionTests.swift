import RTP
import Testing

private func packet(_ extensions: [UInt8], payload: [UInt8] = [1, 2, 3]) -> [UInt8] {
    [0x80 | (extensions.isEmpty ? 0 : 0x10), 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + extensions + payload
}

private func build(
    _ form: HeaderExtensionBuilder.Form, _ capacity: Int = 256, _ body: (inout HeaderExtensionBuilder) -> Void
) -> [UInt8] {
    withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
        var builder = HeaderExtensionBuilder(into: buffer, form: form)
        body(&builder)
        return Array(buffer.prefix(builder.finish()))
    }
}

@Suite struct HeaderExtensionTests {
    static func map(_ ids: [UInt8]) -> HeaderExtensionMap {
        var map = HeaderExtensionMap()
        for (kind, id) in zip(HeaderExtension.allCases, ids) { map[kind] = id }
        return map
    }

    private func read(_ packet: [UInt8], _ map: HeaderExtensionMap) throws -> HeaderExtensionValues {
        try packet.withUnsafeBytes { try RTPPacketInfo(parsing: $0).headerExtensions(map, of: $0) }
    }

    @Test func urisLeadBackToWhatTheyName() {
        for kind in HeaderExtension.allCases { #expect(HeaderExtension(uri: kind.uri) == kind) }
        #expect(HeaderExtension(uri: "urn:ietf:params:rtp-hdrext:toffset") == nil)
    }

    @Test func readsOneByteFormWithPadding() throws {
        let octets: [UInt8] = [0xbe, 0xde, 0, 3, 0x10, 0xAA, 0, 0x31, 0x12, 0x34, 0, 0, 0x22, 1, 2, 3]
        let values = try read(packet(octets), Self.map([1, 2, 3]))
        #expect(values.audioLevel == AudioLevel(decibelsBelowOverload: 0x2a, isVoice: true))
        #expect(values.transportSequence == 0x1234)
        #expect(values.absoluteSendTime == AbsoluteSendTime(rawValue: 0x010203))
        #expect(values.mediaIdentification == nil)
    }

    @Test func stopsAtElementsThatAreNone() throws {
        // Id 15 ends the reading; so does id 0 with a length (RFC 8285 §4.2).
        for stop in [UInt8(0xf0), 0x01] {
            let octets: [UInt8] = [0xbe, 0xde, 0, 2, 0x10, 5, stop, 0, 0x31, 1, 2, 0]
            let values = try read(packet(octets), Self.map([1, 2, 3]))
            #expect(values.audioLevel?.decibelsBelowOverload == 5 && values.transportSequence == nil)
        }
        // An element that runs past the end is none.
        let octets: [UInt8] = [0xbe, 0xde, 0, 1, 0x10, 5, 0x3f, 1]
        #expect(try read(packet(octets), Self.map([1, 2, 3])).transportSequence == nil)
    }

    @Test(arguments: [HeaderExtensionBuilder.Form.oneByte, .twoByte]) func whatIsWrittenIsReadBack(
        form: HeaderExtensionBuilder.Form
    ) throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let most: UInt8 = form == .oneByte ? 14 : 255
            let ids = Array((1...most).shuffled(using: &generator).prefix(6))
            let map = Self.map(ids)
            var values = HeaderExtensionValues()
            let pick = { (generator: inout SeededGenerator) in Bool.random(using: &generator) }
            if pick(&generator) {
                values.audioLevel = AudioLevel(
                    decibelsBelowOverload: .random(in: 0...127, using: &generator), isVoice: pick(&generator))
            }
            if pick(&generator) {
                values.absoluteSendTime = AbsoluteSendTime(rawValue: .random(in: 0...0xff_ffff, using: &generator))
            }
            if pick(&generator) { values.transportSequence = .random(in: 0...UInt16.max, using: &generator) }
            let name = { (generator: inout SeededGenerator) in
                StreamName(
                    String(
                        (0..<Int.random(in: 1...16, using: &generator)).map { _ in
                            "abcXYZ019-_".randomElement(using: &generator)!
                        }))
            }
            if pick(&generator) { values.mediaIdentification = name(&generator) }
            if pick(&generator) { values.streamIdentifier = name(&generator) }
            if pick(&generator) { values.repairedStreamIdentifier = name(&generator) }
            let octets = build(form) { $0.add(values, map) }
            #expect(octets.count % 4 == 0)
            let whole = packet(octets)
            #expect(try read(whole, map) == values)
            try whole.withUnsafeBytes { bytes in
                let info = try RTPPacketInfo(parsing: bytes)
                #expect(info.payload(of: bytes).elementsEqual([1, 2, 3]))
            }
        }
    }

    @Test func whatCannotBeSaidIsNotWritten() {
        #expect(build(.oneByte) { _ = $0.transportSequence(1, id: 0) }.isEmpty)
        #expect(build(.oneByte) { _ = $0.transportSequence(1, id: 15) }.isEmpty)
        #expect(!build(.twoByte) { _ = $0.transportSequence(1, id: 15) }.isEmpty)
        let long = [UInt8](repeating: 7, count: 17)
        long.withUnsafeBytes { octets in
            #expect(build(.oneByte) { _ = $0.element(octets, id: 1) }.isEmpty)
            #expect(build(.twoByte) { _ = $0.element(octets, id: 1) }.count == 24)
        }
        for capacity in 0..<40 {
            let octets = build(.oneByte, capacity) { builder in
                for id in UInt8(1)...14 { builder.absoluteSendTime(AbsoluteSendTime(rawValue: 1), id: id) }
            }
            #expect(octets.count <= capacity)
        }
    }

    @Test func namesKeepTheirOctetsAndTheirOrder() {
        for text in ["0", "video1", "abcdefgh", "abcdefghi", "0123456789abcdef"] {
            #expect(StreamName(text)?.description == text)
        }
        for text in ["", "0123456789abcdefg", "a b", "điểm"] { #expect(StreamName(text) == nil) }
        #expect(StreamName("hi") != StreamName("lo"))
    }

    @Test func sendTimesWrapAfter64Seconds() {
        let before = AbsoluteSendTime(nanoseconds: 63_900_000_000)
        let after = AbsoluteSendTime(nanoseconds: 64_100_000_000)
        #expect(abs(after.nanoseconds(since: before) - 200_000_000) < 8000)
        #expect(abs(before.nanoseconds(since: after) + 200_000_000) < 8000)
    }

    @Test func randomExtensionsNeverTrap() {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<50_000 {
            let words = Int.random(in: 0...8, using: &generator)
            let profile: [UInt8] =
                Bool.random(using: &generator) ? [0xbe, 0xde] : [0x10, .random(in: 0...31, using: &generator)]
            let whole = packet(profile + [0, UInt8(words)] + generator.bytes(words * 4), payload: [])
            _ = try? read(whole, Self.map((0..<6).map { _ in UInt8.random(in: 0...16, using: &generator) }))
        }
    }
}
