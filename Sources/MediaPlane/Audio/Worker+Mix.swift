import RTP

extension Worker {
    /// One 20 ms tick of a room: decode what may be heard, sum it, and send everyone the sum without themselves.
    mutating func mix(_ room: Room) {
        let count = room.pointee.legs.count
        guard count > 0 else { return }
        room.pointee.mix.clear()
        room.pointee.talkers.begin(legs: count)
        let first = room.pointee.talkers.first
        for index in first..<count { listen(to: room.pointee.legs[index], in: room) }
        for index in 0..<first { listen(to: room.pointee.legs[index], in: room) }
        breathe()
        for index in 0..<room.pointee.talkers.count { add(room.pointee.talkers[index], to: room) }
        announce(in: room)
        room.pointee.mix.measure()
        chooseSpeaker(in: room)
        for index in 0..<room.pointee.legs.count {
            speak(to: room.pointee.legs[index], in: room)
            if egress.isLong {
                egress.flush(engine)
                breathe()
            }
        }
    }

    private mutating func listen(to leg: Leg, in room: Room) {
        let wasInMix = leg.pointee.isInMix
        leg.pointee.isInMix = false
        let echoes = room.pointee.echoFrames > 0
        guard leg.pointee.audio.pointee.receives else {
            leg.pointee.activity.silence()
            watchSound(of: leg, level: -127, wasInMix: wasInMix)
            if echoes { keepForEcho(nil, of: leg, in: room) }
            return
        }
        let wasResting = leg.pointee.input.isResting
        let pulled = leg.pointee.input.pull(at: now, mayWake: room.pointee.talkers.mayWake)
        if echoes { keepForEcho(pulled == .frame ? UnsafePointer(leg.pointee.input.frame) : nil, of: leg, in: room) }
        switch pulled {
        case .nothing:
            leg.pointee.activity.silence()
            watchSound(of: leg, level: -127, wasInMix: wasInMix)
        case .rested:
            leg.pointee.activity.rest()
            watchSound(of: leg, level: -127, wasInMix: wasInMix)
        case .frame:
            reportKeyTones(of: leg)
            let level = MixArithmetic.level(leg.pointee.input.frame, count: MixFrame.samples)
            // Its keys are heard, and nothing else.
            guard !leg.pointee.isMuted else {
                leg.pointee.input.judge(isAudible: false, othersWait: room.pointee.talkers.othersWait)
                leg.pointee.activity.mute(level: level)
                return
            }
            leg.pointee.activity.update(level: level)
            watchSound(of: leg, level: leg.pointee.activity.level, wasInMix: wasInMix)
            let isAudible = leg.pointee.activity.isAudible
            leg.pointee.input.judge(isAudible: isAudible, othersWait: room.pointee.talkers.othersWait)
            room.pointee.talkers.noteDecoded(wasResting: wasResting)
            if isAudible, !echoes { room.pointee.talkers.offer(leg, wasInMix: wasInMix) }
        }
    }

    /// Keys that were heard. What an event left of its tones in the sound is no second key.
    private func reportKeyTones(of leg: Leg) {
        while let key = leg.pointee.input.takeKey() {
            if let last = leg.pointee.lastEventAt, now &- last < Self.echoOfEvent { continue }
            events.yield(.digit(leg.pointee.id, key))
        }
    }

    private static var echoOfEvent: UInt64 { 500_000_000 }

    private mutating func add(_ leg: Leg, to room: Room) {
        leg.pointee.isInMix = true
        care(for: leg, in: room)
        let gains = room.pointee.clips.nextGains
        if gains != (1, 1) { MixArithmetic.scale(leg.pointee.input.frame, gains, count: MixFrame.samples) }
        MixArithmetic.add(leg.pointee.input.frame, to: room.pointee.mix.sum, count: MixFrame.samples)
    }

    private mutating func chooseSpeaker(in room: Room) {
        let speaking = (0..<room.pointee.legs.count).lazy.compactMap { index -> (key: LegID, level: Float)? in
            let leg = room.pointee.legs[index]
            return leg.pointee.activity.isSpeaking ? (leg.pointee.id, leg.pointee.activity.level) : nil
        }
        if room.pointee.speaker.tick(speaking) { speakerChanged(in: room) }
    }

    private mutating func speak(to leg: Leg, in room: Room) {
        let stream = leg.pointee.audio
        noteFar(of: leg, in: room)
        guard stream.pointee.sends, let codec = stream.pointee.sendingCodec else { return }
        let packet = UnsafeMutableRawPointer(egress.nextPacket)
        let header = stream.pointee.headerSize
        let payload = packet + header
        let isInSum = leg.pointee.isInMix
        var length = 0
        let step = codec.rtpClockRate / 50
        stream.pointee.timestamp &+= step
        let resumes = leg.pointee.output.resumes
        // What it is told waits until it can be sent to.
        let isTold = !stream.pointee.isBlocked && (leg.pointee.clips.isHeard || leg.pointee.echo != nil)
        let isSilent = room.pointee.talkers.count == 0 && !room.pointee.isAnnounced && !isTold
        if stream.pointee.prefersPauses, leg.pointee.output.pauses(isSilent: isSilent) { return }
        if leg.pointee.output.needsOwn(audible: isInSum || isTold), isTold {
            length = leg.pointee.output.encode(codec, overlay(for: leg, in: room), less: nil, into: payload)
        } else if leg.pointee.output.needsOwn {
            length = leg.pointee.output.encode(
                codec, room.pointee.mix.sum, less: isInSum ? UnsafePointer(leg.pointee.input.frame) : nil,
                into: payload)
        } else if let shared = room.pointee.mix.shared(codec, for: leg.pointee.output.line),
            let base = shared.baseAddress
        {
            payload.copyMemory(from: base, byteCount: shared.count)
            length = shared.count
        }
        guard length > 0 else { return }
        // Sound begins, or goes on after silence (RFC 7587 §4.1).
        let begins = !stream.pointee.sent.hasSent || resumes && !leg.pointee.output.resumes
        RTPHeaderWriter.write(
            packet, payloadType: stream.pointee.sendingPayloadType, marker: begins,
            sequenceNumber: stream.pointee.sequence, timestamp: stream.pointee.timestamp, ssrc: stream.pointee.ssrc)
        stream.pointee.sequence &+= 1
        stream.pointee.sent.sent(
            timestamp: stream.pointee.timestamp, payloadOctets: length, atNanoseconds: now)
        send(length: header + length, on: stream)
    }
}
