import DTLS
import Foundation
import ICE
import STUN
import Testing

/// Another implementation, aioice (Debian's python3-aioice, or from PyPI), as the peer: over sockets of loopback it checks,
/// nominates, sends and is sent to, and does so again from another port after a restart. `CAUSEWAY_AIOICE_PYTHON` may name
/// the Python that has it.
@Suite(.enabled(if: Aioice.python != nil, "no Python with aioice"))
struct AioiceTests {
    @Test(.timeLimit(.minutes(1))) func aioiceNominatesAPathAndAnotherAfterARestart() throws {
        let socket = try LoopbackSocket()
        var random = SystemRandomNumberGenerator()
        var agent = ICELiteAgent<HMACSHA1Key>(.random(using: &random))
        var selected: [TransportAddress] = []
        for round in 1...2 {
            if round == 2 { agent.restart(.random(using: &random)) }
            let peer = try Aioice(agent.local, port: socket.port)
            agent.setRemote(usernameFragment: try peer.line())
            var heard: [UInt8] = []
            while heard.isEmpty {
                let (octets, source) = try #require(try socket.receive(), "silence in round \(round)")
                guard octets.first.map({ $0 < 4 }) == true else {
                    #expect(source == agent.selected)
                    heard = octets
                    break
                }
                let (event, answer) = agent.handle(octets, from: source, at: DispatchTime.now().uptimeNanoseconds)
                if !answer.isEmpty { try socket.send(answer, to: source) }
                if event == .selected {
                    selected.append(source)
                    try socket.send(Array("to aioice \(round)".utf8), to: source)
                }
            }
            #expect(String(decoding: heard, as: UTF8.self) == "heard: to aioice \(round)")
            #expect(try peer.end() == 0)
        }
        #expect(selected.count == 2 && Set(selected).count == 2)
    }
}

/// A process that runs `script`.
private final class Aioice {
    static let python: String? = {
        let named = ProcessInfo.processInfo.environment["CAUSEWAY_AIOICE_PYTHON"]
        let candidates =
            [named].compactMap(\.self)
            + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/python3" }
        return candidates.first { path in
            guard FileManager.default.isExecutableFile(atPath: path) else { return false }
            let process = Process()
            process.executableURL = URL(filePath: path)
            process.arguments = ["-c", "import aioice"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }()

    private static let script = """
        import asyncio, sys
        import aioice
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        async def main(ufrag, password, port):
            connection = aioice.Connection(ice_controlling=True, components=1, stun_server=None)
            connection.remote_is_lite = True
            await connection.gather_candidates()
            connection.remote_username, connection.remote_password = ufrag, password
            line = "1 1 UDP 2130706431 127.0.0.1 %s typ host" % port
            await connection.add_remote_candidate(aioice.Candidate.from_sdp(line))
            await connection.add_remote_candidate(None)
            print(connection.local_username, flush=True)
            await connection.connect()
            data = await connection.recv()
            await connection.send(b"heard: " + data)
            await connection.close()
        asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 20))
        """

    private let process = Process()
    private let output = Pipe()

    init(_ remote: ICECredentials, port: UInt16) throws {
        process.executableURL = Self.python.map { URL(filePath: $0) }
        process.arguments = ["-c", Self.script, remote.usernameFragment, remote.password, String(port)]
        process.standardOutput = output
        try process.run()
    }

    /// The next line that it prints.
    func line() throws -> String {
        var octets: [UInt8] = []
        while let octet = try output.fileHandleForReading.read(upToCount: 1)?.first, octet != UInt8(ascii: "\n") {
            octets.append(octet)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    func end() throws -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// A UDP socket on 127.0.0.1, at a port that the kernel chooses.
private final class LoopbackSocket {
    struct Failed: Error { var number: Int32 }
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = Self.address(0x7F00_0001, 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var patience = timeval(tv_sec: 15, tv_usec: 0)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard bound else { throw Failed(number: errno) }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Nil after 15 seconds of silence.
    func receive() throws -> ([UInt8], TransportAddress)? {
        var octets = [UInt8](repeating: 0, count: 2_048)
        var source = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &source) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &octets, octets.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { return nil }
        return (
            Array(octets.prefix(count)),
            TransportAddress(
                ipv4: UInt32(bigEndian: source.sin_addr.s_addr), port: UInt16(bigEndian: source.sin_port))
        )
    }

    func send(_ octets: [UInt8], to target: TransportAddress) throws {
        var address = Self.address(target.ipv4 ?? 0, target.port)
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, octets, octets.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard sent == octets.count else { throw Failed(number: errno) }
    }

    private static func address(_ ipv4: UInt32, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = ipv4.bigEndian
        address.sin_port = port.bigEndian
        return address
    }
}
