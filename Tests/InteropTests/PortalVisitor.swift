import InteropSupport
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Somebody with a connection to the portal, who may stop anywhere on the way to an answer.
final class PortalVisitor: Sendable {
    private let channel: any Channel
    private let heard = Heard()

    /// Is connected, and no more.
    init(to port: UInt16) async throws {
        let heard = heard
        // Nobody is to be refused, however long the portal is away.
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(heard))
                }
            }
            .connect(host: "127.0.0.1", port: Int(port)).get()
    }

    private static let context: Result<NIOSSLContext, any Error> = Result {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    /// Begins TLS.
    func secure() async throws {
        let context = try Self.context.get()
        try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: context, serverHostname: nil), position: .first)
        }.get()
    }

    /// Until TLS stands.
    func stands() async throws {
        let channel = channel
        try await eventually("TLS to stand") {
            guard channel.isActive else { throw ToolFailure("the connection was closed in the handshake") }
            return try await channel.eventLoop.submit {
                try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).tlsVersion != nil
            }.get()
        }
    }

    /// Asks for the portal's page, and returns the head of the answer.
    func ask() async throws -> String {
        let request = channel.allocator.buffer(string: "HEAD / HTTP/1.1\r\nHost: causeway.test\r\n\r\n")
        // Whether it was sent is seen by the answer.
        channel.writeAndFlush(request, promise: nil)
        let heard = heard
        return try await withDeadline(.seconds(20), "an answer of the portal") { try await heard.head() }
    }

    /// Waits until the portal has closed it.
    func closed() async throws {
        let channel = channel
        try await withDeadline(.seconds(20), "the portal to close") { try await channel.closeFuture.get() }
    }

    func close() async { try? await channel.close() }

    /// Connects, asks, and goes.
    static func askOnce(_ port: UInt16) async throws -> String {
        let visitor = try await PortalVisitor(to: port)
        do {
            try await visitor.secure()
            let head = try await visitor.ask()
            await visitor.close()
            return head
        } catch {
            await visitor.close()
            throw error
        }
    }

    private final class Heard: Sendable {
        private struct State {
            var text = ""
            var fault: String?
            var waiting: CheckedContinuation<String, any Error>?
        }
        private let state = Mutex(State())

        func hear(_ text: String) { settle { $0.text += text } }
        func end(_ fault: String) { settle { $0.fault = $0.fault ?? fault } }

        func head() async throws -> String {
            try await withCheckedThrowingContinuation { continuation in settle { $0.waiting = continuation } }
        }

        private func settle(_ change: (inout State) -> Void) {
            typealias Settled = (waiting: CheckedContinuation<String, any Error>, outcome: Result<String, any Error>)
            let settled = state.withLock { state -> Settled? in
                change(&state)
                guard let waiting = state.waiting else { return nil }
                let outcome: Result<String, any Error>
                if let end = state.text.range(of: "\r\n\r\n") {
                    outcome = .success(String(state.text[..<end.lowerBound]))
                    state.text.removeSubrange(..<end.upperBound)
                } else if let fault = state.fault {
                    outcome = .failure(ToolFailure("\(fault), after '\(state.text)'"))
                } else {
                    return nil
                }
                state.waiting = nil
                return (waiting, outcome)
            }
            if let settled { settled.waiting.resume(with: settled.outcome) }
        }
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let heard: Heard

        init(_ heard: Heard) { self.heard = heard }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard.hear(String(buffer: unwrapInboundIn(data)))
        }
        func channelInactive(context: ChannelHandlerContext) { heard.end("the connection was closed") }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            heard.end("\(error)")
            context.close(promise: nil)
        }
    }
}

/// Many who ask the portal without a pause, from their making until they are told to end.
final class PortalVisitors: Sendable {
    struct Tally: Sendable {
        var answers = 0
        /// Answers that said that they were the last on a connection.
        var farewells = 0
        var faults: [String] = []
    }
    private let tally = Mutex(Tally())
    private let tasks: Mutex<[Task<Void, Never>]> = Mutex([])
    private let isOver = Mutex(false)

    /// - Parameter staying: those of them who ask again on the same connection, until they are told to go.
    init(_ count: Int, staying: Int, at port: UInt16) {
        tasks.withLock { tasks in
            for number in 0..<count {
                tasks.append(Task { await self.visit(port, stays: number < staying) })
            }
        }
    }

    private func visit(_ port: UInt16, stays: Bool) async {
        while !isOver.withLock({ $0 }) {
            do {
                guard stays else {
                    note(try await PortalVisitor.askOnce(port))
                    continue
                }
                let visitor = try await PortalVisitor(to: port)
                try await visitor.secure()
                while !isOver.withLock({ $0 }), !note(try await visitor.ask()) {}
                await visitor.close()
            } catch {
                tally.withLock { $0.faults.append("\(stays ? "who stays" : "who comes anew"): \(error)") }
            }
        }
    }

    /// Whether it is the last on its connection.
    @discardableResult
    private func note(_ head: String) -> Bool {
        tally.withLock { tally in
            guard head.hasPrefix("HTTP/1.1 200 ") else {
                tally.faults.append(head)
                return true
            }
            tally.answers += 1
            guard head.lowercased().contains("\r\nconnection: close") else { return false }
            tally.farewells += 1
            return true
        }
    }

    func end() async -> Tally {
        isOver.withLock { $0 = true }
        for task in tasks.withLock({ $0 }) { await task.value }
        return tally.withLock { $0 }
    }
}
