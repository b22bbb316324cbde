import Foundation
import Synchronization

/// Connections that hear what is told, each on a thread of its own for as long as somebody listens.
final class PostgresListeners: Sendable {
    private let settings: PostgresSettings
    private let closing = Atomic(false)
    private let ended = DispatchGroup()

    init(_ settings: PostgresSettings) { self.settings = settings }

    func listen(_ channel: String) -> AsyncStream<String> {
        AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            guard channel.wholeMatch(of: #/[A-Za-z][A-Za-z0-9_]{0,20}/#) != nil else {
                assertionFailure("no name of a channel: \(channel)")
                return continuation.finish()
            }
            let isLeft = Flag()
            continuation.onTermination = { _ in isLeft.set() }
            ended.enter()
            let thread = Thread { [self] in
                while !isLeft.isSet, !closing.load(ordering: .relaxed) {
                    do {
                        let session = try PostgresSession(settings)
                        try session.listen(channel.lowercased())
                        continuation.yield("")
                        while !isLeft.isSet, !closing.load(ordering: .relaxed) {
                            for text in try session.notifications(within: .milliseconds(250)) {
                                continuation.yield(text)
                            }
                        }
                    } catch {
                        // Whoever listens looks of himself too; the line is made again.
                        usleep(500_000)
                    }
                }
                continuation.finish()
                ended.leave()
            }
            thread.name = "\(settings.schema) listener"
            thread.start()
        }
    }

    func close() {
        closing.store(true, ordering: .relaxed)
        ended.wait()
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }
}
