import Archive
import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import OfficeStore
import PortalAPI
import ServiceLifecycle
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct PortalServerTests {
    private static let curl = "/usr/bin/curl"
    private static var hasCurl: Bool { FileManager.default.isExecutableFile(atPath: curl) }

    private func curl(_ arguments: [String]) async throws -> (status: Int32, output: Data) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.curl)
        process.arguments = ["--silent", "--show-error", "--max-time", "20"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Off the threads that the portal under test answers on.
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let data = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: (process.terminationStatus, data))
            }
        }
    }

    @Test func statusTellsBridgeArchiveAndListeners() async throws {
        try await PortalHarness.run { portal in
            let status = try await portal.ask("/api/v1/status").decoded(SystemStatus.self)
            #expect(status.bridge.version == "1.2.3" && (98...400).contains(status.uptimeSeconds))
            #expect(Set(status.bridge.listeners.map(\.transport)) == ["tls", "https", "unix"])
            #expect(status.disk.freeBytes > 0 && status.disk.totalBytes >= status.disk.freeBytes)
            let meetings = try await portal.ask("/api/v1/meetings").decoded([LiveMeeting].self)
            #expect(meetings == (await portal.bridge.meetings()))
            #expect(meetings.first?.participants.first?.audio?.lossPercent == 3)
            #expect(try await portal.ask("/api/v1/meetings/none/end", method: "POST").status == 404)
            let page = try await portal.ask("/", .https(token: nil))
            #expect(page.status == 200 && String(decoding: page.body, as: UTF8.self).contains("Cầu truyền hình"))
        }
    }

    @Test func theSocketIsForOwnerAndGroupOnly() async throws {
        try await PortalHarness.run { portal in
            let attributes = try FileManager.default.attributesOfItem(atPath: portal.socket)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
        }
    }

    @Test(.enabled(if: hasCurl)) func curlGetsAFileAndResumesIt() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed(masterBytes: 3_000_000)
            let path = "/api/v1/recordings/\(recording.id)/files/master.mkv"
            let target = portal.root + "/got.mkv"
            try PortalHarness.bytes(3_000_000).prefix(1_234_567).write(to: URL(fileURLWithPath: target))
            let https = try await curl([
                "--fail", "--cacert", portal.root + "/cert.pem", "-H",
                "Authorization: Bearer \(PortalHarness.archivistToken)",
                "-C", "-", "-o", target, "https://localhost:\(portal.port)" + path,
            ])
            #expect(https.status == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == PortalHarness.bytes(3_000_000))
            let raw = try await curl([
                "--unix-socket", portal.socket, "--path-as-is", "http://x/api/v1/recordings/../../../etc/passwd",
            ])
            #expect(raw.status == 0 && String(decoding: raw.output, as: UTF8.self).contains("\"error\""))
        }
    }

    @Test(.enabled(if: hasCurl)) func aNewCertificateIsShownAfterReloadAndABadOneIsNot() async throws {
        try await PortalHarness.run { portal in
            func serves(_ certificate: String) async throws -> Bool {
                try await curl(["--cacert", certificate, "https://localhost:\(portal.port)/"]).status == 0
            }
            let old = portal.root + "/old.pem"
            try FileManager.default.copyItem(atPath: portal.root + "/cert.pem", toPath: old)
            try PortalHarness.makeCertificate(portal.root, name: "second", serial: 2)
            #expect(try await serves(old))
            try portal.server.reload(portal.configuration)
            #expect(try await serves(portal.root + "/cert.pem"))
            #expect(try await serves(old) == false)
            try "no certificate".write(toFile: portal.root + "/cert.pem", atomically: false, encoding: .utf8)
            #expect(throws: PortalError.self) { try portal.server.reload(portal.configuration) }
            #expect(try await curl(["--insecure", "https://localhost:\(portal.port)/"]).status == 0)
        }
    }

    @Test func faultsAtTheStartAreNamed() async throws {
        try await PortalHarness.run { portal in
            let good = PortalConfiguration.HTTPS(
                host: "127.0.0.1", port: portal.port, certificatePath: portal.root + "/cert.pem",
                keyPath: portal.root + "/key.pem")
            func failure(https: PortalConfiguration.HTTPS? = nil, socket: String? = nil) async -> PortalError? {
                do {
                    let server = try PortalServer(
                        configuration: PortalConfiguration(https: https, socketPath: socket), archive: portal.archive,
                        office: portal.office, bridge: portal.bridge,
                        logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() })
                    try await server.run()
                    return nil
                } catch {
                    return error as? PortalError
                }
            }
            #expect(await failure(https: good) == .addressInUse("127.0.0.1:\(portal.port)"))
            #expect(await failure(socket: portal.socket) == .socketInUse(path: portal.socket))
            #expect(try await portal.ask("/api/v1/status").status == 200, "the one that runs is not disturbed")
            var bad = good
            bad.certificatePath = portal.root + "/none.pem"
            #expect(
                await failure(https: bad)
                    == .certificateUnusable(path: bad.certificatePath, reason: "No such file or directory"))
            bad = good
            bad.keyPath = good.certificatePath
            #expect(await failure(https: bad)?.description.contains("no PEM private key") == true)
            try FileManager.default.copyItem(atPath: portal.root + "/key.pem", toPath: portal.root + "/other.pem")
            try PortalHarness.makeCertificate(portal.root, name: "x", serial: 3)
            bad = good
            bad.keyPath = portal.root + "/other.pem"
            #expect(
                await failure(https: bad)
                    == .keyDoesNotMatch(certificate: good.certificatePath, key: portal.root + "/other.pem"))
            let file = portal.root + "/cert.pem"
            #expect(await failure(socket: file)?.description.contains("no socket is there") == true)
            #expect(
                await failure(socket: portal.root + "/" + String(repeating: "x", count: 120))?.description
                    .contains("at most 107 bytes") == true)
            #expect(
                await failure(socket: portal.root + "/none/x.sock")?.description
                    .contains("No such file or directory") == true)
        }
    }

    @Test func aDeadDaemonsSocketIsTakenOver() async throws {
        let root = FileManager.default.temporaryDirectory.path + "/portal-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let path = root + "/s.sock"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        close(dead)
        let archive = try Archive(root: root + "/a")
        let office = try OfficeStore(path: root + "/office.sqlite", fixed: [], realm: "causeway.test")
        let server = try PortalServer(
            configuration: PortalConfiguration(https: nil, socketPath: path), archive: archive, office: office,
            bridge: StubBridge(), logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await server.run() }
        #expect(try await server.waitUntilListening().map(\.address) == [path])
        running.cancel()
        _ = await running.result
        try archive.close()
    }

    @Test func aSlowDownloadDoesNotFillTheMemory() async throws {
        try await PortalHarness.run { portal in
            let size: Int64 = 400 << 20
            let meeting = try await portal.closed("big", masterBytes: 1)
            let master = try #require(FileHandle(forWritingAtPath: portal.archive.paths(of: meeting).master))
            try master.truncate(atOffset: UInt64(size))
            try master.close()
            let before = try residentBytes()
            var request = HTTPClientRequest(
                url: "https://127.0.0.1:\(portal.port)/api/v1/recordings/big/files/master.mkv")
            request.headers.add(name: "Authorization", value: "Bearer \(PortalHarness.archivistToken)")
            let response = try await portal.client.execute(request, timeout: .seconds(120))
            var received: Int64 = 0
            var peak = before
            for try await piece in response.body {
                received += Int64(piece.readableBytes)
                if received % (8 << 20) < Int64(piece.readableBytes) { peak = max(peak, try residentBytes()) }
            }
            #expect(received == size)
            let growth = peak - before
            print("a download of \(size >> 20) MiB took \(growth >> 10) KiB more of memory, server and client together")
            // On a busy machine the reader falls behind by more.
            #expect(growth < size / 2)
        }
    }

    private func residentBytes() throws -> Int64 {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int64($0) }) * Int64(getpagesize())
    }
}

/// Points that are called into rooms, and sent from one to another.
@Suite struct CallingRoutesTests {
    @Test(.enabled(if: PortalHarness.hasOpenSSL)) func pointsAreCalledAndMovedAndWhatCannotBeIsExplained() async throws
    {
        try await PortalHarness.run { portal in
            for (path, body, status, part) in [
                ("rooms/giaoban/call", "{}", 200, #""called":["so-tc","so-yt"]"#),
                ("rooms/giaoban/call", #"{"points": ["so-yt"]}"#, 200, #""called":["so-yt"]"#),
                ("rooms/giaoban/call", #"{"points": ["la"]}"#, 409, "does not let in: la"),
                ("rooms/khong-co/call", "{}", 404, "no such room"), ("rooms/giaoban/call", "{", 400, "JSON"),
                ("meetings/live-1/move", #"{"point": "so-tc", "room": "giaoban"}"#, 202, ""),
                ("meetings/live-1/move", #"{"point": "la", "room": "giaoban"}"#, 404, "la is not in this meeting"),
                ("meetings/live-2/move", #"{"point": "so-tc", "room": "giaoban"}"#, 404, "No meeting with this id"),
                ("meetings/live-1/move", "{}", 400, "JSON"),
            ] as [(String, String, Int, String)] {
                let answer = try await portal.ask("/api/v1/" + path, method: "POST", body: body)
                #expect(answer.status == status, "\(path) \(body)")
                let text = String(decoding: answer.body, as: UTF8.self)
                #expect(part.isEmpty || text.contains(part), "\(text)")
            }
        }
    }
}
