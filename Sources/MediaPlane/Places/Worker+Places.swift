/// What control decides of a leg beside its media: whether it is heard, whether all see it, and in which room it is.
extension Worker {
    mutating func setMuted(_ id: LegID, _ isMuted: Bool) {
        guard let leg = legs[id], leg.pointee.isMuted != isMuted else { return }
        leg.pointee.isMuted = isMuted
        guard isMuted else { return }
        // What it said before is in the recording, and silence follows.
        tapEnd(of: leg.pointee.audio, in: leg.pointee.room)
        leg.pointee.activity.silence()
    }

    mutating func setSpotlight(_ leg: LegID?, in id: MediaRoomID) {
        guard let room = rooms[id] else { return }
        room.pointee.spotlight = leg
        retarget(room)
    }

    mutating func move(_ id: LegID, to target: MediaRoomID) {
        guard let leg = legs[id], let room = rooms[target], leg.pointee.room != room else { return }
        let former = leg.pointee.room
        // What came before belongs to the room that it leaves.
        receive(leg.pointee.audio, of: leg, by: .rtp)
        finishReceiving()
        let wasPresenter = take(leg, outOf: former)
        forgetViews(of: leg)
        leg.pointee.isInMix = false
        leg.pointee.activity.silence()
        leg.pointee.room = room
        enlist(leg, in: room)
        linkCarriers(in: room)
        noteSound(in: room)
        if wasPresenter { presenterChanged(in: former) } else { retarget(former) }
        retarget(room)
        guard room.pointee.tap != nil else { return }
        for index in 0..<leg.pointee.sources.count where leg.pointee.sources[index].pointee.stream.pointee.receives {
            askForKeyframe(of: leg.pointee.sources[index])
        }
    }

    /// A leg is in the lists of its room from now on.
    func enlist(_ leg: Leg, in room: Room) {
        guard leg.pointee.carriage == nil else { return room.pointee.carriers.append(leg) }
        room.pointee.legs.append(leg)
        for index in 0..<leg.pointee.pictures.count where leg.pointee.pictures[index].pointee.isLookedAt {
            room.pointee.viewers.append(leg.pointee.pictures[index])
        }
    }

    /// Nothing of a leg is left in a room afterwards. Whether it presented there.
    mutating func take(_ leg: Leg, outOf room: Room) -> Bool {
        for index in 0..<leg.pointee.streams.count { tapEnd(of: leg.pointee.streams[index], in: room) }
        endProductions(of: leg)
        unlink(leg)
        room.pointee.carriers.remove(leg)
        room.pointee.legs.remove(leg)
        for index in 0..<leg.pointee.pictures.count { room.pointee.viewers.remove(leg.pointee.pictures[index]) }
        room.pointee.speaker.remove(leg.pointee.id)
        if room.pointee.spotlight == leg.pointee.id { room.pointee.spotlight = nil }
        for index in 0..<room.pointee.legs.count {
            let other = room.pointee.legs[index]
            for index in 0..<other.pointee.pictures.count {
                for gone in 0..<leg.pointee.sources.count {
                    forget(leg.pointee.sources[gone], in: other.pointee.pictures[index])
                }
            }
        }
        noteSound(in: room)
        return room.pointee.presentation.remove(leg.pointee.id, at: now)
    }

    /// A leg that goes to another room sees nothing of the former any more.
    func forgetViews(of leg: Leg) {
        for index in 0..<leg.pointee.pictures.count {
            let viewer = leg.pointee.pictures[index]
            viewer.pointee.candidate = nil
            viewer.pointee.view.want(nil)
        }
    }

    private func forget(_ source: Picture, in viewer: Picture) {
        viewer.pointee.view.forget(source)
        if viewer.pointee.candidate == source { viewer.pointee.candidate = nil }
    }
}
