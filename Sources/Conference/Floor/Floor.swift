/// A point that asks for the word.
public struct RaisedHand: Hashable, Sendable, Codable {
    public var point: PointID
    public var since: WallTime
}

/// Who asks for the word, who has it, and whom all see.
struct Floor: Hashable, Sendable, Codable {
    /// In the order of asking. Points that dropped keep their place.
    private(set) var queue: [RaisedHand] = []
    var speech: Speech?
    /// All see this point, whoever speaks.
    var spotlight: PointID?
    /// Places in the agenda whose speakers had the word for them.
    private(set) var agendaDone: Set<Int> = []
    /// Points may open their own microphones.
    var mayUnmuteThemselves: Bool
    /// How the microphone of a point stands that has not been told otherwise.
    var microphones: Microphone

    init(microphones: Microphone) {
        self.microphones = microphones
        mayUnmuteThemselves = microphones == .open
    }

    func isRaised(_ point: PointID) -> WallTime? { queue.first { $0.point == point }?.since }

    /// Whether this was news.
    mutating func raise(_ point: PointID, at wall: WallTime) -> Bool {
        guard isRaised(point) == nil else { return false }
        queue.append(RaisedHand(point: point, since: wall))
        return true
    }

    /// Whether this was news.
    mutating func lower(_ point: PointID) -> Bool {
        let before = queue.count
        queue.removeAll { $0.point == point }
        return queue.count != before
    }

    /// Takes up the next item of the agenda at which a point speaks; once all are done, its last again.
    mutating func takeUp(_ agenda: [Convening.AgendaItem], by point: PointID) -> Convening.AgendaItem? {
        let own = agenda.indices.filter { agenda[$0].point == point }
        guard let index = own.first(where: { !agendaDone.contains($0) }) ?? own.last else { return nil }
        agendaDone.insert(index)
        return agenda[index]
    }

    /// The place in the queue, 1 for the next; nil for none.
    func place(of point: PointID) -> Int? { queue.firstIndex { $0.point == point }.map { $0 + 1 } }
}
