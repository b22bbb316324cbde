import Dispatch
import SIP
import Synchronization

/// Looks names up through the system's resolver, off the threads that must not wait. Questions that are asked already are
/// not asked twice, and answers are kept while they hold.
final class SystemResolver: Sendable {
    struct Settings: Sendable {
        /// Asked in place of the servers of `resolv.conf` for SRV and NAPTR; the address in host order.
        var nameServer: (address: UInt32, port: UInt16)?
        /// For the first try, whole seconds; the second takes twice as long. With one server that is three seconds in
        /// all.
        var timeout = Duration.seconds(1)
        var tries = 2
        /// Lookups at a time; each holds a thread.
        var mostAtOnce = 4
        /// Lookups that wait for a thread; more fail at once.
        var mostWaiting = 128
        var mostKept = 512
        /// However long a record says it holds.
        var longestLifetime = Duration.seconds(300)
        /// Of addresses, whose lifetime the system does not tell.
        var addressLifetime = Duration.seconds(30)
        /// Of the news that there is nothing.
        var nothingLifetime = Duration.seconds(10)
    }

    typealias Completion = @Sendable (DNSAnswer) -> Void

    private struct State {
        var kept: [DNSQuery: (answer: DNSAnswer, until: ContinuousClock.Instant)] = [:]
        /// Who waits for what is asked or will be.
        var asked: [DNSQuery: [Completion]] = [:]
        var waiting: [DNSQuery] = []
        var running = 0
    }

    private enum Step {
        case known(DNSAnswer)
        case ask
        case wait
    }

    private let settings: Settings
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "causeway.resolver", attributes: .concurrent)

    init(settings: Settings = .init()) { self.settings = settings }

    /// - Parameter completion: is called once, at once on this thread if the answer is known, otherwise on one of the
    ///   resolver's.
    func lookUp(_ query: DNSQuery, then completion: @escaping Completion) {
        let step = state.withLock { state -> Step in
            if let kept = state.kept[query], kept.until > .now { return .known(kept.answer) }
            if state.asked[query] != nil {
                state.asked[query]?.append(completion)
                return .wait
            }
            if state.running < settings.mostAtOnce {
                state.running += 1
                state.asked[query] = [completion]
                return .ask
            }
            guard state.waiting.count < settings.mostWaiting else { return .known(.failed) }
            state.asked[query] = [completion]
            state.waiting.append(query)
            return .wait
        }
        switch step {
        case .known(let answer): completion(answer)
        case .ask: queue.async { self.ask(query) }
        case .wait: break
        }
    }

    func lookUp(_ query: DNSQuery) async -> DNSAnswer {
        await withCheckedContinuation { continuation in lookUp(query) { continuation.resume(returning: $0) } }
    }

    private func ask(_ first: DNSQuery) {
        var next: DNSQuery? = first
        while let query = next {
            let result = SystemQuery.ask(query, settings)
            let completions = state.withLock { state in
                keep(result, of: query, in: &state)
                next = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
                if next == nil { state.running -= 1 }
                return state.asked.removeValue(forKey: query) ?? []
            }
            for completion in completions { completion(result.answer) }
        }
    }

    private func keep(_ result: SystemQuery.Result, of query: DNSQuery, in state: inout State) {
        let lifetime: Duration
        switch result.answer {
        case .failed: return
        case .nothing: lifetime = settings.nothingLifetime
        case .addresses: lifetime = settings.addressLifetime
        case .srv, .naptr: lifetime = min(result.lifetime ?? .zero, settings.longestLifetime)
        }
        let now = ContinuousClock.now
        if state.kept.count >= settings.mostKept {
            state.kept = state.kept.filter { $0.value.until > now }
            if state.kept.count >= settings.mostKept { state.kept.removeAll(keepingCapacity: true) }
        }
        state.kept[query] = (result.answer, now + lifetime)
    }
}
