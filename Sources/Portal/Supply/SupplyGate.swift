import Archive
import Foundation
import Synchronization

/// Breaks off answers with a copy whose grant is over: a request that was let in once goes on for minutes.
final class SupplyGate: Sendable {
    /// Taken back while this daemon runs.
    private let closed = Mutex<Set<Int64>>([])

    func close(_ grant: Int64) { _ = closed.withLock { $0.insert(grant) } }

    /// Throws from the moment on at which the grant is taken back or runs out.
    func check(_ grant: AccessGrant, at now: Date = Date()) throws {
        guard now < grant.validUntil, closed.withLock({ !$0.contains(grant.number) }) else {
            throw Refusal(AccessFault.notInForce)
        }
    }
}
