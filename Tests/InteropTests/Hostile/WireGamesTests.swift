import Foundation
import InteropSupport
import Testing

/// What no honest peer writes on a stream, over real sockets: it is answered or the connection ends, and the daemon
/// serves on.
@Suite(.serialized) struct WireGamesTests {
    private static let corpus = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("../../../../shared/corpora/rfc4475").standardizedFileURL.path
    private static let hasCorpus = FileManager.default.fileExists(atPath: corpus)

    /// A whole request, its head in the lines given.
    private static func request(
        _ number: Int, over way: String, length: String? = "Content-Length: 0", body: String = "",
        head: ((String) -> String)? = nil
    ) -> String {
        let text =
            "OPTIONS sip:giaoban@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/\(way) 127.0.0.1:5060;branch=z9hG4bK-\(number)\r\n"
            + "Max-Forwards: 70\r\nFrom: <sip:phuloc@causeway.test>;tag=\(number)\r\n"
            + "To: <sip:giaoban@causeway.test>\r\nCall-ID: games-\(number)\r\nCSeq: 1 OPTIONS\r\n"
            + (length.map { "\($0)\r\n" } ?? "")
        return (head?(text) ?? text) + "\r\n" + body
    }

    private struct Ground: Sendable {
        let site: TestSite
        let isSecure: Bool
        var way: String { isSecure ? "TLS" : "TCP" }
        func connect(_ number: Int) async throws -> SIPStream {
            try await SIPStream(
                to: isSecure ? site.daemon.tlsPort : site.daemon.sipPort, overTLS: isSecure,
                from: Strangers.address(40_000 + number))
        }
    }

    /// Every way of cutting and joining gives the same answers.
    @Test(arguments: [false, true]) func piecesMakeMessages(overTLS isSecure: Bool) async throws {
        try await TestSite.with { site in
            let ground = Ground(site: site, isSecure: isSecure)
            let stream = try await ground.connect(0)
            for octet in Self.request(1, over: ground.way).utf8 { try await stream.send([octet]) }
            #expect(await stream.response()?.number == 1)
            try await stream.send((2..<22).map { Self.request($0, over: ground.way) }.joined())
            for number in 2..<22 {
                let response = await stream.response()
                #expect(response?.number == number && response?.status == 401)
            }
            let body = String(repeating: "x", count: 3_000)
            let long = Self.request(22, over: ground.way, length: "Content-Length: 3000", body: body)
            let both = Array((long + Self.request(23, over: ground.way)).utf8)
            for cut in stride(from: 0, to: both.count, by: 701) {
                try await stream.send(both[cut..<min(both.count, cut + 701)])
            }
            // A body that nobody asked for is 415; what follows it is read where it begins.
            #expect(await stream.response()?.number == 22)
            #expect(await stream.response()?.number == 23)
            // Keep-alives between messages, one line end, or many, mean nothing.
            try await stream.send("\r\n" + Self.request(24, over: ground.way) + "\r\n\r\n\r\n")
            try await stream.send(Self.request(25, over: ground.way))
            #expect(await stream.response()?.number == 24)
            #expect(await stream.response()?.number == 25)
        }
    }

    @Test(arguments: [false, true]) func foldedAndCompactHeadersAreRead(overTLS isSecure: Bool) async throws {
        try await TestSite.with { site in
            let ground = Ground(site: site, isSecure: isSecure)
            let stream = try await ground.connect(0)
            let compact = Self.request(1, over: ground.way, length: "l: 0") {
                $0.replacingOccurrences(of: "Via:", with: "v:").replacingOccurrences(of: "From:", with: "f  :")
                    .replacingOccurrences(of: "To:", with: "t:").replacingOccurrences(of: "Call-ID:", with: "i:")
            }
            try await stream.send(compact)
            #expect(await stream.response()?.number == 1)
            let folded = Self.request(2, over: ground.way) {
                $0.replacingOccurrences(of: ";branch", with: "\r\n ;\r\n\tbranch")
                    .replacingOccurrences(of: "CSeq: 1 ", with: "CSeq:\r\n 1\r\n  ")
            }
            try await stream.send(folded)
            let response = await stream.response()
            #expect(response?.status == 401 && response?.number == 2)
        }
    }

    /// Lies about the length end the connection: what comes after cannot be told from the body any more.
    @Test(arguments: [false, true]) func liesAboutTheLengthEndTheConnection(overTLS isSecure: Bool) async throws {
        let lies: [(String?, [Int])] = [
            ("Content-Length: -1", [400]), ("Content-Length: 4294967296", [400, 413]),
            ("Content-Length: 99999999999999999999999", [400, 413]), ("Content-Length: 70000", [413]),
            ("Content-Length: 0x10", [400]), ("Content-Length: 1 2", [400]), ("Content-Length: ", [400]),
            ("Content-Length: 0\r\nContent-Length: 5", [400]), ("Content-Length: 0\r\nl: 0", [400]), (nil, [400]),
        ]
        try await TestSite.with { site in
            let ground = Ground(site: site, isSecure: isSecure)
            for (number, (length, statuses)) in lies.enumerated() {
                let stream = try await ground.connect(number)
                try await stream.send(Self.request(number, over: ground.way, length: length, body: "v=0\r\n"))
                let status = await stream.response()?.status
                #expect(statuses.contains(status ?? 0), "\(length ?? "no length"): \(String(describing: status))")
                try await stream.closed(within: .seconds(5))
            }
            // Too short: the rest of the body is no message.
            let short = try await ground.connect(20)
            try await short.send(
                Self.request(20, over: ground.way, length: "Content-Length: 0", body: "v=0\r\no=x\r\n\r\n"))
            #expect(await short.response()?.status == 401)
            try await short.closed(within: .seconds(5))
            for (number, start) in ["\r\r\r\r", "\r\n\rA", "\rOPTIONS"].enumerated() {
                let stream = try await ground.connect(30 + number)
                try await stream.send(start)
                try await stream.closed(within: .seconds(5))
            }
            // Too long: it waits for the rest, and others do not.
            let long = try await ground.connect(21)
            try await long.send(Self.request(21, over: ground.way, length: "Content-Length: 500", body: "v=0\r\n"))
            let other = try await ground.connect(22)
            try await other.send(Self.request(22, over: ground.way))
            #expect(await other.response()?.status == 401)
            try await long.closed(within: .seconds(20))
        }
    }

    /// Octets without end that begin no message take no memory.
    @Test func anEndlessStreamTakesNoMemory() async throws {
        try await TestSite.with { site in
            let ground = Ground(site: site, isSecure: false)
            let before = try site.daemon.process.residentKilobytes()
            let pieces: [[UInt8]] = [
                [UInt8](repeating: 13, count: 1 << 20), [UInt8](repeating: 10, count: 1 << 20),
                Array(String(repeating: "a", count: 1 << 20).utf8),
                Array(("OPTIONS sip:a@b SIP/2.0\r\n" + String(repeating: "X: y\r\n", count: 200_000)).utf8),
            ]
            for (number, piece) in pieces.enumerated() {
                let stream = try await ground.connect(number)
                for _ in 0..<32 where stream.isOpen { try? await stream.send(piece) }
                try await stream.closed(within: .seconds(5))
            }
            #expect(try site.daemon.process.residentKilobytes() - before < 32 * 1_024)
        }
    }

    /// The messages of RFC 4475, each on a connection of its own: answered, or the connection ends, or it needs nothing.
    @Test(.enabled(if: hasCorpus, "the corpus is not beside the checkout"), arguments: [false, true])
    func torturedMessagesOverStreams(overTLS isSecure: Bool) async throws {
        try await TestSite.with { site in
            let ground = Ground(site: site, isSecure: isSecure)
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.corpus)
                .filter { $0.hasSuffix(".dat") }.sorted()
            #expect(files.count > 40)
            var answered = 0
            for (number, file) in files.enumerated() {
                let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.corpus + "/" + file)))
                let stream = try await ground.connect(100 + number)
                try await stream.send(octets)
                // The next request is answered if the stream could be followed; whatever came before.
                try? await stream.send(Self.request(9_000 + number, over: ground.way))
                while let response = await stream.response(within: .milliseconds(400)) {
                    #expect((400...599).contains(response.status), "\(file): \(response.status)")
                    answered += 1
                    if response.number == 9_000 + number { break }
                }
                await stream.close()
            }
            #expect(answered > files.count / 2)
            let stream = try await ground.connect(0)
            try await stream.send(Self.request(1, over: ground.way))
            #expect(await stream.response()?.status == 401)
            #expect(!site.daemon.log.contains("Fatal"))
        }
    }
}
