import SIP

extension SystemResolver {
    /// The servers of a SIP URI, in the order in which they are to be tried (RFC 3263 §4).
    /// - Parameter random: that many octets; servers of one priority are chosen by them.
    func locate(
        _ uri: URI, settings: ServerLocator.Settings = .init(), random: @escaping @Sendable (Int) -> [UInt8]
    ) async throws(LocationFailure) -> [SIPTarget] {
        var locator = ServerLocator(uri, settings: settings, random: random)
        let (events, inbox) = AsyncStream.makeStream(of: ServerLocator.Event.self)
        let first = locator.handle(.start, at: .now)
        let alarm = locator.deadline.map { due in
            Task {
                try await Task.sleep(until: due, clock: .continuous)
                inbox.yield(.timer)
            }
        }
        defer {
            alarm?.cancel()
            inbox.finish()
        }
        if let end = try carry(first, into: inbox) { return end }
        for await event in events {
            if let end = try carry(locator.handle(event, at: .now), into: inbox) { return end }
        }
        // Only a task that is cancelled gets here.
        throw .lookupFailed
    }

    private func carry(
        _ actions: [ServerLocator.Action], into inbox: AsyncStream<ServerLocator.Event>.Continuation
    ) throws(LocationFailure) -> [SIPTarget]? {
        for action in actions {
            switch action {
            case .lookUp(let query): lookUp(query) { inbox.yield(.answer(query, $0)) }
            case .located(let targets): return targets
            case .failed(let failure): throw failure
            }
        }
        return nil
    }
}
