import Synchronization

/// What waits for one reader, in order. An `AsyncStream` does the same, but its reader leaves its own executor and comes
/// back for each element.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var reader: UnsafeContinuation<Void, Never>?
        var isClosed = false
    }
    private let state = Mutex(State())

    /// Adds something.
    /// - Returns: whether it will be read; once the inbox is closed, it will not.
    @discardableResult
    func put(_ element: Element) -> Bool {
        let (isOpen, reader) = state.withLock { state in
            guard !state.isClosed else { return (false, nil as UnsafeContinuation<Void, Never>?) }
            state.waiting.append(element)
            return (true, state.reader.take())
        }
        reader?.resume()
        return isOpen
    }

    /// What has come since it was asked last, at least one; nothing once it is closed and empty. For one reader alone.
    func take(isolation: isolated (any Actor)? = #isolation) async -> [Element] {
        while true {
            let (elements, isClosed) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isClosed)
            }
            if !elements.isEmpty || isClosed { return elements }
            await withUnsafeContinuation(isolation: isolation) { continuation in
                let isReady = state.withLock { state in
                    if state.waiting.isEmpty && !state.isClosed { state.reader = continuation }
                    return state.reader == nil
                }
                if isReady { continuation.resume() }
            }
        }
    }

    /// Nothing comes any more.
    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            return state.reader.take()
        }
        reader?.resume()
    }
}
