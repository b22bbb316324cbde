import NIOCore
import NIOSSL
import Synchronization

/// The connections of a listener and what serves them, from their being taken until both have ended.
final class ConnectionLedger: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var services: [ObjectIdentifier: Task<Void, Never>] = [:]
        var isParting = false
        var isCutOff = false
        var waiting: CheckedContinuation<Void, Never>?

        /// Who waits, where nothing is left to be waited for.
        mutating func takeWaiting() -> CheckedContinuation<Void, Never>? {
            guard isParting, channels.isEmpty, services.isEmpty else { return nil }
            defer { waiting = nil }
            return waiting
        }
    }
    private let state = Mutex(State())

    /// Whether no more connections are taken, and those there are end as soon as their peers are answered.
    var isParting: Bool { state.withLock { $0.isParting } }

    /// Takes in a connection as soon as it is accepted, before anything is made for it.
    func enter(_ channel: any Channel) {
        let isLate = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isCutOff
        }
        if isLate { Self.abort(channel) }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { state in
                state.channels[ObjectIdentifier(channel)] = nil
                return state.takeWaiting()
            }?.resume()
        }
    }

    func serve(_ channel: any Channel, _ body: @escaping @Sendable () async -> Void) {
        let id = ObjectIdentifier(channel)
        state.withLock { state in
            let service = Task {
                await body()
                self.state.withLock { state in
                    state.services[id] = nil
                    return state.takeWaiting()
                }?.resume()
            }
            state.services[id] = service
            if state.isCutOff { service.cancel() }
        }
    }

    /// To be called once nothing is accepted any more: peers that are owed an answer get it, also who was only just taken.
    func part() {
        let (channels, waiting) = state.withLock { state in
            state.isParting = true
            return (Array(state.channels.values), state.takeWaiting())
        }
        waiting?.resume()
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// Ends what is there still, without a word.
    func cutOff() {
        let (channels, services) = state.withLock { state in
            state.isParting = true
            state.isCutOff = true
            return (Array(state.channels.values), Array(state.services.values))
        }
        for service in services { service.cancel() }
        for channel in channels { Self.abort(channel) }
    }

    /// Until this parted, and the last connection and its service have ended. One may wait.
    func waitUntilOver() async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.waiting = continuation
                return state.takeWaiting()
            }?.resume()
        }
    }

    /// TLS would wait for its peer to take leave.
    private static func abort(_ channel: any Channel) {
        channel.eventLoop.execute {
            guard
                let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
            else { return channel.close(promise: nil) }
            tls.close(promise: nil)
        }
    }
}
