import Codecs

/// Care for the sound of legs: gain, noise taken out, and trouble that is found and told.
extension Worker {
    /// A leg that is about to be heard: what its room does for its sound. Its own frame is changed.
    func care(for leg: Leg, in room: Room) {
        let frame = leg.pointee.input.frame
        let level = leg.pointee.activity.level
        if let isRaised = leg.pointee.watch.howl.take(UnsafePointer(frame), level: level) {
            tell(isRaised, .howl(hertz: leg.pointee.watch.howl.pitch, level: Double(level)), of: leg)
        }
        if room.pointee.care.noiseSuppression { suppressNoise(of: leg) }
        guard room.pointee.care.automaticGain else { return }
        let peak = Float(MixArithmetic.peak(UnsafePointer(frame), count: MixFrame.samples))
        let gains = leg.pointee.gain.gains(
            level: level, loudness: leg.pointee.activity.loudness, isSpeaking: leg.pointee.activity.isSpeaking,
            peak: peak)
        if gains != (1, 1) { MixArithmetic.scale(frame, gains, count: MixFrame.samples) }
    }

    private func suppressNoise(of leg: Leg) {
        if leg.pointee.suppressor == nil {
            // Once a leg that is heard; without, it is heard as it is.
            guard let made = try? NoiseSuppressor(sampleRate: MixFrame.sampleRate) else { return }
            let place = UnsafeMutablePointer<NoiseSuppressor>.allocate(capacity: 1)
            place.initialize(to: made)
            leg.pointee.suppressor = place
        }
        leg.pointee.suppressor?.pointee.process(
            UnsafeMutableBufferPointer(start: leg.pointee.input.frame, count: MixFrame.samples))
    }

    /// 20 ms of a leg, heard or not, at this level in dBov.
    /// - Parameter wasInMix: it was heard in the tick before.
    func watchSound(of leg: Leg, level: Float, wasInMix: Bool) {
        leg.pointee.watch.near = level
        if let noise = leg.pointee.watch.noise.take(level) {
            tell(noise.isRaised, .noise(level: Double(noise.level)), of: leg)
        }
        if !wasInMix, let isRaised = leg.pointee.watch.howl.rest() {
            tell(isRaised, .howl(hertz: 0, level: -127), of: leg)
        }
    }

    /// What a leg is sent in this tick.
    func noteFar(of leg: Leg, in room: Room) {
        let far =
            leg.pointee.isInMix
            ? MixArithmetic.level(
                UnsafePointer(room.pointee.mix.sum), less: UnsafePointer(leg.pointee.input.frame),
                count: MixFrame.samples) : room.pointee.mix.level
        leg.pointee.watch.echo.take(near: leg.pointee.watch.near, far: far)
    }

    /// Twice a second: who returns what it is sent. In a room that echoes that is as it should be.
    func lookForEchoes(in room: Room) {
        guard room.pointee.echoFrames == 0 else { return }
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            guard let change = leg.pointee.watch.echo.look() else { continue }
            let trouble = SoundTrouble.echo(
                milliseconds: change?.milliseconds ?? 0, correlation: Double(change?.correlation ?? 0),
                attenuation: Double(change?.attenuation ?? 0))
            tell(change != nil, trouble, of: leg)
        }
    }

    private func tell(_ isRaised: Bool, _ trouble: SoundTrouble, of leg: Leg) {
        events.yield(isRaised ? .soundTrouble(leg.pointee.id, trouble) : .soundWell(leg.pointee.id, trouble.kind))
    }
}

/// What is watched of a leg's sound.
struct SoundWatch {
    var noise = NoiseWatch()
    var howl = HowlWatch()
    var echo = EchoWatch()
    /// The level of the frame just heard, in dBov.
    var near: Float = -127
}
