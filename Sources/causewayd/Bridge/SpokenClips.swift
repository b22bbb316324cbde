import Announcements
import MediaPlane

/// What legs are being told, so that nobody is told the same over and over, and a call ends only after its last word.
struct SpokenClips {
    /// The same news is not told to the same ears again before this.
    static let pause = Duration.seconds(20)

    private struct Playing {
        var id: PlaybackID
        var key: AnnouncementKey
    }

    private var playing: [LegID: [Playing]] = [:]
    private var lastTold: [LegID: [AnnouncementKey: ContinuousClock.Instant]] = [:]

    /// Whether news is to be told to a leg: it is not waiting there already, nor was it told just now.
    func isNew(_ key: AnnouncementKey, to leg: LegID, at now: ContinuousClock.Instant) -> Bool {
        guard !playing[leg, default: []].contains(where: { $0.key == key }) else { return false }
        return lastTold[leg]?[key].map { now - $0 >= Self.pause } ?? true
    }

    mutating func began(_ id: PlaybackID, _ key: AnnouncementKey, to legs: [LegID], at now: ContinuousClock.Instant) {
        for leg in legs {
            playing[leg, default: []].append(Playing(id: id, key: key))
            lastTold[leg, default: [:]][key] = now
        }
    }

    /// The playing of this announcement that a leg has not heard to its end.
    func unheard(_ key: AnnouncementKey, by leg: LegID) -> PlaybackID? {
        playing[leg]?.last { $0.key == key }?.id
    }

    mutating func ended(_ id: PlaybackID, for leg: LegID) {
        playing[leg]?.removeAll { $0.id == id }
        if playing[leg]?.isEmpty == true { playing[leg] = nil }
    }

    mutating func forget(_ leg: LegID) {
        playing[leg] = nil
        lastTold[leg] = nil
    }
}
