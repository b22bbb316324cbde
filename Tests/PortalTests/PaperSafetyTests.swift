import Foundation
import Office
import Papers
import PortalAPI
import Testing

@testable import Portal

/// What comes of hostile papers by the portal's own route, over real connections.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct PaperSafetyTests {
    private func meeting(_ portal: PortalHarness) async throws -> ScheduledMeeting {
        try await portal.office.apply([.add(.point(PointEntry(id: "a", name: "Điểm a")))], by: "test")
        return try await portal.office.schedule(PortalHarness.meeting(points: ["a"]), by: "test").meeting
    }

    private func files(_ portal: PortalHarness, _ meeting: ScheduledMeeting) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(portal.root)/papers/\(meeting.id)")) ?? []
    }

    private func refusals(_ portal: PortalHarness) async throws -> [String] {
        try await portal.office.journal(limit: 50).filter { $0.action == "refuse paper" }.map(\.subject)
    }

    @Test func whatIsNotWhatItsNameSaysIsRefusedInBothLanguages() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await meeting(portal)
            let path = "/api/v1/schedule/\(meeting.id)/papers?name="
            let program = try await portal.ask(path + "a.pdf", method: "POST", body: "MZ\u{90}\u{0}\u{3}")
            #expect(program.status == 415)
            #expect(program.error?.error == "The file's content is not PDF, as its name says.")
            #expect(program.error?.vietnamese == "Nội dung tệp không phải là PDF như tên tệp ghi.")
            let script = try await portal.ask(path + "a.html", method: "POST", body: "<script>alert(1)</script>")
            #expect(script.status == 415 && script.error?.vietnamese?.hasPrefix("Chỉ nhận các tệp: pdf, docx") == true)
            for name in ["..%2F..%2Foffice.sqlite", "%2E%2E", "C:%5Cwindows%5Ca.exe"] {
                #expect(try await portal.ask(path + name, method: "POST", body: "%PDF-1.7").status >= 400, "\(name)")
            }
            #expect(try await portal.office.papers(of: meeting.id).isEmpty && files(portal, meeting).isEmpty)
            #expect(try await refusals(portal).count == 5)
        }
    }

    @Test func aPDFWithAScriptIsMarkedAndComesOnlyAsAFile() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await meeting(portal)
            let path = "/api/v1/schedule/\(meeting.id)/papers"
            let body = "%PDF-1.7\n1 0 obj <</OpenAction <</S/Java#53cript/JS(app.alert(1))>> >>"
            let paper = try await portal.ask(path + "?name=a.pdf", method: "POST", body: body).decoded(Paper.self)
            #expect(paper.hasCode)
            let plain = try await portal.ask(path + "?name=b.pdf", method: "POST", body: "%PDF-1.7").decoded(Paper.self)
            #expect(!plain.hasCode)
            let detail = try await portal.ask("/api/v1/schedule/\(meeting.id)").decoded(MeetingDetail.self)
            #expect(detail.papers.map(\.hasCode) == [true, false])
            let answer = try await portal.ask("\(path)/\(paper.id)", headers: ["Sec-Fetch-Dest": "iframe"])
            #expect(answer.headers["content-disposition"] == #"attachment; filename="a.pdf""#)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox")
        }
    }

    @Test func fiveGigabytesAreRefusedBeforeTheyAreRead() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await meeting(portal)
            let begun = ContinuousClock.now
            let outcome = try await upload(to: portal, meeting, "Content-Length: \(5 << 30)")
            #expect(outcome.answer.hasPrefix("HTTP/1.1 413 "))
            #expect(
                outcome.answer.contains("Tệp lớn quá 100 MB.")
                    && outcome.answer.lowercased().contains("connection: close"))
            #expect(outcome.sent < 64 << 20, "\(outcome.sent)")
            #expect(begun.duration(to: .now) < .seconds(20))
            #expect(files(portal, meeting).isEmpty)
            #expect(try await refusals(portal).count == 1)
            // Whoever sends to a place that takes no papers is not served better.
            #expect(try await portal.ask("/api/v1/status").status == 200)
        }
    }

    @Test func whatGoesOnWithoutEndIsCutOff() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await meeting(portal)
            let outcome = try await upload(to: portal, meeting, "Transfer-Encoding: chunked")
            #expect(outcome.answer.hasPrefix("HTTP/1.1 413 "))
            #expect(outcome.sent >= 100 << 20, "\(outcome.sent)")
            #expect(outcome.isClosed)
            #expect(files(portal, meeting).isEmpty)
            #expect(try await refusals(portal).count == 1)
        }
    }

    @Test func nothingIsTakenWhileVirusesCannotBeLookedFor() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await meeting(portal)
            portal.office.scanPapers(with: VirusScanner(socket: portal.root + "/no-clamd"))
            let path = "/api/v1/schedule/\(meeting.id)/papers?name=a.txt"
            let refused = try await portal.ask(path, method: "POST", body: "Tờ trình")
            #expect(refused.status == 503 && refused.error?.vietnamese?.contains("Chưa quét được mã độc") == true)
            #expect(files(portal, meeting).isEmpty)
            #expect(try await refusals(portal).count == 1)
            portal.office.scanPapers(with: nil)
            #expect(try await portal.ask(path, method: "POST", body: "Tờ trình").status == 201)
        }
    }

    private struct Upload: Sendable {
        var answer = ""
        var sent = 0
        var isClosed = false
    }

    /// Sends without end, as fast as it is taken, until an answer comes; and then on until the connection is closed.
    private func upload(to portal: PortalHarness, _ meeting: ScheduledMeeting, _ framing: String) async throws -> Upload
    {
        let path = portal.socket
        let head =
            "POST /api/v1/schedule/\(meeting.id)/papers?name=a.txt HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n"
        let isChunked = framing.hasSuffix("chunked")
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.upload(path, head, isChunked: isChunked) })
            }
        }
    }

    private static func upload(_ path: String, _ head: String, isChunked: Bool) throws -> Upload {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
        let octets = String(repeating: "x", count: 64 << 10)
        let piece = Array((isChunked ? "10000\r\n\(octets)\r\n" : octets).utf8)
        var waiting = Array(head.utf8)[...]
        var outcome = Upload()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
            guard poll(&ready, 1, 1000) >= 0 else { break }
            if ready.revents & Int16(POLLIN) != 0 {
                var read = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &read, read.count, Int32(MSG_DONTWAIT))
                if count <= 0 {
                    outcome.isClosed = true
                    return outcome
                }
                outcome.answer += String(decoding: read.prefix(count), as: UTF8.self)
            }
            if ready.revents & Int16(POLLOUT) != 0 {
                if waiting.isEmpty { waiting = piece[...] }
                let count = waiting.withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
                }
                if count > 0 {
                    waiting = waiting.dropFirst(count)
                    if outcome.answer.isEmpty { outcome.sent += count }
                } else if errno != EAGAIN, !outcome.answer.isEmpty {
                    outcome.isClosed = true
                    return outcome
                }
            }
        }
        return outcome
    }
}
