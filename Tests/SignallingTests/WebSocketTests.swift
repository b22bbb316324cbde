import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SIP
import Testing

@testable import Signalling

/// SIP over WebSocket, in the clear and secure (RFC 7118), by a client that writes its frames itself.
@Suite(.timeLimit(.minutes(1)), .enabled(if: Tool.hasOpenSSL, "openssl is missing")) struct WebSocketTests {
    private func withBridge(
        _ transport: SIPTransport, _ body: (NIOAsyncChannel<ByteBuffer, ByteBuffer>, SIPListener) async throws -> Void
    ) async throws {
        try await Tool.withFolder { folder in
            let certificate = try await Tool.makeCertificate(in: folder)
            let thread = ControlThread()
            let signalling = try Signalling(
                configuration: .init(
                    listeners: [SIPListener(transport, host: "127.0.0.1", port: 0)], domain: "causeway.test",
                    certificate: .init(certificateChain: certificate.chain, privateKey: certificate.key)),
                host: FakeHost(), legs: FakeLegs(), on: thread, logger: Logger(label: "test"))
            try await signalling.start()
            let listener = try #require(signalling.addresses.first)
            var trust = TLSConfiguration.makeClientConfiguration()
            trust.trustRoots = .file(certificate.chain)
            trust.certificateVerification = .noHostnameVerification
            let context = try NIOSSLContext(configuration: trust)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: Int(listener.port)) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if transport.isSecure {
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: context, serverHostname: nil))
                        }
                        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await body(channel, listener)
            await signalling.stop()
            await thread.stop()
        }
    }

    private static func handshake(subprotocol: String?) -> ByteBuffer {
        let offered = subprotocol.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? ""
        return ByteBuffer(
            string: "GET / HTTP/1.1\r\nHost: causeway.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(offered)\r\n")
    }

    /// A frame as a client sends it: masked (RFC 6455 §5.2).
    private static func frame(_ opcode: UInt8, _ text: String, isLast: Bool = true) -> ByteBuffer {
        let payload = Array(text.utf8)
        var buffer = ByteBuffer(bytes: [(isLast ? 0x80 : 0) | opcode])
        if payload.count < 126 {
            buffer.writeInteger(0x80 | UInt8(payload.count))
        } else {
            buffer.writeBytes([0x80 | 126])
            buffer.writeInteger(UInt16(payload.count))
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        buffer.writeBytes(mask)
        buffer.writeBytes(payload.enumerated().map { $1 ^ mask[$0 % 4] })
        return buffer
    }

    /// The text of a frame of the bridge's, which is not masked.
    private static func text(of buffer: inout ByteBuffer) -> (opcode: UInt8, text: String)? {
        guard let head = buffer.readBytes(length: 2) else { return nil }
        var length = Int(head[1] & 0x7F)
        if length == 126 { length = Int(buffer.readInteger(as: UInt16.self) ?? 0) }
        return buffer.readString(length: length).map { (head[0] & 0x0F, $0) }
    }

    private static func options(_ transport: SIPTransport) -> String {
        """
        OPTIONS sip:giaoban@causeway.test SIP/2.0
        Via: SIP/2.0/\(transport.token) df7jal23ls0d.invalid;branch=z9hG4bK56sdasks
        From: <sip:so1@causeway.test>;tag=asdyka899
        To: <sip:giaoban@causeway.test>
        Call-ID: asidkj3ss
        CSeq: 1 OPTIONS
        Max-Forwards: 70


        """.replacing("\n", with: "\r\n")
    }

    @Test(arguments: [SIPTransport.ws, .wss]) func messagesComeInFramesWholeOrInPieces(_ transport: SIPTransport)
        async throws
    {
        try await withBridge(transport) { channel, _ in
            try await channel.executeThenClose { inbound, outbound in
                var answers = inbound.makeAsyncIterator()
                try await outbound.write(Self.handshake(subprotocol: "sip"))
                let accepted = String(buffer: try #require(try await answers.next()))
                #expect(accepted.hasPrefix("HTTP/1.1 101"))
                #expect(accepted.lowercased().contains("sec-websocket-protocol: sip"))
                // The answer to the key of RFC 6455 §1.3.
                #expect(accepted.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
                let message = Self.options(transport)
                let half = message.index(message.startIndex, offsetBy: 100)
                for frames in [
                    [Self.frame(1, message)],
                    [Self.frame(1, String(message[..<half]), isLast: false), Self.frame(0, String(message[half...]))],
                ] {
                    for frame in frames { try await outbound.write(frame) }
                    var buffer = try #require(try await answers.next())
                    let (opcode, text) = try #require(Self.text(of: &buffer))
                    #expect(opcode == 1 && text.hasPrefix("SIP/2.0 401"))
                    #expect(text.contains("SIP/2.0/\(transport.token) df7jal23ls0d.invalid"))
                }
                try await outbound.write(Self.frame(9, "còn đó?"))
                var pong = try #require(try await answers.next())
                let (opcode, text) = try #require(Self.text(of: &pong))
                #expect(opcode == 10 && text == "còn đó?")
                try await outbound.write(Self.frame(8, ""))
                var farewell = try #require(try await answers.next())
                #expect(Self.text(of: &farewell)?.opcode == 8)
                #expect(try await answers.next() == nil, "closed by the bridge")
            }
        }
    }

    @Test(arguments: ["mqtt", nil]) func whoDoesNotSpeakSIPIsToldWhatIsSpokenHere(_ subprotocol: String?) async throws {
        try await withBridge(.ws) { channel, _ in
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(Self.handshake(subprotocol: subprotocol))
                var answer = ""
                for try await piece in inbound { answer += String(buffer: piece) }
                #expect(answer.hasPrefix("HTTP/1.1 426"), "\(answer)")
                #expect(answer.contains("Sec-WebSocket-Protocol: sip"))
            }
        }
    }
}
