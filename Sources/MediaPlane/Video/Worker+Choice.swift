import Congestion
import RTP

/// Whom each leg sees.
extension Worker {
    /// A camera that sent no picture for this long is not shown.
    static let stalledAfter: UInt64 = 3_000_000_000

    /// Cameras whose pictures come, the most recent speaker's first: of each format the first two, for nobody sees itself.
    private struct Cameras {
        struct Ranked {
            var picture: Picture
            var rank: Int
        }
        var first = InlineArray<5, Ranked?>(repeating: nil)
        var second = InlineArray<5, Ranked?>(repeating: nil)
        private var count = 0

        mutating func append(_ picture: Picture, _ format: PictureFormat) {
            let index = Int(format.rawValue)
            if first[index] == nil {
                first[index] = Ranked(picture: picture, rank: count)
            } else if second[index] == nil {
                second[index] = Ranked(picture: picture, rank: count)
            }
            count += 1
        }

        /// The first that a viewer can show, and whether there is one before it that the viewer cannot.
        func choice(for viewer: Picture) -> (picture: Picture?, isWithheld: Bool) {
            var best: Ranked?
            var firstOfAll = Int.max
            for index in first.indices {
                guard let format = PictureFormat(rawValue: UInt8(index)),
                    let camera = first[index]?.picture.pointee.leg == viewer.pointee.leg ? second[index] : first[index]
                else { continue }
                firstOfAll = min(firstOfAll, camera.rank)
                guard camera.rank < best?.rank ?? .max,
                    viewer.pointee.stream.pointee.payloadType(for: format) != nil
                else { continue }
                best = camera
            }
            return (best?.picture, firstOfAll < best?.rank ?? .max)
        }
    }

    /// Decides anew whom each leg of a room sees: the presenter's slides, in a stream of their own or else in the
    /// camera's; there otherwise whoever is in the spotlight, then the active speaker, and those two the one before; and where that cannot be decoded, the
    /// most recent speaker that can.
    mutating func retarget(_ room: Room) {
        let cameras = cameras(in: room)
        let slides = slides(in: room)
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            for index in 0..<leg.pointee.pictures.count {
                let viewer = leg.pointee.pictures[index]
                let candidate = choose(for: viewer, cameras, slides)
                // Sizes of what is composed have nothing to do with those of what comes.
                if isMade(candidate) != isMade(viewer.pointee.candidate) { viewer.pointee.ladder = QualityLadder() }
                viewer.pointee.candidate = candidate
                let wanted = carried(candidate, to: viewer)
                if let wanted { keepMade(wanted) }
                if wanted == nil, candidate != nil { viewer.pointee.stream.pointee.counters.isWithheld = true }
                viewer.pointee.view.want(wanted)
                if let wanted, wanted != viewer.pointee.view.current { askForKeyframe(of: wanted) }
            }
        }
        for index in 0..<room.pointee.carriers.count { aim(room.pointee.carriers[index]) }
        arrange(room)
    }

    private func isMade(_ picture: Picture?) -> Bool { picture?.pointee.production != nil }

    private mutating func choose(for viewer: Picture, _ cameras: borrowing Cameras, _ slides: Picture?) -> Picture? {
        let stream = viewer.pointee.stream
        let leg = viewer.pointee.leg
        stream.pointee.counters.isWithheld = false
        guard stream.pointee.sends else { return nil }
        if leg.pointee.room.pointee.echoFrames > 0 { return ownPicture(for: viewer) }
        if viewer.pointee.content == .pane { return subject(of: viewer) }
        if viewer.pointee.content == .camera, leg.pointee.paneUse == .alone, leg.pointee.arrangesItself { return nil }
        if let composed = composition(for: viewer, slides: slides) { return composed }
        let shared = slides?.pointee.leg == leg ? nil : slides
        if viewer.pointee.content == .slides {
            guard let shared else { return nil }
            stream.pointee.counters.isWithheld = !viewer.pointee.canShow(shared)
            return viewer.pointee.canShow(shared) ? shared : nil
        }
        var isWithheld = false
        if let shared {
            let isShownApart = leg.pointee.slides?.pointee.canShow(shared) ?? false
            if !isShownApart, viewer.pointee.canShow(shared) { return shared }
            isWithheld = !isShownApart
        }
        let choice = cameras.choice(for: viewer)
        stream.pointee.counters.isWithheld = isWithheld || choice.isWithheld
        return choice.picture
    }

    // MARK: Panes

    mutating func setPanes(_ use: PaneUse, _ subjects: [LegID?], of id: LegID) {
        guard let leg = legs[id] else { return }
        leg.pointee.paneUse = use
        for index in 0..<leg.pointee.panes.count {
            let pane = leg.pointee.panes[index]
            let subject = subjects.indices.contains(index) ? subjects[index] : nil
            guard pane.pointee.subject != subject else { continue }
            // Only panes that show somebody are walked for each packet.
            if pane.pointee.isLookedAt { leg.pointee.room.pointee.viewers.remove(pane) }
            pane.pointee.subject = subject
            if pane.pointee.isLookedAt { leg.pointee.room.pointee.viewers.append(pane) }
            // The point names it anew from now on: nothing more is shown of the one before.
            pane.pointee.pacer.clear()
            pane.pointee.view.want(nil)
        }
        retarget(leg.pointee.room)
    }

    private func subject(of pane: Picture) -> Picture? {
        guard let leg = pane.pointee.subject.flatMap({ legs[$0] }), leg.pointee.room == pane.pointee.leg.pointee.room,
            leg != pane.pointee.leg, let camera = camera(of: leg)
        else { return nil }
        pane.pointee.stream.pointee.counters.isWithheld = !pane.pointee.canShow(camera)
        return pane.pointee.canShow(camera) ? camera : nil
    }

    /// In a room that echoes, everybody sees itself.
    private func ownPicture(for viewer: Picture) -> Picture? {
        guard viewer.pointee.content == .camera, let own = camera(of: viewer.pointee.leg) else { return nil }
        viewer.pointee.stream.pointee.counters.isWithheld = !viewer.pointee.canShow(own)
        return viewer.pointee.canShow(own) ? own : nil
    }

    private func cameras(in room: Room) -> Cameras {
        var cameras = Cameras()
        let spotlight = room.pointee.spotlight.flatMap { legs[$0] }
        if let spotlight, spotlight.pointee.room == room { append(spotlight, to: &cameras) }
        for index in 0..<room.pointee.legs.count where room.pointee.legs[index] != spotlight {
            append(room.pointee.legs[index], to: &cameras)
        }
        return cameras
    }

    private func append(_ leg: Leg, to cameras: inout Cameras) {
        guard let picture = camera(of: leg), let format = picture.pointee.stream.pointee.receivedFormat else { return }
        cameras.append(picture, format)
    }

    /// The camera's picture of a leg; of several sizes the one that costs most. Nil while none comes.
    func camera(of leg: Leg) -> Picture? {
        var best: Picture?
        for index in 0..<leg.pointee.sources.count {
            let picture = leg.pointee.sources[index]
            guard picture.pointee.content == .camera, isLive(picture) else { continue }
            if picture.pointee.rate > best?.pointee.rate ?? 0 || best == nil { best = picture }
        }
        return best
    }

    func isLive(_ picture: Picture) -> Bool {
        let stream = picture.pointee.stream
        return stream.pointee.receives && stream.pointee.receivedFormat != nil
            && now &- stream.pointee.lastPacketAt < Self.stalledAfter
    }

    /// The presenter's slides, once they come. They may stand still for long.
    func slides(in room: Room) -> Picture? {
        guard let presenter = room.pointee.presentation.presenter, let slides = legs[presenter]?.pointee.slides,
            slides.pointee.stream.pointee.receives, slides.pointee.stream.pointee.receivedFormat != nil,
            slides.pointee.stream.pointee.lastPacketAt >= room.pointee.presentation.since
        else { return nil }
        return slides
    }

    /// The room's speaker changed: the new one comes to the front of the order in which pictures are chosen.
    mutating func speakerChanged(in room: Room) {
        let speaker = room.pointee.speaker.current
        events.yield(.speakerChanged(room.pointee.id, speaker))
        guard let speaker, let leg = legs[speaker] else { return }
        room.pointee.legs.moveToFront(leg)
        retarget(room)
    }

    /// Somebody else presents, or nobody any more.
    mutating func presenterChanged(in room: Room) {
        let presenter = room.pointee.presentation.presenter
        events.yield(.presenterChanged(room.pointee.id, presenter))
        for index in 0..<room.pointee.legs.count {
            guard let slides = room.pointee.legs[index].pointee.slides else { continue }
            if room.pointee.legs[index].pointee.id == presenter {
                // For the recording, should nobody see it.
                askForKeyframe(of: slides)
            } else {
                tapEnd(of: slides.pointee.stream, in: room)
            }
        }
        retarget(room)
    }
}
