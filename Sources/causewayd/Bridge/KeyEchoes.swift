import Conference

/// Some devices tell of a key twice, in the sound (RFC 4733) and by INFO: the second telling is no second key.
struct KeyEchoes {
    enum Way: Sendable { case media, signalling }

    private static let patience = Duration.seconds(1)

    private struct Press {
        var key: Character
        var way: Way
        var at: ContinuousClock.Instant
    }
    private var last: [ParticipantID: Press] = [:]

    mutating func isNew(
        _ key: Character, of participant: ParticipantID, by way: Way, at now: ContinuousClock.Instant
    ) -> Bool {
        if let press = last[participant], press.key == key, press.way != way, now - press.at < Self.patience {
            last[participant] = nil
            return false
        }
        last[participant] = Press(key: key, way: way, at: now)
        return true
    }

    mutating func forget(_ participant: ParticipantID) { last[participant] = nil }
}
