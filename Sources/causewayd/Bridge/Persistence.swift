import Archive

/// Asks the archive again for what it could not do, while it may yet be able to: a disk that was full may be emptied, and a catalogue that
/// somebody held let go of. First after a second, then ever more seldom.
struct Persistence: Sendable {
    var longestPause = Duration.seconds(30)
    var limit = Duration.seconds(24 * 3_600)

    /// - Parameter goesOn: asked before each further attempt; who has no time to wait says no.
    @discardableResult
    func run<Value: Sendable>(
        while goesOn: @Sendable () async -> Bool, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let end = ContinuousClock.now + limit
        var pause = Duration.seconds(1)
        while true {
            do { return try await body() } catch {
                guard (error as? ArchiveError)?.mayPass == true, ContinuousClock.now < end, await goesOn() else {
                    throw error
                }
            }
            _ = try? await Task.sleep(for: pause)
            pause = min(longestPause, pause * 2)
        }
    }
}
