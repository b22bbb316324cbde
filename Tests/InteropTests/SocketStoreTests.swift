import Foundation
import Glibc
import InteropSupport
import Synchronization
import Testing

/// What systemd does for a service with a file descriptor store: hears what the daemon says of itself, keeps the sockets that it
/// sends, and gives them to the next run.
private final class SmallManager: Sendable {
    let folder: String
    private let descriptor: Int32
    private struct State {
        var store: [(name: String, descriptor: Int32)] = []
        var lines: [String] = []
    }
    private let state = Mutex(State())

    init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: (folder + "/notify").utf8.prefix($0.count - 1))
        }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw ToolFailure("no socket in \(folder)") }
    }

    deinit {
        for kept in state.withLock({ $0.store }) { close(kept.descriptor) }
        close(descriptor)
    }

    /// Names of what is kept, after all that came so far.
    var names: Set<String> {
        listen()
        return Set(state.withLock { $0.store.map(\.name) })
    }

    func hears(_ line: String) -> Bool { times(line) > 0 }

    /// How often it was said.
    func times(_ line: String) -> Int {
        listen()
        return state.withLock { $0.lines.count { $0 == line } }
    }

    private func listen() {
        var text = [UInt8](repeating: 0, count: 4_096)
        var control = [UInt8](repeating: 0, count: 256)
        while true {
            let (count, descriptors) = text.withUnsafeMutableBytes { text in
                control.withUnsafeMutableBytes { control -> (Int, [Int32]) in
                    var vector = iovec(iov_base: text.baseAddress, iov_len: text.count)
                    return withUnsafeMutablePointer(to: &vector) { vector -> (Int, [Int32]) in
                        var message = msghdr()
                        message.msg_iov = vector
                        message.msg_iovlen = 1
                        message.msg_control = control.baseAddress
                        message.msg_controllen = control.count
                        let count = recvmsg(
                            descriptor, &message, Int32(MSG_DONTWAIT) | Int32(MSG_CMSG_CLOEXEC))
                        guard count > 0, message.msg_controllen >= MemoryLayout<cmsghdr>.size else {
                            return (count, [])
                        }
                        let header = control.loadUnaligned(as: cmsghdr.self)
                        guard header.cmsg_level == SOL_SOCKET, header.cmsg_type == Int32(SCM_RIGHTS) else {
                            return (count, [])
                        }
                        let room = Int(header.cmsg_len) - MemoryLayout<cmsghdr>.size
                        return (
                            count,
                            stride(from: 0, to: room, by: 4).map {
                                control.loadUnaligned(fromByteOffset: MemoryLayout<cmsghdr>.size + $0, as: Int32.self)
                            }
                        )
                    }
                }
            }
            guard count > 0 else { return }
            let lines = String(decoding: text.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
            let name = lines.first { $0.hasPrefix("FDNAME=") }.map { String($0.dropFirst(7)) } ?? ""
            state.withLock { state in
                state.lines += lines
                // systemd keeps a socket that it has already no second time.
                for socket in descriptors {
                    if lines.contains("FDSTORE=1"), !state.store.contains(where: { $0.name == name }) {
                        state.store.append((name, socket))
                    } else {
                        close(socket)
                    }
                }
                if lines.contains("FDSTOREREMOVE=1") {
                    for gone in state.store where gone.name == name { close(gone.descriptor) }
                    state.store.removeAll { $0.name == name }
                }
            }
        }
    }

    /// Starts the daemon with what is kept, and returns its id once it is ready.
    func start(_ configuration: String) async throws -> pid_t {
        listen()
        let (store, heard) = state.withLock { state in
            (state.store, state.lines.count { $0 == "READY=1" })
        }
        // Out of the way of the numbers that they are to have.
        let sockets = store.map { fcntl($0.descriptor, F_DUPFD_CLOEXEC, 200) }
        defer { for socket in sockets { close(socket) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, socket) in sockets.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, socket, 3 + Int32(index))
        }
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let command = [
            "/bin/sh", "-c", "LISTEN_PID=$$; export LISTEN_PID; exec \"$@\"", "sh",
            try RunningDaemon.binaries() + "/causewayd", "--config", configuration,
        ]
        var environment = ProcessInfo.processInfo.environment
        environment["NOTIFY_SOCKET"] = folder + "/notify"
        environment["LISTEN_FDS"] = "\(store.count)"
        environment["LISTEN_FDNAMES"] = store.map(\.name).joined(separator: ":")
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child: pid_t = 0
        guard posix_spawn(&child, command[0], &actions, nil, &arguments, &variables) == 0 else {
            throw ToolFailure("the daemon could not be started")
        }
        let id = child
        do {
            try await eventually("the daemon to be ready") {
                guard kill(id, 0) == 0 else { throw ToolFailure("it ended") }
                self.listen()
                return self.state.withLock { $0.lines.count { $0 == "READY=1" } } > heard
            }
        } catch {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
            throw ToolFailure("\(error): \((try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "")")
        }
        return id
    }

    func end(_ daemon: pid_t) async throws {
        kill(daemon, SIGTERM)
        do {
            try await eventually("the daemon to end", within: .seconds(12)) { waitpid(daemon, nil, WNOHANG) == daemon }
        } catch {
            kill(daemon, SIGKILL)
            waitpid(daemon, nil, 0)
            throw error
        }
    }
}

/// A peer with a socket that is connected.
private final class Peer {
    private let descriptor: Int32

    /// Nil where it is refused.
    init?(_ kind: __socket_type, _ port: UInt16) {
        descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    func ask(_ transport: String, named name: String = "") {
        let lines = [
            "OPTIONS sip:causeway.test SIP/2.0",
            "Via: SIP/2.0/\(transport) 127.0.0.1:9;rport;branch=z9hG4bK-\(transport)\(name)",
            "From: <sip:soyte@causeway.test>;tag=a", "To: <sip:causeway.test>", "Call-ID: store-\(transport)\(name)",
            "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", "",
        ]
        let bytes = Array(lines.joined(separator: "\r\n").utf8)
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    var answer: String {
        var buffer = [UInt8](repeating: 0, count: 8_192)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

@Suite(.serialized, .enabled(if: Tool.areInstalled("curl"), "curl is missing")) struct SocketStoreTests {
    /// While there is no daemon at all, peers connect and send; the next one answers them.
    @Test func noListeningSocketIsLostOverARestart() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "cw-\(UInt32.random(in: 0 ... .max))"
        ).path
        let manager = try SmallManager(folder: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try FreePorts.run(of: 6)
        func configuration(tls: UInt16) throws -> String {
            try RunningDaemon.configuration(.init(points: TestSite.points), folder, tls, port + 2, port + 3)
                .write(toFile: folder + "/causeway.yaml", atomically: true, encoding: .utf8)
            return folder + "/causeway.yaml"
        }
        var daemon = try await manager.start(try configuration(tls: port))
        let names: Set = ["tcp", "udp"].reduce(into: Set<String>()) { $0.insert("\($1)-127.0.0.1-\(port + 2)") }
            .union(["tcp-127.0.0.1-\(port)", "tcp-127.0.0.1-\(port + 3)"])
        try await eventually("the sockets to be kept") { manager.names.isSuperset(of: names) }
        try await manager.end(daemon)

        let tcp = try #require(Peer(SOCK_STREAM, port + 2), "refused")
        tcp.ask("TCP")
        let udp = try #require(Peer(SOCK_DGRAM, port + 2))
        udp.ask("UDP")
        let https = try ChildProcess(
            try #require(Tool.find("curl")),
            ["-sSk", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", "https://127.0.0.1:\(port + 3)/"],
            log: folder + "/curl")
        let tls = try #require(Peer(SOCK_STREAM, port), "refused")
        daemon = try await manager.start(try configuration(tls: port))
        #expect(tcp.answer.hasPrefix("SIP/2.0 "))
        #expect(udp.answer.hasPrefix("SIP/2.0 "))
        #expect(try await https.wait(within: .seconds(20)) == 0)
        #expect(https.logText == "200", "\(https.logText)")
        _ = tls
        // The same sockets again, and no more of them.
        #expect(manager.names.isSuperset(of: names))
        #expect(!manager.hears("FDSTOREREMOVE=1"))
        try await manager.end(daemon)

        // What the configuration has no longer is closed.
        daemon = try await manager.start(try configuration(tls: port + 4))
        try await eventually("the old socket to be dropped") { !manager.names.contains("tcp-127.0.0.1-\(port)") }
        #expect(manager.names.contains("tcp-127.0.0.1-\(port + 4)"))
        #expect(Peer(SOCK_STREAM, port) == nil, "somebody listens still")
        let other = try #require(Peer(SOCK_STREAM, port + 2))
        other.ask("TCP")
        #expect(other.answer.hasPrefix("SIP/2.0 "))
        try await manager.end(daemon)
    }

    /// Who is only just connected, or in the middle of a handshake, or has a connection that stays, when one run of the daemon
    /// ends, has an answer of it or of the next.
    @Test func nobodyWhoAsksThePortalIsRefusedOverRestarts() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "cw-\(UInt32.random(in: 0 ... .max))"
        ).path
        let manager = try SmallManager(folder: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try FreePorts.run(of: 4)
        let configuration = folder + "/causeway.yaml"
        try RunningDaemon.configuration(.init(points: TestSite.points), folder, port, port + 2, port + 3)
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        var daemon = try await manager.start(configuration)
        try await eventually("the socket to be kept") { manager.names.contains("tcp-127.0.0.1-\(port + 3)") }
        let visitors = PortalVisitors(12, staying: 3, at: port + 3)
        var (heardHalfWay, unheard): (Int, [String]) = (0, [])
        for _ in 0..<4 {
            let (idle, connected, secured) = (
                try await PortalVisitor(to: port + 3), try await PortalVisitor(to: port + 3),
                try await PortalVisitor(to: port + 3)
            )
            try await idle.secure()
            #expect(try await idle.ask().hasPrefix("HTTP/1.1 200 "))
            try await secured.secure()
            try await secured.stands()
            let began = ContinuousClock.now
            let point = try #require(Peer(SOCK_STREAM, port + 2), "refused")
            let stops = manager.times("STOPPING=1")
            let ending = Task { [daemon] in try await manager.end(daemon) }
            try await eventually("the daemon to be stopping") { manager.times("STOPPING=1") > stops }
            // Taken by the old one or left to the next, as it happens.
            let late = try #require(Peer(SOCK_STREAM, port + 2), "refused")
            late.ask("TCP", named: "late")
            if ContinuousClock.now - began < .milliseconds(600) {
                point.ask("TCP", named: "early")
                if !point.answer.hasPrefix("SIP/2.0 ") { unheard.append("a point that had connected") }
            }
            // Who has had an answer and asks nothing is sent away: by that it is seen how far the daemon is.
            try await idle.closed()
            // On a machine that is slower than this, they had their time.
            if ContinuousClock.now - began < .milliseconds(1_200) {
                for (visitor, isSecured) in [(connected, false), (secured, true)] {
                    do {
                        if !isSecured { try await visitor.secure() }
                        let head = try await visitor.ask().lowercased()
                        let isFarewell = head.hasPrefix("http/1.1 200 ") && head.contains("\r\nconnection: close")
                        if isFarewell { heardHalfWay += 1 } else { unheard.append(head) }
                    } catch {
                        unheard.append("\(isSecured ? "after" : "before") the handshake: \(error)")
                    }
                }
            }
            for visitor in [connected, secured] { await visitor.close() }
            try await ending.value
            daemon = try await manager.start(configuration)
            if !late.answer.hasPrefix("SIP/2.0 ") { unheard.append("a point that connected late") }
        }
        let tally = await visitors.end()
        #expect(tally.faults == [], "of \(tally.faults.count + tally.answers) who asked")
        #expect(tally.answers > 100)
        #expect(tally.farewells > 0)
        #expect(unheard == [])
        #expect(heardHalfWay > 0)
        try await manager.end(daemon)
    }
}
