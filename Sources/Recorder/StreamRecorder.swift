import MediaPlane
import Matroska
import RTP

/// One stream of the tap on its way into the master: put in order, put together, given its time.
final class StreamRecorder {
    /// How long a missing packet is waited for.
    private static let patienceNanoseconds: UInt64 = 200_000_000

    /// Fewer lost packets in a row than this are a gap; more, and the sender began anew.
    private static let longestGap: Int16 = 3_000

    let track: RecordedTrack
    private(set) var packets: UInt64 = 0
    private(set) var framesDropped: UInt64 = 0
    /// Sound that never came, in nanoseconds.
    private(set) var soundLost: Int64 = 0
    private var lostEarlier: UInt64 = 0
    private let sender: SenderClock
    private let startNanoseconds: Int64
    private var current: Source?
    /// The source before the current one; what of it comes late is not taken for a change back.
    private var former: (ssrc: UInt32, until: UInt64)?
    private var lastTime: Int64 = .min
    private var lastArrival: UInt64 = 0
    /// Whether something may be held back that only waits for a packet to come.
    private var isHolding = false

    /// What is lost of the sequence so far.
    var packetsLost: UInt64 { lostEarlier + (current?.reorderer.lost ?? 0) }

    /// What changes when the sender begins anew: its SSRC, or its codec.
    private struct Source {
        var ssrc: UInt32
        var codec: MediaCodec
        var reorderer = PacketReorderer(patienceNanoseconds: StreamRecorder.patienceNanoseconds)
        var delivery: Delivery
    }
    /// How packets that are in order become blocks.
    private struct Delivery {
        var timestamps = TimestampExtender()
        var clock: StreamClock
        let assembler: FrameAssembler
        let codec: MediaCodec
        /// The latest packet: its number, and where its sound ends and how long it is, in ticks.
        var last: (sequence: UInt16, end: Int64, duration: Int64)?
    }
    /// Assemblers, and with them the master's tracks, stay when a codec comes back.
    private var assemblers: [MediaCodec: FrameAssembler] = [:]

    init(_ track: RecordedTrack, sender: SenderClock, startNanoseconds: UInt64) {
        self.track = track
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
            lostEarlier += 1
            return
        }
        if current?.ssrc != info.ssrc || current?.codec != codec {
            if let ssrc = current?.ssrc, ssrc != info.ssrc { former = (ssrc, arrival &+ Self.patienceNanoseconds) }
            try begin(info.ssrc, codec, into: master)
        }
        lastArrival = arrival
        isHolding = true
        try withReorderer(into: master) { reorderer, deliver in
            reorderer.push(packet, sequenceNumber: info.sequenceNumber, arrivalNanoseconds: arrival, deliver: deliver)
        }
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
        guard isHolding, now > lastArrival, now - lastArrival > Self.patienceNanoseconds else { return }
        try flush(into: master)
    }

    /// Writes out everything; what comes after begins anew.
    func end(into master: MasterFile) throws(MatroskaError) {
        try flush(into: master)
        lostEarlier += current?.reorderer.lost ?? 0
        lastTime = current?.delivery.clock.lastTime ?? lastTime
        current = nil
    }

    private func flush(into master: MasterFile) throws(MatroskaError) {
        isHolding = false
        try withReorderer(into: master) { reorderer, deliver in reorderer.flush(deliver) }
        current?.delivery.assembler.pause(into: master)
    }

    private func begin(_ ssrc: UInt32, _ codec: MediaCodec, into master: MasterFile) throws(MatroskaError) {
        try end(into: master)
        let assembler = assemblers[codec] ?? FrameAssembler(codec, track)
        assembler.restart()
        assemblers[codec] = assembler
        current = Source(
            ssrc: ssrc, codec: codec,
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
        noteLoss(before: info, payload, ticks, &delivery)
        let time = delivery.clock.time(ofTicks: ticks, arrival: Int64(clamping: arrival), sender: sender)
        framesDropped += UInt64(
            try delivery.assembler.push(info, payload, at: max(0, time &- startNanoseconds), into: master))
    }

    private func noteLoss(
        before info: RTPPacketInfo, _ payload: UnsafeRawBufferPointer, _ ticks: Int64, _ delivery: inout Delivery
    ) {
        guard let duration = AudioPacketDuration.ticks(of: delivery.codec, payload).map(Int64.init) else { return }
        if let last = delivery.last {
            let step = Int16(bitPattern: info.sequenceNumber &- last.sequence)
            if (2..<Self.longestGap).contains(step) {
                // Silence that was not sent is not lost.
                let missing = min(max(0, ticks &- last.end), Int64(step - 1) * max(last.duration, duration))
                soundLost += missing * 1_000_000_000 / Int64(delivery.codec.rtpClockRate)
            }
        }
        delivery.last = (info.sequenceNumber, ticks &+ duration, duration)
    }
}
