import NIOCore
import SIP

/// Finds ways for what waits at the user agent core: the servers of a URI (RFC 3263), one after another, each by a
/// connection that stands already or by a new one. Lives on the transport's event loop.
final class Wayfinder {
    typealias LookUp = @Sendable (DNSQuery) async -> DNSAnswer

    private enum Search {
        case locating(ServerLocator, number: UInt64)
        case located(ServerFailover)
    }

    private static let most = 4_096

    private let transport: Transport
    private let lookUp: LookUp
    private let onWay: (Errand, Flow?) -> Void
    private var searches: [Errand: Search] = [:]
    private var lastSearch: UInt64 = 0

    /// - Parameter onWay: told where an errand can be sent, or that there is nowhere (left); never from within a call.
    init(transport: Transport, lookUp: @escaping LookUp, onWay: @escaping (Errand, Flow?) -> Void) {
        self.transport = transport
        self.lookUp = lookUp
        self.onWay = onWay
    }

    func find(_ errand: Errand, _ uri: URI) {
        guard searches.count < Self.most else { return tell(errand, nil) }
        var settings = ServerLocator.Settings()
        settings.transports = [.udp, .tcp, .tls].filter(transport.speaks)
        lastSearch += 1
        searches[errand] = .locating(
            ServerLocator(uri, settings: settings, random: randomOctets), number: lastSearch)
        advance(errand, lastSearch, .start)
    }

    func next(_ errand: Errand) {
        guard case .located(var servers) = searches[errand] else { return tell(errand, nil) }
        _ = servers.next()
        take(servers, errand)
    }

    func forget(_ errand: Errand) { searches[errand] = nil }

    private func advance(_ errand: Errand, _ number: UInt64, _ event: ServerLocator.Event) {
        // An answer to a search that is given up, or was begun anew.
        guard case .locating(var locator, number) = searches[errand] else { return }
        let wanted = locator.handle(event, at: .now)
        searches[errand] = .locating(locator, number: number)
        for action in wanted {
            switch action {
            case .lookUp(let query): ask(query, errand, number)
            case .located(let targets): take(ServerFailover(targets), errand)
            case .failed:
                searches[errand] = nil
                tell(errand, nil)
            }
        }
        guard case .start = event, let deadline = locator.deadline else { return }
        let held = NIOLoopBound(self, eventLoop: transport.loop)
        transport.loop.scheduleTask(in: .init(max(.zero, deadline - .now))) {
            held.value.advance(errand, number, .timer)
        }
    }

    private func ask(_ query: DNSQuery, _ errand: Errand, _ number: UInt64) {
        let held = NIOLoopBound(self, eventLoop: transport.loop)
        let (loop, lookUp) = (transport.loop, lookUp)
        Task {
            let answer = await lookUp(query)
            loop.execute { held.value.advance(errand, number, .answer(query, answer)) }
        }
    }

    /// The first of the servers to which a connection can at least be begun.
    private func take(_ servers: ServerFailover, _ errand: Errand) {
        var servers = servers
        while let target = servers.current {
            if let flow = transport.way(to: target) {
                searches[errand] = .located(servers)
                return tell(errand, flow)
            }
            _ = servers.next()
        }
        searches[errand] = nil
        tell(errand, nil)
    }

    private func tell(_ errand: Errand, _ flow: Flow?) {
        let held = NIOLoopBound(self, eventLoop: transport.loop)
        transport.loop.execute { held.value.onWay(errand, flow) }
    }
}
