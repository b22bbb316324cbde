import Layout
import RTP

/// Pictures composed of many: who sees which, and what is on them.
extension Worker {
    /// Sizes in which each is to be had, what they take, and what they cost with headers, in bit/s.
    private static let compositionSizes: [(width: Int, height: Int, bits: Int, rate: UInt64)] = [
        (320, 180, 100_000, 120_000), (640, 360, 450_000, 500_000), (1_280, 720, 1_600_000, 1_750_000),
    ]
    private static let mostCompositions = 48

    // MARK: Commands

    mutating func setLayout(_ layout: RoomLayout, of id: MediaRoomID) {
        guard let room = rooms[id] else { return }
        room.pointee.layout = layout
        retarget(room)
    }

    mutating func setLayout(_ layout: RoomLayout?, for id: LegID) {
        guard let leg = legs[id] else { return }
        leg.pointee.layout = layout
        retarget(leg.pointee.room)
    }

    mutating func setCaptions(_ captions: RoomCaptions, of id: MediaRoomID) {
        guard let room = rooms[id] else { return }
        room.pointee.captions = captions
        retarget(room)
    }

    // MARK: Who sees which

    /// The composed picture that a viewer is to see; nil where it is to see others' as they come.
    ///
    /// - Parameter slides: what is presented.
    mutating func composition(for viewer: Picture, slides: Picture?) -> Picture? {
        guard viewer.pointee.content == .camera, let format = madeFormat(for: viewer) else { return nil }
        let leg = viewer.pointee.leg
        guard !leg.pointee.arrangesItself else { return nil }
        let room = leg.pointee.room
        var layout = leg.pointee.layout ?? room.pointee.layout
        if layout == .forwarded, room.pointee.captions.mustBeSeen(by: leg.pointee.id) { layout = .speaker }
        guard layout != .forwarded else { return nil }
        let hasOwnSlides = leg.pointee.slides?.pointee.stream.pointee.sends ?? false
        if layout == .contentAndSpeaker, hasOwnSlides, slides != nil { return nil }
        var composition = Composition(layout: layout, hasContent: !hasOwnSlides)
        // Nobody is to look at itself while others are there to be seen.
        composition.isForSpeaker = composition.showsSpeaker && shownSpeaker(in: room) == leg.pointee.id
        return largest(of: composition, format, in: room) ?? prepare(composition, format, in: room)
    }

    private func largest(of composition: Composition, _ format: PictureFormat, in room: Room) -> Picture? {
        var best: Picture?
        for index in 0..<productions.count {
            let production = productions[index]
            guard production.pointee.room == room, production.pointee.format == format,
                case .composition(composition) = production.pointee.content
            else { continue }
            if production.pointee.picture.pointee.rate > best?.pointee.rate ?? 0 {
                best = production.pointee.picture
            }
        }
        return best
    }

    /// Has a composition ready in all its sizes; none of them is made before somebody looks.
    private mutating func prepare(
        _ composition: Composition, _ format: PictureFormat, in room: Room
    ) -> Picture? {
        guard productions.count + Self.compositionSizes.count <= Self.mostCompositions else { return nil }
        let stage = stage(of: room)
        var largest: Picture?
        for size in Self.compositionSizes {
            let production = prepare(
                .composition(composition), format, of: stage, width: size.width, height: size.height,
                bitsPerSecond: size.bits)
            production.pointee.picture.pointee.rate = size.rate
            largest = production.pointee.picture
        }
        return largest
    }

    /// The seat that the bridge itself has in a room: what is composed comes from there. It is in no list of legs.
    private mutating func stage(of room: Room) -> Leg {
        if let stage = room.pointee.stage { return stage }
        let none = PortAllocator.Pair(port: 0, rtp: -1, rtcp: -1)
        let seat = LegSeat(
            id: LegID(rawValue: 0), room: room.pointee.id, audio: none, video: none, audioTrack: .max, videoTrack: .max,
            audioSources: .random(), videoSources: .random())
        let stage = Leg.allocate(capacity: 1)
        stage.initialize(to: LegState(seat: seat, at: stage, room: room, now: now, random: &random))
        room.pointee.stage = stage
        return stage
    }

    /// The sizes in which a composed picture is to be had, the cheapest first.
    func composedSizes(of candidate: Picture) -> Sizes {
        var sizes = Sizes()
        guard let production = production(of: candidate), case .composition(let wanted) = production.pointee.content
        else { return sizes }
        for index in 0..<productions.count where sizes.count < sizes.pictures.count {
            let other = productions[index]
            guard other.pointee.room == production.pointee.room, other.pointee.format == production.pointee.format,
                case .composition(wanted) = other.pointee.content
            else { continue }
            // In the order in which they were prepared.
            sizes.pictures[sizes.count] = other.pointee.picture
            sizes.count += 1
        }
        return sizes
    }

    // MARK: What is on them

    /// Tells the studio of what changed on the compositions of a room that are made.
    mutating func arrange(_ room: Room) {
        var hasChanged = false
        for index in 0..<productions.count {
            let production = productions[index]
            guard production.pointee.room == room, production.pointee.isRunning,
                case .composition(let composition) = production.pointee.content
            else { continue }
            let scene = scene(composition, in: room, after: production.pointee.scene)
            guard scene != production.pointee.scene else { continue }
            production.pointee.scene = scene
            studio.post(.arrange(production.pointee.id, scene))
            hasChanged = true
        }
        if hasChanged { chooseFilmed(in: room) }
    }

    private func scene(_ composition: Composition, in room: Room, after former: Scene) -> Scene {
        let captions = room.pointee.captions
        let content = composition.hasContent ? slides(in: room) : nil
        var present: [LegID] = []
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            if leg.pointee.heard { present.append(leg.pointee.id) }
        }
        var speaker = shownSpeaker(in: room)
        if composition.isForSpeaker, let other = shownSpeaker(in: room, but: speaker) { speaker = other }
        var scene = Scene()
        scene.tiles = composition.tiles(
            of: present, order: captions.order, speaker: speaker ?? present.first, former: former.tiles.map(\.leg),
            content: content != nil
        ).map { Scene.Tile(leg: $0, name: captions.names[$0] ?? "") }
        if let content {
            let leg = content.pointee.leg.pointee.id
            scene.content = FilmedSource(leg: leg, content: .slides)
            scene.contentName = captions.names[leg] ?? ""
        }
        scene.speaker = room.pointee.speaker.current
        scene.overlay = Overlay(message: captions.message, recordingMark: captions.recordingMark)
        return scene
    }

    /// Whom a composed picture shows as the speaker: whoever is in the spotlight, or else the most recent speaker that is to
    /// be seen.
    private func shownSpeaker(in room: Room, but left: LegID? = nil) -> LegID? {
        if let spotlight = room.pointee.spotlight, spotlight != left, let leg = legs[spotlight],
            leg.pointee.room == room, leg.pointee.heard, camera(of: leg) != nil
        {
            return spotlight
        }
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            if leg.pointee.heard, leg.pointee.id != left, camera(of: leg) != nil { return leg.pointee.id }
        }
        return nil
    }
}
