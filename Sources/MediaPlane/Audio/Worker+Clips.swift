/// Clips that are played into what legs hear.
extension Worker {
    mutating func play(_ clip: SoundClip, _ id: PlaybackID, toRoom room: MediaRoomID) {
        guard let room = rooms[room], room.pointee.clips.append(clip, id) else {
            events.yield(.clipEnded(id, nil, rooms[room] == nil ? .cut : .refused))
            return
        }
    }

    mutating func play(_ clip: SoundClip, _ id: PlaybackID, toLegs ids: [LegID]) {
        for leg in ids {
            guard let state = legs[leg] else {
                events.yield(.clipEnded(id, leg, .cut))
                continue
            }
            // Nobody listens by a leg that carries another.
            if state.pointee.carriage != nil || !state.pointee.clips.append(clip, id) {
                events.yield(.clipEnded(id, leg, .refused))
            }
        }
    }

    /// What a leg was to hear it hears no more.
    mutating func cutClips(of leg: Leg) {
        while let id = leg.pointee.clips.takeNext() { events.yield(.clipEnded(id, leg.pointee.id, .cut)) }
    }

    mutating func cutClips(of room: Room) {
        while let id = room.pointee.clips.takeNext() { events.yield(.clipEnded(id, nil, .cut)) }
    }

    /// Adds what a room is told to the sum; everybody in the sum is as soft as it asks for already.
    mutating func announce(in room: Room) {
        room.pointee.isAnnounced = room.pointee.clips.isHeard
        guard room.pointee.isAnnounced else { return }
        let frame = room.pointee.mix.clip
        if let ended = room.pointee.clips.play(into: frame) { events.yield(.clipEnded(ended, nil, .played)) }
        MixArithmetic.add(UnsafePointer(frame), to: room.pointee.mix.sum, count: MixFrame.samples)
    }

    /// What one leg alone hears: the sum without itself, or itself in a room that echoes, under the clip that it is told.
    /// A clip waits for a leg that cannot be sent to yet.
    mutating func overlay(for leg: Leg, in room: Room) -> UnsafePointer<Int32> {
        let overlay = room.pointee.mix.overlay
        let clip = room.pointee.mix.clip
        if let ended = leg.pointee.clips.play(into: clip) {
            events.yield(.clipEnded(ended, leg.pointee.id, .played))
        }
        let gains = (leg.pointee.clips.gainBefore, leg.pointee.clips.gain)
        if let echo = leg.pointee.echo {
            MixArithmetic.lay(
                UnsafePointer(clip), over: echo.pointee.due, gains, into: overlay, count: MixFrame.samples)
        } else {
            MixArithmetic.lay(
                UnsafePointer(clip), over: UnsafePointer(room.pointee.mix.sum),
                less: leg.pointee.isInMix ? UnsafePointer(leg.pointee.input.frame) : nil, gains, into: overlay,
                count: MixFrame.samples)
        }
        return UnsafePointer(overlay)
    }

    /// A leg of a room that echoes said this.
    func keepForEcho(_ frame: UnsafePointer<Int16>?, of leg: Leg, in room: Room) {
        if leg.pointee.echo == nil {
            let line = UnsafeMutablePointer<EchoLine>.allocate(capacity: 1)
            line.initialize(to: EchoLine(frames: room.pointee.echoFrames))
            leg.pointee.echo = line
        }
        leg.pointee.echo?.pointee.push(frame)
    }
}
