import MediaPlane
import Matroska
import RTP

/// One stream of the tap on its way into the master: put in order, put together, given its time.
final class StreamRecorder {
    /// How long a missing packet is waited for.
    private static let patienceNanoseconds: UInt64 = 200_000_000

    let track: RecordedTrack
    private(set) var packets: UInt64 = 0
    private(set) var framesDropped: UInt64 = 0
    private var lostEarlier: UInt64 = 0
    private let sender: SenderClock
    private let startNanoseconds: Int64
    private var current: Source?

    /// What is lost of the sequence so far.
    var packetsLost: UInt64 { lostEarlier + (current?.reorderer.lost ?? 0) }

    /// What changes when the sender begins anew: its SSRC, or its codec.
    private struct Source {
        var ssrc: UInt32
        var codec: MediaCodec
        var reorderer = PacketReorderer(patienceNanoseconds: StreamRecorder.patienceNanoseconds)
        var timestamps = TimestampExtender()
        var clock: StreamClock
        var assembler: FrameAssembler
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
        guard let codec = MediaCodec(rawValue: entry.codec), let info = try? RTPPacketInfo(parsing: packet) else { return }
        packets += 1
        if current?.ssrc != info.ssrc || current?.codec != codec { try begin(info.ssrc, codec, into: master) }
        guard var source = current else { return }
        var failure: MatroskaError?
        source.reorderer.push(packet, sequenceNumber: info.sequenceNumber, arrivalNanoseconds: entry.arrivalNanoseconds) {
            do throws(MatroskaError) { try deliver($0, $1, &source.timestamps, &source.clock, source.assembler, master) } catch {
                failure = error
            }
        }
        current = source
        if let failure { throw failure }
    }

    func take(senderReport entry: TapEntry) {
        let ntp = NTPTime(rawValue: entry.ntpTimestamp)
        let nanoseconds = Int64(ntp.seconds) * 1_000_000_000 + (Int64(ntp.fraction) * 1_000_000_000) >> 32
        sender.report(ntp: nanoseconds, arrival: Int64(clamping: entry.arrivalNanoseconds))
        guard current != nil, let ticks = current?.timestamps.peek(entry.rtpTimestamp) else { return }
        current?.clock.report(ntp: nanoseconds, ticks: ticks)
    }

    /// Writes out everything, at the end of the recording.
    func finish(into master: MasterFile) throws(MatroskaError) {
        try end(into: master)
        for assembler in assemblers.values { assembler.finish(into: master) }
    }

    private func flush(into master: MasterFile) throws(MatroskaError) {
        guard var source = current else { return }
        var failure: MatroskaError?
        source.reorderer.flush {
            do throws(MatroskaError) { try deliver($0, $1, &source.timestamps, &source.clock, source.assembler, master) } catch {
                failure = error
            }
        }
        current = source
        if let failure { throw failure }
    }

    /// The stream ended; what comes after it begins anew.
    func end(into master: MasterFile) throws(MatroskaError) {
        try flush(into: master)
        lostEarlier += current?.reorderer.lost ?? 0
        current = nil
    }

    private func begin(_ ssrc: UInt32, _ codec: MediaCodec, into master: MasterFile) throws(MatroskaError) {
        try end(into: master)
        let assembler = assemblers[codec] ?? FrameAssembler(codec, track)
        assembler.restart()
        assemblers[codec] = assembler
        current = Source(
            ssrc: ssrc, codec: codec, clock: StreamClock(clockRate: codec.rtpClockRate), assembler: assembler)
    }

    private func deliver(
        _ packet: UnsafeRawBufferPointer, _ arrival: UInt64, _ timestamps: inout TimestampExtender,
        _ clock: inout StreamClock, _ assembler: FrameAssembler, _ master: MasterFile
    ) throws(MatroskaError) {
        guard let info = try? RTPPacketInfo(parsing: packet) else { return }
        let ticks = timestamps.extend(info.timestamp)
        let time = clock.time(ofTicks: ticks, arrival: Int64(clamping: arrival), sender: sender)
        framesDropped += UInt64(
            try assembler.push(info, info.payload(of: packet), at: max(0, time &- startNanoseconds), into: master))
    }
}
