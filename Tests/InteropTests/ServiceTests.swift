import Foundation
import Glibc
import InteropSupport
import Synchronization
import Testing

/// Where a service manager hears what a daemon tells of itself, as systemd does.
private final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let heard = Mutex<[String]>([])

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw ToolFailure("no socket at \(path)") }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// What came so far, line by line.
    var lines: [String] {
        heard.withLock { heard in
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return heard }
                heard += String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
            }
        }
    }
}

/// The daemon as a service: what it tells its manager, and how its first administrator gets in.
@Suite(.serialized) struct ServiceTests {
    @Test func theManagerHearsThatItIsReadyAliveAndEnding() async throws {
        let socket = try NotifySocket(
            path: FileManager.default.temporaryDirectory.appendingPathComponent("cw-notify-\(UUID().uuidString)").path)
        try await TestSite.with({
            $0.environment = ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "1500000"]
        }) { site in
            try await eventually("three words of life") { socket.lines.count { $0 == "WATCHDOG=1" } >= 3 }
            let heard = socket.lines
            #expect(heard.first == "READY=1")
            #expect(heard.contains("STATUS=0 meetings, 0 points in them, 0 registered"))
            site.daemon.process.signal(SIGTERM)
            #expect(try await site.daemon.process.wait(within: .seconds(12)) == 0)
            #expect(socket.lines.contains("STOPPING=1"))
        }
    }

    @Test func theFirstAdministratorSetsAPasswordByTheLinkInTheLog() async throws {
        try await TestSite.with({ $0.arguments = ["--welcome"] }) { site in
            #expect(site.daemon.log.contains("the first administrator, quantri, sets a password within"))
            let token = try #require(
                site.daemon.log.components(separatedBy: "/#/start/").dropFirst().first?.prefix { !$0.isWhitespace })
            let answer = try await Tool.run(
                "curl",
                [
                    "-sSk", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json", "-d",
                    #"{"token":"\#(token)","password":"một mật khẩu thật dài"}"#,
                    "https://127.0.0.1:\(site.daemon.httpsPort)/api/v1/session/link",
                ])
            #expect(answer.hasPrefix("2"), "\(answer)")
        }
    }

    @Test func theDoctorFindsWhatAnswersAndWhatDoesNot() async throws {
        try await TestSite.with { site in
            struct Finding: Decodable {
                var name: String
                var verdict: String
                var says: String
            }
            func findings() async throws -> [String: Finding] {
                let answer = try await site.daemon.causeway(
                    ["doctor", "--json", "--config", site.daemon.configurationPath], isOffline: true)
                // Behind it, what is not fit is said once more.
                let json = answer.output.prefix(through: answer.output.lastIndex(of: "]") ?? answer.output.startIndex)
                let list = try JSONDecoder().decode([Finding].self, from: Data(json.utf8))
                return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0) })
            }
            let well = try await findings()
            #expect(well["daemon"]?.verdict == "good")
            #expect(well["ports"]?.verdict == "good", "\(well["ports"]?.says ?? "")")
            #expect(well["certificate"]?.verdict == "good")
            #expect(well["disk room"]?.verdict != "bad")
            site.daemon.process.signal(SIGTERM)
            #expect(try await site.daemon.process.wait(within: .seconds(12)) == 0)
            let ended = try await findings()
            #expect(ended["daemon"]?.verdict == "bad")
            #expect(ended["ports"]?.says.contains("are free") == true)
        }
    }

    @Test func prometheusIsToldWhatGoesOn() async throws {
        try await TestSite.with { site in
            func metrics() async throws -> String {
                try await Tool.run(
                    "curl", ["-sS", "--unix-socket", site.daemon.socketPath, "http://localhost/metrics"])
            }
            let request = [
                "OPTIONS sip:causeway.test SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK-metrics",
                "From: <sip:soyte@causeway.test>;tag=a", "To: <sip:causeway.test>", "Call-ID: metrics",
                "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", "",
            ]
            let answer = try Datagram.exchange(request.joined(separator: "\r\n"), with: site.daemon.sipPort)
            let code = try #require(answer?.split(separator: " ").dropFirst().first)
            let text = try await metrics()
            #expect(text.contains("# TYPE causeway_sip_requests_total counter"))
            #expect(text.contains(#"causeway_sip_requests_total{direction="received",method="OPTIONS"} 1"#))
            #expect(
                text.contains(#"causeway_sip_responses_total{direction="sent",method="OPTIONS",code="\#(code)"} 1"#))
            #expect(text.contains("causeway_meetings 0"))
            #expect(text.contains("causeway_forwarding_seconds_bucket{le=\"+Inf\"} "))
            #expect(text.contains("causeway_archive_free_bytes "))
            #expect(text.contains("process_resident_memory_bytes "))
            func value(_ name: String) -> Double? {
                text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
                    .flatMap { Double($0.dropFirst(name.count + 1)) }
            }
            let inUse = try #require(value("causeway_heap_in_use_bytes"))
            let held = try #require(value("causeway_heap_held_bytes"))
            #expect(inUse > 1e6 && held > inUse && held < 1e9, "\(inUse) of \(held)")
            #expect(try #require(value("causeway_sip_trace_bytes")) > 200, "the request and its answer are kept")
        }
    }
}
