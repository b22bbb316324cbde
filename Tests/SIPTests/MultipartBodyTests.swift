import SIP
import Testing

/// Bodies of several parts (RFC 2046 §5.1, RFC 5621).
@Suite struct MultipartBodyTests {
    private func type(_ text: String) throws -> MediaType { try MediaType(parsing: text) }
    private func octets(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }

    @Test func partsAreCutAtTheirBoundary() throws {
        let body = octets(
            """
            a preamble that nobody reads
            --gh4
            Content-Type: application/sdp

            v=0
            --gh4more is no delimiter
            s=x

            --gh4  \t
            Content-Type: application/pidf+xml
            Content-Disposition: render;handling=optional

            <x/>
            --gh4--
            an epilogue
            --gh4
            """)
        let parts = try MultipartBody(parsing: body, type: type("multipart/mixed;boundary=gh4")).parts
        #expect(parts.map(\.contentType.description) == ["application/sdp", "application/pidf+xml"])
        #expect(parts.map(\.isRequired) == [true, false])
        #expect(parts.first?.body == octets("v=0\n--gh4more is no delimiter\ns=x\n"))
        #expect(parts.last?.body == octets("<x/>"))
    }

    @Test func nestedPartsComeInOrder() throws {
        let body = octets(
            """
            --a
            Content-Type: multipart/alternative; boundary="b c"

            --b c

            plain
            --b c
            Content-Type: application/sdp

            v=0
            --b c--
            --a
            Content-Type: application/x

            y
            --a--
            """)
        let parts = try MultipartBody(parsing: body, type: type("multipart/mixed;boundary=a")).parts
        #expect(parts.map(\.contentType.subtype) == ["plain", "sdp", "x"])
    }

    @Test(arguments: [
        "", "--a", "--a\n", "--a\nX\n\n--a--", "--a\nContent-Type: x\n\n--a--", "--a\n\nnever closed", "--a\n\nx\n--a-",
        "--a--\n",
    ]) func whatCannotBeCutIsRefused(_ text: String) throws {
        let type = try type("multipart/mixed;boundary=a")
        #expect(throws: SIPSyntaxError.self) { try MultipartBody(parsing: octets(text), type: type) }
    }

    @Test func partsAndDepthAreBounded() throws {
        let many = String(repeating: "--a\n\nx\n", count: 100) + "--a--"
        let type = try type("multipart/mixed;boundary=a")
        #expect(throws: SIPSyntaxError.self) { try MultipartBody(parsing: octets(many), type: type) }
        var deep = "x"
        for _ in 0..<6 { deep = "--a\nContent-Type: multipart/mixed;boundary=a\n\n\(deep)\n--a--" }
        #expect(throws: SIPSyntaxError.self) { try MultipartBody(parsing: octets(deep), type: type) }
        #expect(throws: SIPSyntaxError.self) { try MultipartBody(parsing: [], type: self.type("multipart/mixed")) }
    }

    @Test func nothingTrapsIt() throws {
        var random = SplitMix64(seed: 7)
        let whole = octets("--a\nContent-Type: application/sdp\n\nv=0\n--a\n\n\n--a--\n")
        let type = try type("multipart/mixed;boundary=a")
        for _ in 0..<20_000 {
            var body = whole
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let index = Int.random(in: body.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: body[index] = .random(in: 0...255, using: &random)
                case 1: body.remove(at: index)
                default: body.insert([13, 10, 45, 97].randomElement(using: &random) ?? 0, at: index)
                }
            }
            _ = try? MultipartBody(parsing: body, type: type)
        }
    }
}
