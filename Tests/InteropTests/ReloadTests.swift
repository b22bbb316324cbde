import Foundation
import InteropSupport
import Testing

/// SIGHUP: what a site changed holds from then on, a mistake changes nothing, and calls go on.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct ReloadTests {
    @Test func pointsComeAndGoAndPasswordsChange() async throws {
        try await TestSite.with { site in
            let first = try await site.endpoint(0, tone: 440)
            try await first.dial(site.daemon.address())
            let before = try await site.daemon.waitForMedia(of: 1)
            try await site.reload("the new point") {
                $0.replacingOccurrences(
                    of: "points:\n",
                    with: "points:\n  - {id: namdong, name: Xã Nam Đông, unit: tinh, password: mat-khau-moi}\n")
            }
            let new = try await site.endpoint(1, tone: 1_000) {
                $0.username = "namdong"
                $0.password = "mat-khau-moi"
            }
            try await new.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 2)
            #expect(meeting.id == before.id)
            #expect(meeting.participants.map(\.name).contains("Xã Nam Đông"))
            #expect(
                meeting.participants.first { $0.point == "phuloc" }?.joinedAt == before.participants.first?.joinedAt)

            try await new.hangUp()
            try await new.waitUntilHungUp()
            try await site.reload("the point's going") { text in
                text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("namdong") }
                    .joined(separator: "\n")
            }
            let refusal = await #expect(throws: Baresip.CallRefused.self) { try await new.dial(site.daemon.address()) }
            #expect(
                refusal.map { $0.reason.contains("401") || $0.reason.contains("403") } == true,
                "\(refusal?.reason ?? "entered")")
            _ = try await site.daemon.waitForMedia(of: 1)
        }
    }

    @Test func aBadCertificateChangesNothingAndAGoodOneIsShown() async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            _ = try await site.daemon.waitForMedia(of: 1)
            let certificate = site.folder + "/certificates/server.pem"
            func shown() async throws -> String {
                try await Tool.run(
                    "sh",
                    [
                        "-c",
                        "openssl s_client -connect 127.0.0.1:\(site.daemon.tlsPort) </dev/null 2>/dev/null | openssl x509 -noout -fingerprint",
                    ])
            }
            let old = try await shown()
            try "no certificate".write(toFile: certificate, atomically: true, encoding: .utf8)
            try await site.reload("the complaint", says: "the configuration stays as it was") {
                $0 + "  - {id: phongmoi, title: Phòng mới}\n"
            }
            #expect(try await shown() == old)
            let other = try await site.endpoint(1, tone: 1_000)
            let refusal = await #expect(throws: Baresip.CallRefused.self) {
                try await other.dial(site.daemon.address(of: "phongmoi"))
            }
            #expect(refusal?.reason.contains("404") == true, "\(refusal?.reason ?? "entered")")

            try FileManager.default.removeItem(atPath: certificate)
            try await site.reload("the new certificate") { $0 }
            #expect(try await shown() != old)
            // Of the same CA, so those who trust the bridge go on to.
            try await other.dial(site.daemon.address(of: "phongmoi"))
            try await eventually("both calls") { try await site.daemon.meetings().count == 2 }
        }
    }

    @Test(.enabled(if: Tool.areInstalled("curl"), "curl is missing"))
    func aTokenThatIsTakenOutOpensNothingAnyMore() async throws {
        let digest = try await Tool.run("sh", ["-c", "printf %s thu-ma | sha256sum | cut -c1-64"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try await TestSite.with({ $0.tokenSHA256 = digest }) { site in
            func answer() async throws -> String {
                try await Tool.run(
                    "curl",
                    [
                        "-sS", "--cacert", site.daemon.authority, "-H", "Authorization: Bearer thu-ma", "-o",
                        "/dev/null", "-w",
                        "%{http_code}", "https://127.0.0.1:\(site.daemon.httpsPort)/api/v1/recordings",
                    ])
            }
            #expect(try await answer() == "200")
            try await site.reload("the token's going") { text in
                text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("tokens:") }
                    .joined(separator: "\n")
            }
            #expect(try await answer() == "401")
        }
    }
}

extension TestSite {
    /// Changes the daemon's configuration, sends SIGHUP, and waits until the daemon says what came of it.
    func reload(_ what: String, says answer: String = "reloaded", _ change: (String) -> String) async throws {
        let path = daemon.configurationPath
        try change(String(contentsOfFile: path, encoding: .utf8)).write(toFile: path, atomically: true, encoding: .utf8)
        let said = daemon.log.components(separatedBy: answer).count
        daemon.process.signal(SIGHUP)
        let daemon = daemon
        try await eventually(what) { daemon.log.components(separatedBy: answer).count > said }
    }
}
