import MediaPlane
import Matroska
import RTP

/// One stream of the tap on its way into the master: put in order, put together, given its time.
final class StreamRecorder {
    /// How long a missing packet is waited for, and how many wait with it, while a meeting runs.
    struct Patience {
        var nanoseconds: UInt64 = 200_000_000
        var packets = 128
    }

    let track: RecordedTrack
    private(set) var packets: UInt64 = 0
    private(set) var framesDropped: UInt64 = 0
    private var watch = GapWatch()
    private let overflow: OverflowWatch
    /// Of sources before the current one.
    private var earlier = Counts()
    private var driftEarlier: Double?
    private let sender: SenderClock
    private let startNanoseconds: Int64
    private let patience: Patience
    private var current: Source?
    /// The source before the current one; what of it comes late is not taken for a change back.
    private var former: (ssrc: UInt32, until: UInt64)?
    private var lastTime: Int64 = .min
    private var lastArrival: UInt64 = 0
    /// Whether something may be held back that only waits for a packet to come.
    private var isHolding = false

    private struct Counts {
        var lost: UInt64 = 0
        var late: UInt64 = 0
        var repeated: UInt64 = 0
    }

    /// What is lost of the sequence so far, what came too late, and what came twice.
    var packetsLost: UInt64 { earlier.lost + (current?.reorderer.lost ?? 0) + watch.lostInLongGaps }
    var packetsLate: UInt64 { earlier.late + (current?.reorderer.late ?? 0) }
    var packetsRepeated: UInt64 { earlier.repeated + (current?.reorderer.duplicates ?? 0) }
    /// How fast the sender's clock is, in parts in a million.
    var clockDriftPPM: Double? { current?.delivery.clock.drift.partsPerMillion ?? driftEarlier }
    var gaps: GapList { watch.gaps }
    /// Numbers of the master's tracks that hold the stream.
    var masterTracks: [UInt64] { assemblers.values.compactMap(\.number).sorted() }

    /// What changes when the sender begins anew: its SSRC, or its codec.
    private struct Source {
        var ssrc: UInt32
        var codec: MediaCodec
        var reorderer: PacketReorderer
        var delivery: Delivery
    }
    /// How packets that are in order become blocks.
    private struct Delivery {
        var timestamps = TimestampExtender()
        var clock: StreamClock
        let assembler: FrameAssembler
        let codec: MediaCodec
    }
    /// Assemblers, and with them the master's tracks, stay when a codec comes back.
    private var assemblers: [MediaCodec: FrameAssembler] = [:]

    init(
        _ track: RecordedTrack, sender: SenderClock, startNanoseconds: UInt64, overflow: OverflowWatch,
        patience: Patience = Patience()
    ) {
        self.track = track
        self.patience = patience
        self.overflow = overflow
        self.sender = sender
        self.startNanoseconds = Int64(clamping: startNanoseconds)
    }

    /// A packet as the peer sent it.
    func take(_ entry: TapEntry, _ packet: UnsafeRawBufferPointer, into master: MasterFile) throws(MatroskaError) {
        guard let codec = MediaCodec(rawValue: entry.codec), let info = try? RTPPacketInfo(parsing: packet) else {
            return
        }
        packets += 1
        let arrival = entry.arrivalNanoseconds
        if let former, former.ssrc == info.ssrc, arrival < former.until {
            earlier.lost += 1
            earlier.late += 1
            note(PacketHead(info, entry.track, codec, arrival), info.payload(of: packet), into: master)
            return
        }
        if current?.ssrc != info.ssrc || current?.codec != codec {
            if let ssrc = current?.ssrc, ssrc != info.ssrc { former = (ssrc, arrival &+ patience.nanoseconds) }
            try begin(info.ssrc, codec, into: master)
        }
        lastArrival = arrival
        isHolding = true
        let late = current?.reorderer.late
        try withReorderer(into: master) { reorderer, deliver in
            reorderer.push(packet, sequenceNumber: info.sequenceNumber, arrivalNanoseconds: arrival, deliver: deliver)
        }
        if late != current?.reorderer.late {
            note(PacketHead(info, entry.track, codec, arrival), info.payload(of: packet), into: master)
        }
    }

    /// A packet that came too late for the master: it may be what another recorder lacks.
    private func note(_ head: PacketHead, _ payload: UnsafeRawBufferPointer, into master: MasterFile) {
        master.note(
            .packet(head, payload: Array(payload)), at: Int64(clamping: head.arrival) &- startNanoseconds)
    }

    func take(senderReport entry: TapEntry) {
        let ntp = NTPTime(rawValue: entry.ntpTimestamp)
        let nanoseconds = Int64(ntp.seconds) * 1_000_000_000 + (Int64(ntp.fraction) * 1_000_000_000) >> 32
        sender.report(ntp: nanoseconds, arrival: Int64(clamping: entry.arrivalNanoseconds))
        guard let ticks = current?.delivery.timestamps.peek(entry.rtpTimestamp) else { return }
        current?.delivery.clock.report(ntp: nanoseconds, ticks: ticks)
    }

    /// Time passes: where packets have stopped, what waits behind a gap waits no longer.
    func tick(at now: UInt64, into master: MasterFile) throws(MatroskaError) {
        guard isHolding, now > lastArrival, now - lastArrival > patience.nanoseconds else { return }
        try flush(into: master)
    }

    /// Writes out everything; what comes after begins anew.
    ///
    /// - Parameter wasTold: by the media worker: what is not there afterwards was not to be recorded.
    func end(wasTold: Bool, into master: MasterFile) throws(MatroskaError) {
        try flush(into: master)
        if let current {
            current.delivery.assembler.end(
                at: max(0, current.delivery.clock.lastTime &- startNanoseconds), into: master)
        }
        watch.end(wasTold: wasTold, clockRate: Int64(current?.codec.rtpClockRate ?? 0))
        driftEarlier = clockDriftPPM
        earlier = Counts(lost: packetsLost - watch.lostInLongGaps, late: packetsLate, repeated: packetsRepeated)
        lastTime = current?.delivery.clock.lastTime ?? lastTime
        current = nil
    }

    private func flush(into master: MasterFile) throws(MatroskaError) {
        isHolding = false
        try withReorderer(into: master) { reorderer, deliver in reorderer.flush(deliver) }
        current?.delivery.assembler.pause(into: master)
    }

    private func begin(_ ssrc: UInt32, _ codec: MediaCodec, into master: MasterFile) throws(MatroskaError) {
        try end(wasTold: false, into: master)
        let assembler = assemblers[codec] ?? FrameAssembler(codec, track)
        assembler.restart()
        assemblers[codec] = assembler
        current = Source(
            ssrc: ssrc, codec: codec,
            reorderer: PacketReorderer(
                capacity: patience.packets, patienceNanoseconds: patience.nanoseconds),
            delivery: Delivery(
                clock: StreamClock(clockRate: codec.rtpClockRate, floor: lastTime), assembler: assembler, codec: codec))
    }

    /// Works on the current source's reorderer, delivering what it lets through.
    private func withReorderer(
        into master: MasterFile, _ body: (inout PacketReorderer, (UnsafeRawBufferPointer, UInt64) -> Void) -> Void
    ) throws(MatroskaError) {
        guard var source = current else { return }
        // Let go of here, so that nothing in it is copied.
        current = nil
        var delivery = source.delivery
        var failure: MatroskaError?
        body(&source.reorderer) { packet, arrival in
            do throws(MatroskaError) { try deliver(packet, arrival, &delivery, master) } catch { failure = error }
        }
        source.delivery = delivery
        current = source
        if let failure { throw failure }
    }

    private func deliver(
        _ packet: UnsafeRawBufferPointer, _ arrival: UInt64, _ delivery: inout Delivery, _ master: MasterFile
    ) throws(MatroskaError) {
        guard let info = try? RTPPacketInfo(parsing: packet) else { return }
        let payload = info.payload(of: packet)
        let ticks = delivery.timestamps.extend(info.timestamp)
        let time = delivery.clock.time(ofTicks: ticks, arrival: Int64(clamping: arrival), sender: sender)
        let place = max(0, time &- startNanoseconds)
        let duration = AudioPacketDuration.ticks(of: delivery.codec, payload).map(Int64.init)
        let taken = GapWatch.Packet(
            sequence: info.sequenceNumber, ticks: ticks, duration: duration ?? 0, time: place, arrival: arrival,
            hasMarker: info.marker)
        if track.kind == .audio {
            // What is no sound of its codec is in no track.
            if duration != nil {
                watch.take(sound: taken, clockRate: Int64(delivery.codec.rtpClockRate), overflow)
            }
        } else {
            watch.take(picture: taken, clockRate: Int64(delivery.codec.rtpClockRate), overflow)
        }
        let outcome = try delivery.assembler.push(
            PacketHead(info, track.index, delivery.codec, arrival), payload, at: place, into: master)
        framesDropped += UInt64(outcome.dropped)
        if track.kind != .audio { watch.note(outcome, overflow) }
    }
}

extension PacketHead {
    init(_ info: RTPPacketInfo, _ stream: UInt16, _ codec: MediaCodec, _ arrival: UInt64) {
        self.init(
            stream: stream, codec: codec, ssrc: info.ssrc, sequence: info.sequenceNumber, timestamp: info.timestamp,
            marker: info.marker, arrival: arrival)
    }
}
