import Matroska
import MediaPlane

/// What one recording knows while it runs: its streams, their senders' clocks, and packets whose stream nobody told of yet.
struct RecordingSession {
    /// Packets kept for streams that are not told of yet.
    private static let mostOrphans = 2_000

    private let master: MasterFile
    private let startNanoseconds: UInt64
    private var streams: [UInt16: StreamRecorder] = [:]
    private var senders: [UInt32: SenderClock] = [:]
    private var orphans: [(entry: TapEntry, packet: [UInt8])] = []

    init(master: MasterFile, startNanoseconds: UInt64) {
        self.master = master
        self.startNanoseconds = startNanoseconds
    }

    mutating func add(_ track: RecordedTrack) {
        guard streams[track.index] == nil else { return }
        let sender = senders[track.leg] ?? SenderClock()
        senders[track.leg] = sender
        streams[track.index] = StreamRecorder(track, sender: sender, startNanoseconds: startNanoseconds)
    }

    /// Takes everything the tap holds, and writes what is due at `now` on the monotonic clock.
    mutating func drain(_ ring: TapRing, at now: UInt64) throws(MatroskaError) {
        let waiting = orphans
        orphans = []
        for orphan in waiting {
            var failure: MatroskaError?
            orphan.packet.withUnsafeBytes { bytes in
                do throws(MatroskaError) { try take(orphan.entry, bytes) } catch { failure = error }
            }
            if let failure { throw failure }
        }
        var failure: MatroskaError?
        ring.drain { entry, bytes in
            guard failure == nil else { return }
            do throws(MatroskaError) { try take(entry, bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        try master.write(upTo: Int64(clamping: now) &- Int64(clamping: startNanoseconds))
    }

    private mutating func take(_ entry: TapEntry, _ bytes: UnsafeRawBufferPointer) throws(MatroskaError) {
        guard let stream = streams[entry.track] else {
            if orphans.count < Self.mostOrphans { orphans.append((entry, Array(bytes))) }
            return
        }
        switch entry.kind {
        case .packet: try stream.take(entry, bytes, into: master)
        case .senderReport: stream.take(senderReport: entry)
        case .end: try stream.end(into: master)
        }
    }

    func finish() throws(MatroskaError) {
        for stream in streams.values { try stream.finish(into: master) }
        try master.finish()
    }

    func summary(overflow: UInt64, failure: RecorderFailure?) -> RecordingSummary {
        RecordingSummary(
            durationMilliseconds: master.durationNanoseconds / 1_000_000,
            tracks: streams.values.sorted { $0.track.index < $1.track.index }.map {
                .init(
                    index: $0.track.index, pointID: $0.track.pointID, displayName: $0.track.displayName,
                    kind: $0.track.kind, packets: $0.packets, packetsLost: $0.packetsLost,
                    framesDropped: $0.framesDropped)
            }, octets: master.octets, overflow: overflow, failure: failure)
    }
}
