import Testing

@testable import SDP

@Suite struct SimulcastTests {
    private static let head =
        BundleTests.group("v") + "m=video 4002 UDP/TLS/RTP/SAVPF 96 98 45\na=mid:v\na=rtcp-mux\n"
        + "a=rtpmap:96 VP8/90000\na=rtpmap:98 VP9/90000\na=rtpmap:45 AV1/90000\n"
        + "a=extmap:10 \(HeaderExtension.streamID.rawValue)\n"

    @Test(
        arguments: [
            ("a=rid:h send\na=rid:l send\na=simulcast:send h;l\n", ["h", "l"], "recv h;l"),
            ("a=rid:h send\na=rid:l send\na=simulcast:send h;~l\n", ["h", "l"], "recv h;~l"),
            // Of alternatives the first that we have a codec for.
            (
                "a=rid:1 send pt=98;max-width=1280\na=rid:2 send pt=45,96;max-width=1280\na=rid:3 send\n"
                    + "a=simulcast:send 1,2;3\n", ["2", "3"], "recv 2;3"
            ),
            // No more than we take, and none that is not described.
            (
                "a=rid:a send\na=rid:b send\na=rid:c send\na=rid:d send\na=simulcast:send a;b;c;d\n",
                ["a", "b", "c"], "recv a;b;c"
            ),
            ("a=rid:a send\na=simulcast:send a;b\n", ["a"], "recv a"),
            ("a=rid:a recv\na=simulcast:recv a\n", [], nil), ("a=rid:a send\n", [], nil),
            ("a=rid:a send\na=simulcast:send a;;\n", [], nil), ("a=rid:a send\na=simulcast:send\n", [], nil),
            ("a=recvonly\na=rid:a send\na=simulcast:send a\n", [], nil),
        ] as [(String, [String], String?)])
    func whatIsSentIsReceived(lines: String, ids: [String], written: String?) throws {
        var call = Rehearsal()
        let result = try call.answer(Self.head + lines)
        #expect(result.video?.simulcast.map(\.id) == ids)
        #expect(result.local.media[0].attributes.first("simulcast") == written)
        #expect(result.local.media[0].restrictions.map(\.id) == ids)
        #expect(result.local.media[0].restrictions.allSatisfy { !$0.sends })
        if ids.first == "2" { #expect(result.local.media[0].attributes.first("rid") == "2 recv pt=96;max-width=1280") }
    }

    @Test func withoutNumbersForItThereIsNone() throws {
        var call = Rehearsal()
        let text = Self.head.replacing("a=extmap", with: "a=x") + "a=rid:a send\na=simulcast:send a\n"
        #expect(try call.answer(text).video?.simulcast == [])
        call.capabilities.maximumSimulcastStreams = 0
        #expect(try call.answer(Self.head + "a=rid:a send\na=simulcast:send a\n").video?.simulcast == [])
    }

    @Test func bothWaysAreRead() throws {
        let read = try #require(SimulcastAttribute(parsing: "recv 1;2,~3 send a"))
        #expect(
            read.sends.map { $0.map(\.id) } == [["a"]] && read.receives.map { $0.map(\.id) } == [["1"], ["2", "3"]])
        #expect(read.receives[1][1].isPaused)
        #expect(SimulcastAttribute(parsing: read.value) == read)
        for bad in ["", "send", "send a b", "send a send b", "give a", "send a!", "send ~", "send a;"] {
            #expect(SimulcastAttribute(parsing: bad) == nil)
        }
    }

    @Test(arguments: ["1 urn:x", "255/sendonly urn:x some parameters", "14/inactive http://a/b#c"])
    func extensionMapsReadAsTheyAreWritten(value: String) {
        #expect(ExtensionMap(parsing: value)?.value == value)
    }

    @Test(arguments: ["", "1", "0 urn:x", "256 urn:x", "4096 urn:x", "1/both urn:x", "x urn:x"])
    func malformedExtensionMapsAreNone(value: String) { #expect(ExtensionMap(parsing: value) == nil) }
}
