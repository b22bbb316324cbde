import Archive
import Foundation
import PortalAPI
import Testing

@testable import causeway

@Suite struct CommandTests {
    @Test func statusIsATableOrJSON() async throws {
        try await CommandHarness.run { harness in
            let text = await harness.causeway("status")
            #expect(text.status == .success && text.errors.isEmpty)
            #expect(text.output.contains("2 workers, 3 frames of sound late, 1 left out"))
            for part in [
                "causewayd   0.1", "3 configured, 2 registered",
                "warning     bộ ghi chậm 3,0 giây / the recorder is 3.0 s behind", "unix \(harness.socket)",
            ] {
                #expect(text.output.contains(part), "\(part) in \(text.output)")
            }
            let json = await harness.causeway("status", "--json")
            let status = try PortalJSON.decode(SystemStatus.self, from: Data(json.output.utf8))
            #expect(status.bridge.pointsConfigured == 3)
        }
    }

    @Test func meetingsAreShownAndEnded() async throws {
        try await CommandHarness.run { harness in
            let shown = await harness.causeway("meetings")
            #expect(shown.status == .success)
            #expect(shown.output.contains("● recording") && shown.output.contains("1.0 %"))
            let speaking = shown.output.split(separator: "\n").first { $0.hasPrefix("▶") }
            #expect(speaking?.contains("so-yt") == true)
            #expect(shown.output.split(separator: "\n").contains { $0.hasPrefix("✋") && $0.contains("so-tc") })
            #expect(!shown.output.contains("\u{1B}"), "a point's name steers the terminal")
            let unknown = await harness.causeway("meetings", "end", "none")
            #expect(unknown.status == .refused && unknown.errors.split(separator: "\n").count == 1)
            #expect(await harness.causeway("meetings", "end", "live-1").status == .success)
            #expect(await harness.causeway("meetings").output == "No meeting is in progress.\n")
            #expect(await harness.bridge.ended == ["live-1"])
        }
    }

    @Test func pointsAreInvitedByALink() async throws {
        try await CommandHarness.run { harness in
            let invited = await harness.causeway("points", "invite", "so-yt", "--room", "giaoban", "--valid", "2d")
            #expect(invited.status == .success)
            #expect(invited.output.trimmingCharacters(in: .newlines).hasSuffix("#k=abc.DEF-_9"))
            #expect(await harness.causeway("points", "invite", "so-tc", "--room", "giaoban").status == .refused)
            for wrong in ["0h", "8", "h", "32d", "-1h"] {
                let answer = await harness.causeway(
                    "points", "invite", "so-yt", "--room", "giaoban", "--valid=\(wrong)")
                #expect(answer.status == .usage, "\(wrong)")
            }
        }
    }

    @Test func lineChecksAreATableAndForOnePointWhatToDoToo() async throws {
        try await CommandHarness.run { harness in
            let all = await harness.causeway("checks")
            #expect(all.status == .success && all.errors.isEmpty)
            for part in ["not fit", "2.9/–", "7.2/–", "12/–", "VP8 640x360 25/s", "AEAD_AES_128_GCM"] {
                #expect(all.output.contains(part), "\(part) in \(all.output)")
            }
            #expect(!all.output.contains("\u{1B}"), "a point's name steers the terminal")
            #expect(!all.output.contains("wired network"))
            #expect(await harness.causeway("checks", "so-yt").output.contains("wired network"))
            #expect(await harness.causeway("checks", "so-tc").output == "No line was checked.\n")
            let json = await harness.causeway("checks", "--json")
            let checks = try PortalJSON.decode([LineCheck].self, from: Data(json.output.utf8))
            #expect(checks.first?.grade == .notFit)
        }
    }

    @Test func watchingDrawsOverAndGivesTheScreenBack() async throws {
        try await CommandHarness.run { harness in
            let drawn = await harness.causeway("meetings", "--watch", "--interval", "0.1", "--for", "0.25", width: 200)
            #expect(drawn.status == .success)
            #expect(drawn.output.hasPrefix("\u{1B}[?1049h\u{1B}[?25l\u{1B}[H"))
            let after = try #require(drawn.output.components(separatedBy: "\u{1B}[?25h\u{1B}[?1049l").last)
            #expect(after.contains("so-tc") && !after.contains("\u{1B}"))
            let lines = await harness.causeway(
                "meetings", "--watch", "--json", "--interval", "0.1", "--for", "0.25"
            ).output.split(separator: "\n")
            #expect(!lines.isEmpty)
            for line in lines { _ = try PortalJSON.decode([LiveMeeting].self, from: Data(line.utf8)) }
        }
    }

    @Test func recordingsAreListedAndShown() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let list = await harness.causeway("recordings", "list", "--text", "hop giao", "--from", "2026-11-24")
            let rows = list.output.split(separator: "\n")
            #expect(rows.count == 2 && rows[1].hasPrefix(recording.id))
            #expect(rows[1].contains("1:02:03") && rows[1].contains("2026-11-24 09:30") && rows[1].contains("sealed"))
            #expect(await harness.causeway("recordings", "list", "--room", "x").output == "No recording matches.\n")
            let page = await harness.causeway("recordings", "list", "--json")
            #expect(try PortalJSON.decode(RecordingPage.self, from: Data(page.output.utf8)).recordings.count == 1)
            let shown = await harness.causeway("recordings", "show", recording.id)
            for part in ["GM 123/UBND-TH", "Sở Tài chính", "master.mkv", "2.0 MB", "video/webm"] {
                #expect(shown.output.contains(part), "\(part) in \(shown.output)")
            }
            let none = await harness.causeway("recordings", "show", "../x")
            #expect(none.status == .refused && none.errors.contains("causeway recordings list"))
        }
    }

    @Test func aPackageIsMadeWhereItIsAskedFor() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed(masterBytes: 3000)
            let to = harness.root + "/out"
            let made = await harness.causeway("recordings", "package", recording.id, "--kind", "aip", "--to", to)
            #expect(made.status == .success, "\(made.errors)")
            let packages = try FileManager.default.contentsOfDirectory(atPath: to)
            #expect(packages.count == 1 && packages.allSatisfy { made.output.contains("\(to)/\($0)") })
            let json = await harness.causeway("recordings", "package", recording.id, "--kind", "aip", "--json")
            let outcome = try PortalJSON.decode(PackageOutcome.self, from: Data(json.output.utf8))
            #expect(outcome.kind == .aip && outcome.directory.contains("/archive/outgoing/"))
            let wrong = await harness.causeway("recordings", "package", recording.id, "--kind", "dip")
            #expect(wrong.status != .success && wrong.errors.contains("--kind"))
            let unknown = await harness.causeway("recordings", "package", "none", "--kind", "aip")
            #expect(unknown.status == .refused)
        }
    }

    @Test func verifyTellsDamageByItsExitStatus() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            let intact = await harness.causeway("recordings", "verify", recording.id)
            #expect(intact.status == .success && intact.output.contains("is intact: all 15 files"))
            let path = harness.archive.paths(of: recording).accessCopy
            unlink(path)
            try Data("other".utf8).write(to: URL(fileURLWithPath: path))
            let damaged = await harness.causeway("recordings", "verify", recording.id)
            #expect(damaged.status == .verificationFailed)
            #expect(damaged.output.contains("CHANGED") && damaged.errors.contains("DAMAGED: 1 of 15 files"))
            let json = await harness.causeway("recordings", "verify", recording.id, "--json")
            #expect(json.status == .verificationFailed)
            #expect(try !PortalJSON.decode(VerificationOutcome.self, from: Data(json.output.utf8)).isIntact)
            #expect(await harness.causeway("recordings", "list").output.contains("DAMAGED"))
        }
    }

    @Test func aDaemonThatIsNotThereGetsOneLineAndStatus3() async throws {
        let outcome = await CommandHarness.causeway(["status", "--socket", "/nonexistent/x.sock"])
        #expect(outcome.status == .daemonUnreachable && outcome.output.isEmpty)
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.errors.contains("/nonexistent/x.sock") && outcome.errors.contains("systemctl start causewayd"))
        #expect(outcome.errors.contains("No such file or directory"), "\(outcome.errors)")
    }

    @Test func wrongUsageIsStatus2AndHelpIsNot() async throws {
        for arguments in [
            ["nonsense"], ["recordings"], ["recordings", "get"], ["status", "--server", "http://x"],
            ["status", "--server", "https://x"], ["status", "--ca", "f"], ["meetings", "--for", "3"],
            ["meetings", "--watch", "--interval", "0"], ["recordings", "list", "--limit", "viele"],
        ] {
            let outcome = await CommandHarness.causeway(arguments)
            let isHelpPage = arguments == ["recordings"]
            #expect(outcome.status == (isHelpPage ? .success : .usage), "\(arguments)")
        }
        let help = await CommandHarness.causeway(["recordings", "get", "--help"])
        #expect(help.status == .success && help.output.contains("--file") && help.errors.isEmpty)
    }

    @Test(.enabled(if: CommandHarness.hasOpenSSL)) func anArchivistElsewhereComesByHTTPSWithAToken() async throws {
        try await CommandHarness.run { harness in
            let recording = try await harness.sealed()
            try await harness.withHTTPS { port in
                let tokenFile = harness.root + "/token"
                try (CommandHarness.token + "\n").write(toFile: tokenFile, atomically: false, encoding: .utf8)
                let server = ["--server", "https://localhost:\(port)", "--token-file", tokenFile]
                let trusted = server + ["--ca", harness.root + "/cert.pem"]
                let got = await CommandHarness.causeway(
                    ["recordings", "get", recording.id, "--output", harness.root + "/a.webm"] + trusted)
                #expect(got.status == .success, "\(got.errors)")
                let forbidden = await CommandHarness.causeway(["meetings"] + trusted)
                #expect(forbidden.status == .refused && forbidden.errors.contains("role archivist"))
                let untrusted = await CommandHarness.causeway(["status"] + server)
                #expect(
                    untrusted.status == .daemonUnreachable && untrusted.errors.contains("--ca FILE"),
                    "\(untrusted.errors)")
                try "wrong".write(toFile: tokenFile, atomically: false, encoding: .utf8)
                let refused = await CommandHarness.causeway(["status"] + trusted)
                #expect(refused.status == .refused && refused.errors.contains("access token"))
            }
        }
    }

    @Test func aServerThatIsNoneIsNamed() async throws {
        let token = FileManager.default.temporaryDirectory.path + "/token-" + UUID().uuidString
        try "abc\n".write(toFile: token, atomically: false, encoding: .utf8)
        defer { unlink(token) }
        let refused = await CommandHarness.causeway([
            "status", "--server", "https://127.0.0.1:1", "--token-file", token,
        ])
        #expect(
            refused.status == .daemonUnreachable && refused.errors.contains("Connection refused"), "\(refused.errors)")
        let missing = await CommandHarness.causeway([
            "status", "--server", "https://127.0.0.1:1", "--token-file", "/none",
        ])
        #expect(missing.status == .localFault && missing.errors.contains("/none"))
    }
}
