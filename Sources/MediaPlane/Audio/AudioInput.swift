import Codecs
import RTP

/// What one leg says: packets in, frames of 20 ms at 48 kHz out, whatever the codec and the length of its packets.
/// Nothing is allocated after `prepare`.
///
/// A leg that has nothing to say *rests*: its packets are taken in time but not decoded, until one comes that may hold
/// sound. The decoder is then brought up to date with the packets before it, so that the onset is heard whole.
struct AudioInput: ~Copyable {
    /// The longest packet (120 ms), and what may be left of the one before it.
    private static let fifoCapacity = OpusDecoder.maximumPacketSamples + MixFrame.samples
    private static let mostNarrowSamples = OpusDecoder.maximumPacketSamples / 3

    /// What 20 ms of a leg came to.
    enum Pulled {
        /// Nothing was sent, or it is missing.
        case nothing
        /// Packets came and were not decoded.
        case rested
        /// Sound, in `frame`.
        case frame
    }

    /// A leg rests after so many frames (1 s) in which it was neither audible nor sent an active packet.
    private static let framesToRest = 50
    /// One packet in so many (4 s) is decoded nevertheless.
    private static let framesBetweenProbes = 200
    /// Where other legs wait to be decoded, one that was not audible for so long (200 ms) makes room.
    private static let framesToMakeRoom = 10
    /// A peer whose packets call themselves inactive for so long (1 s) while it is audible has a detector that cannot be
    /// trusted: for some time (60 s) its packets all count as active.
    private static let framesToDistrust = 50
    private static let framesOfDistrust = 3_000
    /// Put to rest although there may be sound, for others' sake, a leg stays so for a while (1 s).
    private static let framesOfForcedRest = 50
    /// Packets that bring the decoder of a rested leg up to date.
    private static let warmingPackets = 2

    /// The frame that `pull` last made: `MixFrame.samples` samples.
    let frame: UnsafeMutablePointer<Int16>

    private let fifo: UnsafeMutablePointer<Int16>
    private var fifoCount = 0
    private let narrow: UnsafeMutablePointer<Int16>
    private var jitter: UnsafeMutablePointer<JitterBuffer>?
    private var decoder: UnsafeMutablePointer<AudioDecoder>?
    private var codec: MediaCodec?
    private var prepared: [MediaCodec] = []
    /// Hears keys in the sound of peers whose codec carries their tones.
    private var keyTones: KeyToneDetector?

    private(set) var isResting = true
    private var framesQuiet = 0
    private var framesInaudible = 0
    private var framesRested = Self.framesBetweenProbes
    /// Sound of packets taken while resting, beyond the frame they were taken for.
    private var samplesAhead = 0
    private var inactivePackets = 0
    private var distrust = 0
    private var forcedRest = 0

    init() {
        frame = .allocate(capacity: MixFrame.samples)
        frame.initialize(repeating: 0, count: MixFrame.samples)
        fifo = .allocate(capacity: Self.fifoCapacity)
        narrow = .allocate(capacity: Self.mostNarrowSamples)
    }

    deinit {
        Self.free(decoder, jitter)
        frame.deallocate()
        fifo.deallocate()
        narrow.deallocate()
    }

    /// Makes the decoders for what was negotiated; what is the same as before keeps its state.
    mutating func prepare(for mappings: [PayloadMapping]) throws(MediaPlaneError) {
        // The codecs that carry such tones whole are those of 8 kHz. Without a detector keys are not heard, which is no
        // reason to do without the sound.
        if !mappings.contains(where: { $0.codec == .pcmu || $0.codec == .pcma }) {
            keyTones = nil
        } else if keyTones == nil {
            keyTones = try? KeyToneDetector()
        }
        prepared = mappings.map(\.codec).filter { !$0.isVideo }
        if let codec, prepared.contains(codec) { return }
        release()
        if let first = prepared.first { try use(first) }
    }

    /// An authentic packet of a negotiated codec.
    mutating func push(_ info: RTPPacketInfo, codec: MediaCodec, _ datagram: UnsafeRawBufferPointer, at now: UInt64) {
        if codec != self.codec {
            guard prepared.contains(codec), (try? use(codec)) != nil else { return }
        }
        let payload = info.payload(of: datagram)
        guard let duration = Self.duration(of: payload, codec) else { return }
        jitter?.pointee.push(
            payload, payloadType: info.payloadType, ssrc: info.ssrc, sequenceNumber: info.sequenceNumber,
            timestamp: info.timestamp, duration: duration, arrivalNanoseconds: now)
    }

    /// The next key that was heard in the sound decoded so far.
    mutating func takeKey() -> Character? { keyTones?.takeKey() }

    /// Makes the next 20 ms. A resting leg is woken only where `mayWake`.
    mutating func pull(at now: UInt64, mayWake: Bool) -> Pulled {
        guard jitter != nil, decoder != nil else { return .nothing }
        distrust = max(0, distrust - 1)
        forcedRest = max(0, forcedRest - 1)
        var heard = fifoCount > 0
        if isResting {
            let rested = rest(at: now, mayWake: mayWake && forcedRest == 0)
            if isResting { return rested }
            heard = true
        }
        framesQuiet = min(framesQuiet + 1, Self.framesToRest)
        while fifoCount < MixFrame.samples {
            if play(at: now) { heard = true }
        }
        frame.update(from: fifo, count: MixFrame.samples)
        fifoCount -= MixFrame.samples
        if fifoCount > 0 { fifo.update(from: fifo + MixFrame.samples, count: fifoCount) }
        return heard ? .frame : .nothing
    }

    /// Tells whether the frame just pulled is audible. A leg that was quiet for long begins to rest, and earlier where
    /// others wait to be decoded.
    mutating func judge(isAudible: Bool, othersWait: Bool) {
        guard isAudible else {
            framesInaudible = min(framesInaudible + 1, Self.framesToMakeRoom)
            if framesQuiet >= Self.framesToRest || othersWait && framesInaudible >= Self.framesToMakeRoom {
                beginRest()
            }
            return
        }
        framesInaudible = 0
        framesQuiet = 0
        if inactivePackets >= Self.framesToDistrust { distrust = Self.framesOfDistrust }
    }

    /// Makes the leg rest although it may be heard.
    mutating func forceRest() {
        forcedRest = Self.framesOfForcedRest
        beginRest()
    }

    private mutating func beginRest() {
        isResting = true
        framesRested = 0
        samplesAhead = fifoCount
        fifoCount = 0
    }

    /// Takes 20 ms of packets without decoding them, unless one is worth it: then the leg rests no longer.
    private mutating func rest(at now: UInt64, mayWake: Bool) -> Pulled {
        guard let jitter else { return .nothing }
        framesRested += 1
        var came = samplesAhead > 0
        while samplesAhead < MixFrame.samples {
            guard case .packet(let packet) = jitter.pointee.pop(atNanoseconds: now), let codec else {
                samplesAhead += MixFrame.samples
                continue
            }
            came = true
            let isWorthDecoding = note(packet.payload) || framesRested >= Self.framesBetweenProbes
            if mayWake, isWorthDecoding {
                wake(with: packet.payload)
                return .frame
            }
            samplesAhead += Int(packet.duration) * (MixFrame.sampleRate / Int(codec.rtpClockRate))
        }
        samplesAhead -= MixFrame.samples
        return came ? .rested : .nothing
    }

    /// Decodes a packet after those before it, and puts it behind the silence that was still due.
    private mutating func wake(with payload: UnsafeRawBufferPointer) {
        guard let jitter, let decoder else { return }
        isResting = false
        for back in stride(from: Self.warmingPackets, to: 0, by: -1) {
            guard let earlier = jitter.pointee.played(back) else { continue }
            let room = UnsafeMutableBufferPointer(start: fifo, count: Self.fifoCapacity)
            _ = decoder.pointee.decode(earlier, into: room, narrow: narrow)
        }
        fifoCount = samplesAhead
        fifo.update(repeating: 0, count: fifoCount)
        decode(payload)
    }

    /// Whether a packet may hold sound, as far as it tells and the peer is trusted.
    private mutating func note(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard let codec else { return false }
        let isInactive = activity(of: payload, codec) == .inactive
        inactivePackets = isInactive ? min(inactivePackets + 1, Self.framesToDistrust) : 0
        let mayBeHeard = !isInactive || distrust > 0
        if mayBeHeard { framesQuiet = 0 }
        return mayBeHeard
    }

    private func activity(of payload: UnsafeRawBufferPointer, _ codec: MediaCodec) -> PacketActivity {
        switch codec {
        case .opus: OpusDecoder.activity(of: payload)
        case .pcmu: G711.muLaw.activity(of: payload)
        case .pcma: G711.aLaw.activity(of: payload)
        // Its decoder must not miss anything, and is cheap.
        case .g722: .active
        case .vp8, .h264: .inactive
        }
    }

    /// Adds what is due to the queue: a packet, what makes up for a lost one, or silence. True for sound.
    private mutating func play(at now: UInt64) -> Bool {
        guard let jitter, let decoder else {
            appendSilence()
            return false
        }
        switch jitter.pointee.pop(atNanoseconds: now) {
        case .packet(let packet):
            _ = note(packet.payload)
            return decode(packet.payload)
        case .lost(let following):
            let room = UnsafeMutableBufferPointer(start: fifo + fifoCount, count: Self.fifoCapacity - fifoCount)
            let made = decoder.pointee.conceal(following: following, into: room)
            fifoCount += made
            if made == 0 { appendSilence() }
            return made > 0
        case .empty:
            appendSilence()
            return false
        }
    }

    @discardableResult
    private mutating func decode(_ payload: UnsafeRawBufferPointer) -> Bool {
        let room = UnsafeMutableBufferPointer(start: fifo + fifoCount, count: Self.fifoCapacity - fifoCount)
        let made = decoder?.pointee.decode(payload, into: room, narrow: narrow) ?? 0
        fifoCount += made
        if codec == .pcmu || codec == .pcma {
            keyTones?.push(UnsafeBufferPointer(start: narrow, count: min(payload.count, made / 6)))
        }
        if made == 0 { appendSilence() }
        return made > 0
    }

    private mutating func appendSilence() {
        let count = min(MixFrame.samples, Self.fifoCapacity - fifoCount)
        (fifo + fifoCount).update(repeating: 0, count: count)
        fifoCount += count
    }

    private mutating func use(_ codec: MediaCodec) throws(MediaPlaneError) {
        release()
        do {
            let decoder = UnsafeMutablePointer<AudioDecoder>.allocate(capacity: 1)
            do { decoder.initialize(to: try AudioDecoder(codec)) } catch {
                decoder.deallocate()
                throw error
            }
            self.decoder = decoder
        } catch {
            throw .codecUnavailable("\(error)")
        }
        let jitter = UnsafeMutablePointer<JitterBuffer>.allocate(capacity: 1)
        jitter.initialize(to: JitterBuffer(clockRate: codec.rtpClockRate, awaitsRedundancy: codec == .opus))
        self.jitter = jitter
        self.codec = codec
    }

    private mutating func release() {
        Self.free(decoder, jitter)
        decoder = nil
        jitter = nil
        codec = nil
        fifoCount = 0
        isResting = true
        framesRested = Self.framesBetweenProbes
        samplesAhead = 0
        framesQuiet = 0
        framesInaudible = 0
        inactivePackets = 0
        distrust = 0
        forcedRest = 0
    }

    private static func free(
        _ decoder: UnsafeMutablePointer<AudioDecoder>?, _ jitter: UnsafeMutablePointer<JitterBuffer>?
    ) {
        decoder?.deinitialize(count: 1)
        decoder?.deallocate()
        jitter?.deinitialize(count: 1)
        jitter?.deallocate()
    }

    /// Ticks of the codec's RTP clock in a packet; nil when it cannot be one. At most 120 ms.
    private static func duration(of payload: UnsafeRawBufferPointer, _ codec: MediaCodec) -> UInt32? {
        switch codec {
        case .opus: OpusDecoder.duration(of: payload).map { UInt32($0) }
        case .g722, .pcmu, .pcma: (1...960).contains(payload.count) ? UInt32(payload.count) : nil
        case .vp8, .h264: nil
        }
    }
}
