import Foundation
import InteropSupport
import Testing

/// Each sample is taken by the program that it is for.
@Suite(.serialized) struct SamplesTests {
    private static func path(_ name: String) -> String { Handbook.root.appendingPathComponent("samples/" + name).path }

    /// A folder that goes with the test.
    private static func scratch(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cw-sample-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test(.enabled(if: Tool.areInstalled("kamailio"), "kamailio is missing"))
    func kamailioTakesTheEdge() async throws {
        let said = try await Tool.run(
            "kamailio", ["-c", "-f", Self.path("endpoints/kamailio-edge/kamailio.cfg")], standardError: true)
        #expect(said.contains("config file ok"), "\(said)")
    }

    @Test(.enabled(if: Tool.areInstalled("nft"), "nft is missing"))
    func nftTakesTheFirewall() async throws {
        try await Tool.run("nft", ["-c", "-f", Self.path("firewall/causeway.nft")], standardError: true)
    }

    @Test(.enabled(if: Tool.areInstalled("promtool"), "promtool is missing"))
    func promtoolTakesScrapeAndAlerts() async throws {
        try await Self.scratch { folder in
            for name in ["prometheus.yml", "causeway-alerts.yml"] {
                try FileManager.default.copyItem(atPath: Self.path("monitoring/" + name), toPath: folder + "/" + name)
            }
            // The files that it names are looked for.
            for name in ["causeway.token", "causeway-ca.pem"] {
                try "x".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            let scrape = try String(contentsOfFile: folder + "/prometheus.yml", encoding: .utf8)
            try scrape.replacingOccurrences(of: "/etc/prometheus", with: folder)
                .write(toFile: folder + "/prometheus.yml", atomically: true, encoding: .utf8)
            let checked = try await Tool.run(
                "promtool", ["check", "config", "--syntax-only", folder + "/prometheus.yml"], standardError: true)
            #expect(checked.contains("SUCCESS"), "\(checked)")
            let rules = try await Tool.run(
                "promtool", ["check", "rules", folder + "/causeway-alerts.yml"], standardError: true)
            #expect(rules.contains("SUCCESS: 14 rules"), "\(rules)")
        }
    }

    @Test(.enabled(if: Tool.areInstalled("promtool"), "promtool is missing"))
    func theAlertsFireAtWhatTheyAreFor() async throws {
        let said = try await Tool.run(
            "promtool", ["test", "rules", Self.path("monitoring/causeway-alerts.test.yml")], standardError: true)
        #expect(said.contains("SUCCESS"), "\(said)")
    }

    /// Grafana is not in Debian: what its board asks is looked at by Prometheus' own parser.
    @Test(.enabled(if: Tool.areInstalled("promtool"), "promtool is missing"))
    func theBoardAsksWhatPrometheusUnderstands() async throws {
        try await Self.scratch { folder in
            let expressions = try Monitoring.boardExpressions().map {
                $0.replacingOccurrences(of: "$job", with: "causeway")
            }
            #expect(expressions.count > 20)
            let rules = expressions.enumerated()
                .map {
                    "      - {record: \"x:\($0.offset)\", expr: '\($0.element.replacingOccurrences(of: "'", with: "''"))'}"
                }
                .joined(separator: "\n")
            try "groups:\n  - name: board\n    rules:\n\(rules)\n"
                .write(toFile: folder + "/board.yml", atomically: true, encoding: .utf8)
            let said = try await Tool.run("promtool", ["check", "rules", folder + "/board.yml"], standardError: true)
            #expect(said.contains("SUCCESS: \(expressions.count) rules"), "\(said)")
        }
    }

    @Test(.enabled(if: Tool.areInstalled("nginx", "curl"), "nginx or curl is missing"))
    func nginxTakesTheFront() async throws {
        try await HandbookSite.with({ setup, _ in setup.hasWebSocket = true }) { daemon in
            let front = try FreePorts.run(of: 2)
            let certificates = daemon.folder + "/certificates"
            var text = try String(contentsOfFile: Self.path("nginx/causeway.conf"), encoding: .utf8)
            for (old, new) in [
                ("127.0.0.1:8443", "127.0.0.1:\(daemon.httpsPort)"),
                ("127.0.0.1:7443", "127.0.0.1:\(daemon.webSocketPort)"),
                ("listen 443", "listen 127.0.0.1:\(front)"), ("listen 80", "listen 127.0.0.1:\(front + 1)"),
                ("/etc/letsencrypt/live/hop.example.vn/fullchain.pem", certificates + "/server.pem"),
                ("/etc/letsencrypt/live/hop.example.vn/privkey.pem", certificates + "/server.key"),
                ("/etc/nginx/causeway-ca.pem", daemon.authority),
                ("proxy_ssl_name hop.example.vn", "proxy_ssl_name causeway.test"),
            ] {
                #expect(text.contains(old), "the sample has no \(old)")
                text = text.replacingOccurrences(of: old, with: new)
            }
            let folder = daemon.folder + "/nginx"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try """
            daemon off;
            pid \(folder)/pid;
            user root;
            error_log stderr;
            events {}
            http {
                access_log off;
                client_body_temp_path \(folder)/a; proxy_temp_path \(folder)/b; fastcgi_temp_path \(folder)/c;
                uwsgi_temp_path \(folder)/d; scgi_temp_path \(folder)/e;
            \(text)
            }
            """.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
            let arguments = ["-p", folder, "-c", folder + "/nginx.conf"]
            try await Tool.run("nginx", arguments + ["-t"], standardError: true)
            let nginx = try ChildProcess(try #require(Tool.find("nginx")), arguments, log: folder + "/log")
            let trust = [
                "-sS", "--cacert", daemon.authority, "--resolve", "hop.example.vn:\(front):127.0.0.1", "--connect-to",
                "::127.0.0.1:\(front)", "--max-time", "5",
            ]
            let base = "https://causeway.test:\(front)"
            do {
                try await eventually("nginx to serve the portal") {
                    (try? await Tool.run("curl", trust + ["-f", base + "/"]))?.contains("<html") == true
                }
            } catch { throw ToolFailure("\(error): \(nginx.logText)") }
            // What becomes a WebSocket has no end: curl says what it was answered when its time is over.
            let answer = folder + "/answer"
            _ = try? await Tool.run(
                "curl",
                trust + [
                    "--http1.1", "--max-time", "2", "-D", answer, "-o", "/dev/null", "-H", "Connection: Upgrade", "-H",
                    "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Protocol: sip", "-H",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", base + "/sip",
                ])
            let head = try String(contentsOfFile: answer, encoding: .utf8)
            #expect(head.hasPrefix("HTTP/1.1 101"), "\(head) \(nginx.logText)")
            #expect(head.lowercased().contains("sec-websocket-protocol: sip"))
            await nginx.stop()
        }
    }

    @Test(.enabled(if: Tool.areInstalled("openssl"), "openssl is missing"))
    func theDeployHookBringsACertificateIntoTheDaemon() async throws {
        try await Self.scratch { folder in
            func make(_ name: String) async throws -> String {
                let lineage = folder + "/" + name
                try FileManager.default.createDirectory(atPath: lineage, withIntermediateDirectories: true)
                try await Tool.run(
                    "openssl",
                    [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj",
                        "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1,DNS:causeway.test", "-keyout",
                        lineage + "/privkey.pem", "-out", lineage + "/fullchain.pem",
                    ])
                return lineage
            }
            let hook = Self.path("acme/causeway-deploy-hook")
            let tls = folder + "/tls"
            func deploy(_ lineage: String, reload: String) async throws {
                try await Tool.run(
                    "env",
                    [
                        "CAUSEWAY_TLS=" + tls, "CAUSEWAY_OWNER=\(getuid()):\(getgid())", "CAUSEWAY_RELOAD=" + reload,
                        "RENEWED_LINEAGE=" + lineage, hook,
                    ], standardError: true)
            }
            let (first, second) = (try await make("first"), try await make("second"))
            try await deploy(first, reload: "true")
            try await HandbookSite.with({ setup, _ in
                setup.certificateKeys = ", chain: \(tls)/server.pem, key: \(tls)/server.key"
            }) { daemon in
                @Sendable func subject() async throws -> String {
                    try await Tool.run(
                        "sh",
                        [
                            "-c",
                            "openssl s_client -connect 127.0.0.1:\(daemon.tlsPort) </dev/null 2>/dev/null | openssl x509 -noout -subject",
                        ])
                }
                #expect(try await subject().contains("first"))
                try await deploy(second, reload: "kill -HUP \(daemon.process.processIdentifier)")
                try await eventually("the new certificate") { try await subject().contains("second") }
                // A key of another certificate is not handed over.
                try FileManager.default.removeItem(atPath: second + "/privkey.pem")
                try FileManager.default.copyItem(atPath: first + "/privkey.pem", toPath: second + "/privkey.pem")
                let before = FileManager.default.contents(atPath: tls + "/server.key")
                await #expect(throws: ToolFailure.self) { try await deploy(second, reload: "true") }
                #expect(FileManager.default.contents(atPath: tls + "/server.key") == before)
            }
        }
    }

    /// No public CA is asked: the command line is taken, and nobody is at the address that it is told to ask.
    @Test(.enabled(if: Tool.areInstalled("certbot"), "certbot is missing"))
    func certbotTakesTheCommandLine() async throws {
        let shown = try #require(try Handbook.commands().first { $0.program == "certbot" })
        try await Self.scratch { folder in
            let words = shown.words.dropFirst().map {
                $0.hasPrefix("/etc/letsencrypt/") ? Self.path("acme/causeway-deploy-hook") : $0
            }
            let more = [
                "--server", "https://127.0.0.1:1/directory", "--config-dir", folder, "--work-dir", folder, "--logs-dir",
                folder, "-n", "--agree-tos", "-m", "ai@example.vn",
            ]
            let failure = await #expect(throws: ToolFailure.self) {
                try await Tool.run("certbot", words + more, standardError: true)
            }
            #expect(failure?.description.contains("127.0.0.1") == true, "\(failure?.description ?? "it did")")
        }
    }

    @Test(.enabled(if: Tool.areInstalled("sipp", "sox"), "sipp or sox is missing"))
    func sippCallsByItsSample() async throws {
        let shown = try Handbook.commands().filter {
            $0.shown.page == "samples/endpoints/sipp/README.md" && !$0.shown.isSpan
        }
        let sox = try #require(shown.first { $0.program == "sox" }).words.dropFirst()
        let sipp = try #require(shown.first { $0.program == "sipp" }).words.dropFirst()
        try await HandbookSite.with({ setup, _ in setup.clearListeners = [.udp] }) { daemon in
            let folder = daemon.folder + "/sipp"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await Tool.run("sox", sox.map { $0 == "tone.al" ? folder + "/tone.al" : $0 })
            // As it stands, but for how long it waits.
            try String(contentsOfFile: Self.path("endpoints/sipp/hold.xml"), encoding: .utf8)
                .replacingOccurrences(
                    of: #"milliseconds="[38]000""#, with: #"milliseconds="700""#, options: .regularExpression
                )
                .write(toFile: folder + "/hold.xml", atomically: true, encoding: .utf8)
            let arguments = sipp.map { word in
                word.replacingOccurrences(of: "BRIDGE:5060", with: "127.0.0.1:\(daemon.sipPort)")
                    .replacingOccurrences(of: "ADDRESS", with: "127.0.0.1")
                    .replacingOccurrences(of: "CHANGE-ME", with: HandbookSite.points[0].password)
                    .replacingOccurrences(of: "hold.xml", with: folder + "/hold.xml")
            }
            let line = (["cd '\(folder)' && timeout 60 sipp"] + arguments.map { "'\($0)'" } + ["-nostdin"]).joined(
                separator: " ")
            try await Tool.run("sh", ["-c", line], standardError: true)
            #expect(daemon.log.contains("soyte") || daemon.log.contains("Sở Y tế"))
        }
    }

    /// On a server there is neither camera nor sound card: those lines are changed as the README says.
    @Test(.enabled(if: Tool.areInstalled("baresip", "sox"), "baresip or sox is missing"))
    func baresipReadsItsSample() async throws {
        try await HandbookSite.with { daemon in
            let folder = daemon.folder + "/baresip"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let tone = folder + "/tone.wav"
            try await Tool.run(
                "sox", ["-n", "-r", "48000", "-c", "2", "-b", "16", tone, "synth", "60", "sine", "440", "vol", "0.25"])
            let config =
                try String(contentsOfFile: Self.path("endpoints/baresip/config"), encoding: .utf8)
                .replacingOccurrences(of: "/var/lib/causeway/certificates/ca.pem", with: daemon.authority)
                .replacingOccurrences(
                    of: "rtp_ports               30000-30099", with: "rtp_ports \(try FreePorts.run(of: 20))-29999"
                )
                .replacingOccurrences(
                    of: #"audio_source +\S+"#, with: "audio_source aufile,\(tone)", options: .regularExpression
                )
                .replacingOccurrences(
                    of: #"audio_(player|alert) +\S+"#, with: "audio_$1 aubridge,nil", options: .regularExpression
                )
                .replacingOccurrences(
                    of: #"(video_source|video_display) +\S+"#, with: "$1 fakevideo,nil", options: .regularExpression
                )
                .replacingOccurrences(of: "alsa.so", with: "aufile.so")
                .replacingOccurrences(of: "v4l2.so", with: "fakevideo.so").replacingOccurrences(
                    of: "x11.so", with: "aubridge.so")
                + "sip_listen 127.0.0.1:0\n"
            let accounts = try String(contentsOfFile: Self.path("endpoints/baresip/accounts"), encoding: .utf8)
                .replacingOccurrences(of: "doi-mat-khau-2", with: HandbookSite.points[0].password)
                .replacingOccurrences(of: "127.0.0.1:5061", with: "127.0.0.1:\(daemon.tlsPort)")
                .replacingOccurrences(of: "causeway.local", with: "causeway.test")
            try config.write(toFile: folder + "/config", atomically: true, encoding: .utf8)
            try accounts.write(toFile: folder + "/accounts", atomically: true, encoding: .utf8)
            let program = try #require(Tool.find("baresip"))
            let baresip = try ChildProcess(
                program, ["-f", folder, "-e", "/dial sip:giaoban@causeway.test", "-t", "30"], log: folder + "/log")
            do {
                try await eventually("the point to be in the meeting") {
                    try await daemon.meetings().first?.participants.contains { $0.point == "soyte" } == true
                }
            } catch { throw ToolFailure("\(error): \(baresip.logText.suffix(3_000))") }
            await baresip.stop(within: .seconds(3))
        }
    }

    @Test(.enabled(if: Tool.areInstalled("linphonec"), "linphonec is missing"))
    func linphoneReadsItsSample() async throws {
        try await Self.scratch { folder in
            // Nobody is called: it only reads, and says what it has read.
            try FileManager.default.copyItem(
                atPath: Self.path("endpoints/linphone/linphonerc"), toPath: folder + "/linphonerc")
            let line =
                "cd '\(folder)' && printf 'proxy list\\nquit\\n' | HOME='\(folder)' timeout 20 linphonec -c linphonerc"
            let said = try await Tool.run("sh", ["-c", line + " || true"], standardError: true)
            #expect(said.contains("sip:causeway.local") && said.contains("soyte"), "\(said.suffix(1_500))")
        }
    }
}
