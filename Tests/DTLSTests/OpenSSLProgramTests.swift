import DTLS
import Foundation
import SRTP
import Testing

/// The `openssl` program as the peer, over UDP: both ends must export the same keying material (RFC 5764 §4.2), and neither
/// end may begin again with new keys.
@Suite(.enabled(if: OpenSSLProgram.path != nil, "openssl is not installed"))
struct OpenSSLProgramTests {
    /// With the smaller MTU its certificate comes in fragments.
    @Test(.timeLimit(.minutes(1)), arguments: [(SRTPSuite.aeadAES128GCM, mtu: 1_200), (.aes128CMSHA1_80, mtu: 300)])
    func aClientOfOpenSSLGetsOurKeys(_ suite: SRTPSuite, mtu: Int) throws {
        let line = try Line(role: .server)
        let program = try OpenSSLProgram(
            ["s_client", "-connect", "127.0.0.1:\(line.port)"], suite: suite, mtu: mtu, line.certificate)
        try line.run { line.record.keys.count == 1 }
        let keys = try #require(line.record.keys.first)
        #expect(keys.local.suite == suite)
        #expect(try program.keyingMaterial() == material(client: keys.remote, server: keys.local))
        program.type("Q\n")
        try line.run { line.record.isOver }
        #expect(line.record.closings == 1 && line.record.failures.isEmpty)
        #expect(program.end())
    }

    @Test(.timeLimit(.minutes(1)), arguments: [SRTPSuite.aeadAES256GCM, .aes128CMSHA1_32])
    func aServerOfOpenSSLGetsOurKeys(_ suite: SRTPSuite) throws {
        let line = try Line(role: .client)
        let program = try OpenSSLProgram(
            ["s_server", "-accept", "127.0.0.1:0", "-Verify", "1"], suite: suite, line.certificate)
        line.peer = try program.acceptingPort()
        try line.run { line.record.keys.count == 1 }
        let keys = try #require(line.record.keys.first)
        #expect(keys.local.suite == suite)
        #expect(try program.keyingMaterial() == material(client: keys.local, server: keys.remote))
        try line.handle(.close)
        #expect(line.record.closings == 1)
        program.kill()
    }

    @Test(.timeLimit(.minutes(1))) func aClientThatRenegotiatesIsRefused() throws {
        let line = try Line(role: .server)
        let program = try OpenSSLProgram(
            ["s_client", "-connect", "127.0.0.1:\(line.port)"], suite: .aeadAES128GCM, line.certificate)
        try line.run { line.record.keys.count == 1 }
        _ = try program.keyingMaterial()
        // OpenSSL's client takes the refusal for fatal, and says so.
        program.type("R\n")
        try line.run { line.record.isOver }
        #expect(line.record.keys.count == 1)
        #expect(line.record.failures == [.alert(40)], "handshake_failure")
        program.kill()
    }

    @Test(.timeLimit(.minutes(1))) func aServerThatRenegotiatesIsRefused() throws {
        let line = try Line(role: .client)
        let program = try OpenSSLProgram(
            ["s_server", "-accept", "127.0.0.1:0", "-Verify", "1"], suite: .aeadAES128GCM, line.certificate)
        line.peer = try program.acceptingPort()
        try line.run { line.record.keys.count == 1 }
        _ = try program.keyingMaterial()
        let sentBefore = line.sent.count
        program.type("r\n")
        // Its HelloRequest is answered by one datagram, an alert, and nothing else happens.
        try line.run { line.sent.count > sentBefore }
        #expect(line.sent.count == sentBefore + 1 && line.sent.last?.first == 21)
        #expect(line.record.keys.count == 1 && !line.record.isOver)
        program.kill()
    }

    private func material(client: SRTPMasterKey, server: SRTPMasterKey) -> [UInt8] {
        let key = client.suite.keyLength
        let keys = client.keyAndSalt.prefix(key) + server.keyAndSalt.prefix(key)
        return Array(keys + client.keyAndSalt.dropFirst(key) + server.keyAndSalt.dropFirst(key))
    }
}
