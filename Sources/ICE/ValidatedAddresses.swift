import STUN

/// Where authentic checks came from lately, in a fixed room: the longest silent one gives way to a new one.
struct ValidatedAddresses {
    struct Entry {
        var address: TransportAddress
        var lastCheck: UInt64
    }

    private var entries = InlineArray<16, Entry?>(repeating: nil)

    /// Notes a check; whether its address is a new one. `keeping` never gives way.
    mutating func note(_ address: TransportAddress, at now: UInt64, keeping: TransportAddress?) -> Bool {
        var place: Int?
        var oldest = UInt64.max
        for index in entries.indices {
            guard let entry = entries[index] else {
                if oldest > 0 { (place, oldest) = (index, 0) }
                continue
            }
            if entry.address == address {
                entries[index]?.lastCheck = max(entry.lastCheck, now)
                return false
            }
            if entry.address != keeping, entry.lastCheck < oldest { (place, oldest) = (index, entry.lastCheck) }
        }
        guard let place else { return false }
        entries[place] = Entry(address: address, lastCheck: now)
        return true
    }

    func lastCheck(from address: TransportAddress) -> UInt64? {
        for index in entries.indices {
            if let entry = entries[index], entry.address == address { return entry.lastCheck }
        }
        return nil
    }
}
