import InteropSupport

/// Somebody else's endpoint with a call of its own. What it cannot do throws `Beyond`.
protocol Endpoint: Sendable {
    /// It was told to register.
    var registers: Bool { get }
    /// Dials, and returns once it says that the call is up.
    func dial(_ uri: String) async throws
    /// Dials without an offer, as `dial` does with one.
    func dialLate(_ uri: String) async throws
    func hangUp() async throws
    /// What it heard so far.
    func heard() async throws -> Sound
    /// What it heard can be read only once the call is over.
    var writesAfterwards: Bool { get }
    func hold() async throws
    func resume() async throws
    func press(_ key: Character, _ way: KeyWay) async throws
    func transfer(to uri: String) async throws
    /// Offers another codec in the running call; returns the name that the bridge should show for it.
    func changeCodec() async throws -> String
    /// Sends OPTIONS outside of any call; returns what came back.
    func askOptions(_ uri: String) async throws -> String
    /// Waits for the session to be refreshed; returns by whom.
    func refresh() async throws -> String
    /// Its last words, for whoever looks for a fault.
    var said: String { get }
    func stop() async
}

enum KeyWay: Sendable { case event, info, inBand }

extension Endpoint {
    var registers: Bool { false }
    var writesAfterwards: Bool { false }
    func dialLate(_ uri: String) async throws { throw Beyond("always offers") }
    func hold() async throws { throw Beyond("no command for it") }
    func resume() async throws { throw Beyond("no command for it") }
    func heard() async throws -> Sound { throw Beyond("records nothing") }
    func press(_ key: Character, _ way: KeyWay) async throws { throw Beyond("no command for it") }
    func transfer(to uri: String) async throws { throw Beyond("no command for it") }
    func changeCodec() async throws -> String { throw Beyond("no command for it") }
    func askOptions(_ uri: String) async throws -> String { throw Beyond("no command for it") }
    func refresh() async throws -> String { throw Beyond("knows no session timers") }
}
