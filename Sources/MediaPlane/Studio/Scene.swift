import Layout

/// What a composed picture shows.
struct Scene: Equatable, Sendable {
    struct Tile: Equatable, Sendable {
        var leg: LegID
        var name: String
    }

    var tiles: [Tile] = []
    /// What is presented, and by whom.
    var content: FilmedSource?
    var contentName = ""
    var speaker: LegID?
    var overlay = Overlay()

    var isEmpty: Bool { tiles.isEmpty && content == nil }

    func shows(_ source: FilmedSource) -> Bool {
        source.content == .slides ? content == source : tiles.contains { $0.leg == source.leg }
    }
}

/// One way to compose a room's picture.
struct Composition: Hashable, Sendable {
    var layout: RoomLayout
    /// What is presented is in it.
    var hasContent: Bool
    /// It goes to the speaker, who is shown who spoke before.
    var isForSpeaker = false

    /// There is one in it who is looked at.
    var showsSpeaker: Bool {
        switch layout {
        case .speaker, .speakerAndStrip, .contentAndSpeaker: true
        case .forwarded, .gallery, .chosen: false
        }
    }

    var arrangement: TileArrangement {
        if case .speakerAndStrip = layout { return .firstLarge }
        return .grid
    }

    /// Chooses the tiles, from who is there, most recent speaker first.
    ///
    /// - Parameters:
    ///   - former: the legs of the tiles before.
    ///   - speaker: whose picture the speaker's is.
    ///   - content: something is presented, and in it.
    func tiles(of present: [LegID], order: [LegID], speaker: LegID?, former: [LegID], content: Bool) -> [LegID] {
        /// Beside something large.
        let mostInStrip = 5
        let first = speaker.map { [$0] } ?? []
        switch layout {
        case .forwarded: return []
        case .speaker: return content ? [] : first
        case .contentAndSpeaker: return first
        case .gallery(let rule):
            return arranged(present, rule, order, former, most: content ? 2 * mostInStrip : RoomLayout.mostTiles)
        case .speakerAndStrip(let rule):
            let others = arranged(
                present.filter { $0 != speaker }, rule, order, former.filter { $0 != speaker }, most: mostInStrip)
            return first + others
        case .chosen(let chosen):
            let present = Set(present)
            return Array(chosen.filter(present.contains).prefix(RoomLayout.mostTiles))
        }
    }

    private func arranged(
        _ legs: [LegID], _ rule: TileOrder, _ order: [LegID], _ former: [LegID], most: Int
    ) -> [LegID] {
        guard rule == .precedence else { return keepingPlaces(former, Array(legs.prefix(most))) }
        var rank: [LegID: Int] = [:]
        for (index, leg) in order.enumerated() where rank[leg] == nil { rank[leg] = index }
        return Array(
            legs.sorted { (rank[$0] ?? .max, $0.rawValue) < (rank[$1] ?? .max, $1.rawValue) }.prefix(most))
    }
}
