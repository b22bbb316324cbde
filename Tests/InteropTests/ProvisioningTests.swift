import Foundation
import InteropSupport
import PortalAPI
import Testing

/// Linphone as the people of a point set it up: by the address or the code of a join guide.
@Suite(.serialized) struct ProvisioningTests {
    private func registered(_ site: TestSite) async throws -> Int {
        let answer = try await site.daemon.causeway(["status", "--json"])
        return try PortalJSON.decode(SystemStatus.self, from: Data(answer.output.utf8)).bridge.pointsRegistered
    }

    private func guide(_ site: TestSite, _ arguments: [String]) async throws -> String {
        let file = site.folder + "/guide"
        let answer = try await site.daemon.causeway(["guide", "soyte"] + arguments + [file])
        try #require(answer.status == 0, "\(answer.output)")
        return file
    }

    @Test(.enabled(if: Tool.areInstalled("linphonec", "curl"), "linphonec or curl is not installed"))
    func linphoneFetchesItsAccountOnceAndRegisters() async throws {
        try await TestSite.with { site in
            let page = try String(
                contentsOfFile: try await guide(site, ["--device", "computer", "--html"]), encoding: .utf8)
            #expect(page.contains("Sở Y tế") && !page.contains("mat-khau"))
            let address = try #require(page.firstMatch(of: #/https:\/\/127\.0\.0\.1:\d+\/provision\/[0-9a-f]{64}/#))
            let ports = try FreePorts.run(of: 2)
            let home = site.folder + "/linphone"
            try FileManager.default.createDirectory(
                atPath: home + "/.local/share/linphone", withIntermediateDirectories: true)
            // Linphone looks for names in a certificate, not for addresses.
            try """
            [misc]
            config-uri=\(address.output)
            [sip]
            root_ca=\(site.daemon.authority)
            verify_server_certs=1
            verify_server_cn=0
            sip_port=\(ports)
            sip_tcp_port=\(ports)
            sip_tls_port=\(ports + 1)
            """.write(toFile: home + "/rc", atomically: true, encoding: .utf8)
            let linphone = try ChildProcess(
                try #require(Tool.find("linphonec")), ["-c", home + "/rc", "-d", "6", "-l", home + "/trace"],
                environment: ["HOME": home, "XDG_RUNTIME_DIR": home], log: home + "/log", listens: true)
            do {
                try await eventually("Linphone to register", within: .seconds(30)) {
                    try await registered(site) == 1
                }
            } catch {
                let trace = (try? String(contentsOfFile: home + "/trace", encoding: .utf8)) ?? ""
                await linphone.stop()
                throw ToolFailure("\(error): \(trace.suffix(2_000))")
            }
            // It is used up, and neither Linphone's settings nor what it was sent have the password.
            let status = try await Tool.run(
                "curl",
                [
                    "--silent", "--cacert", site.daemon.authority, "--output", "/dev/null", "--write-out",
                    "%{http_code}", String(address.output),
                ])
            #expect(status == "404")
            let trace = try String(contentsOfFile: home + "/trace", encoding: .utf8)
            #expect(trace.contains("name=\"ha1\"") && !trace.contains("mat-khau"))
            try linphone.say("quit")
            if (try? await linphone.wait(within: .seconds(10))) == nil { await linphone.stop() }
            let settings = try String(contentsOfFile: home + "/rc", encoding: .utf8)
            #expect(settings.contains("sip:soyte@causeway.test") && !settings.contains("/provision/"))
        }
    }

    @Test(
        .enabled(
            if: Tool.areInstalled("weasyprint", "pdftoppm", "zbarimg", "curl"), "WeasyPrint or its readers are missing")
    )
    func thePrintedCodeIsTheAddress() async throws {
        try await TestSite.with { site in
            let pdf = try await guide(site, ["--device", "linphone", "--lang", "vi", "--pdf"])
            try await Tool.run("pdftoppm", ["-r", "150", "-png", pdf, pdf])
            let pages = try FileManager.default.contentsOfDirectory(atPath: site.folder).filter {
                $0.hasPrefix("guide-") && $0.hasSuffix(".png")
            }
            #expect(pages.count == 1)
            let read = try await Tool.run("zbarimg", ["--quiet", "--raw", site.folder + "/" + (pages.first ?? "")])
            let address = read.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(address.hasPrefix("https://127.0.0.1:\(site.daemon.httpsPort)/provision/"))
            let xml = try await Tool.run("curl", ["--silent", "--fail", "--cacert", site.daemon.authority, address])
            #expect(xml.contains("sip:127.0.0.1:\(site.daemon.tlsPort);transport=tls"))
        }
    }

    /// Without a name it is called by what it is for, and what is there stays.
    @Test(.enabled(if: Tool.areInstalled("weasyprint", "sh"), "WeasyPrint is missing"))
    func aGuideIsWrittenHereUnderItsOwnName() async throws {
        try await TestSite.with { site in
            let here = site.folder + "/here"
            try FileManager.default.createDirectory(atPath: here, withIntermediateDirectories: true)
            let command = try RunningDaemon.binaries() + "/causeway"
            func guide(_ arguments: String) async throws -> String {
                try await Tool.run(
                    "sh",
                    [
                        "-c",
                        "cd '\(here)' && '\(command)' guide soyte \(arguments) --socket '\(site.daemon.socketPath)' 2>&1; echo $?",
                    ])
            }
            #expect(try await guide("--device browser --pdf") == "soyte-browser.pdf\n0\n")
            #expect(try await guide("--device browser --html").hasSuffix("0\n"))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: here).sorted() == [
                    "soyte-browser.html", "soyte-browser.pdf",
                ])
            let path = here + "/soyte-browser.pdf"
            #expect(FileManager.default.contents(atPath: path)?.starts(with: Data("%PDF-".utf8)) == true)
            try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
            let refused = try await guide("--device browser --pdf")
            #expect(refused.contains("--force") && !refused.hasSuffix("\n0\n"), "\(refused)")
            #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
            #expect(try await guide("--device browser --pdf --force").hasSuffix("0\n"))
            #expect(FileManager.default.contents(atPath: path)?.starts(with: Data("%PDF-".utf8)) == true)
        }
    }
}
