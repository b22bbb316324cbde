import SIP

/// Connections that peers opened, until a point proves who it is on them: each has a deadline for that. Whether one was
/// proven is not told here; whoever takes one looks.
struct Strangers {
    private var all = DeadlineQueue<UInt64>()
    private var byAddress: [String: DeadlineQueue<UInt64>] = [:]
    private var hosts: [UInt64: String] = [:]

    mutating func add(_ number: UInt64, from host: String, until deadline: SIPInstant) {
        hosts[number] = host
        all.set(number, deadline)
        byAddress[host, default: .init()].set(number, deadline)
    }

    mutating func remove(_ number: UInt64) {
        guard let host = hosts.removeValue(forKey: number) else { return }
        all.set(number, nil)
        byAddress[host]?.set(number, nil)
        if byAddress[host]?.earliest == nil { byAddress[host] = nil }
    }

    /// Takes one whose time is over.
    mutating func takeOverdue(at now: SIPInstant) -> UInt64? {
        guard let number = all.takeDue(at: now) else { return nil }
        remove(number)
        return number
    }

    /// Takes the one that has been there longest.
    mutating func takeOldest() -> UInt64? { all.earliest.flatMap { takeOverdue(at: $0) } }

    /// Takes the one of an address that has been there longest.
    mutating func takeOldest(from host: String) -> UInt64? {
        guard let earliest = byAddress[host]?.earliest, let number = byAddress[host]?.takeDue(at: earliest) else {
            return nil
        }
        remove(number)
        return number
    }
}
