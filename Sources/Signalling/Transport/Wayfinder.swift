import NIOCore
import SIP

/// Finds ways for what waits at the user agent core: the servers of a URI (RFC 3263), one after another, each by a
/// connection that stands already or by a new one. Lives on the transport's event loop.
final class Wayfinder {
    /// The servers of a URI in the order in which they are to be tried, of those that the transports reach; none if there
    /// are none.
    typealias Locate = @Sendable (URI, [SIPTransport]) async -> [SIPTarget]

    private enum Search {
        case locating(number: UInt64)
        case located(ServerFailover)
    }

    private static let most = 4_096

    private let transport: Transport
    private let locate: Locate
    private let onWay: (Errand, Flow?) -> Void
    private var searches: [Errand: Search] = [:]
    private var lastSearch: UInt64 = 0

    /// - Parameter onWay: told where an errand can be sent, or that there is nowhere (left); never from within a call.
    init(transport: Transport, locate: @escaping Locate, onWay: @escaping (Errand, Flow?) -> Void) {
        self.transport = transport
        self.locate = locate
        self.onWay = onWay
    }

    func find(_ errand: Errand, _ uri: URI) {
        guard searches.count < Self.most else { return tell(errand, nil) }
        lastSearch += 1
        let number = lastSearch
        searches[errand] = .locating(number: number)
        let held = NIOLoopBound(self, eventLoop: transport.loop)
        let (loop, locate) = (transport.loop, locate)
        let transports = [SIPTransport.udp, .tcp, .tls].filter(transport.speaks)
        Task {
            let servers = await locate(uri, transports)
            loop.execute { held.value.located(servers, for: errand, number) }
        }
    }

    func next(_ errand: Errand) {
        guard case .located(var servers) = searches[errand] else { return tell(errand, nil) }
        _ = servers.next()
        take(servers, errand)
    }

    func forget(_ errand: Errand) { searches[errand] = nil }

    private func located(_ servers: [SIPTarget], for errand: Errand, _ number: UInt64) {
        // A search that was given up, or begun anew, has another number or none.
        guard case .locating(number) = searches[errand] else { return }
        take(ServerFailover(servers), errand)
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
