import Matroska
import MediaPlane

/// What one recording knows while it runs: its streams, their senders' clocks, and packets whose stream nobody told of yet.
struct RecordingSession {
    /// How long the packets of a stream that is not told of are kept, how many of one, and of how many.
    private static let orphanPatience: UInt64 = 5_000_000_000
    private static let mostOrphans = 2_000
    private static let mostOrphanStreams = 64

    private let master: MasterFile
    private let startNanoseconds: UInt64
    private let patience: StreamRecorder.Patience
    private var streams: [UInt16: StreamRecorder] = [:]
    private var senders: [UInt32: SenderClock] = [:]
    private var orphans: [UInt16: Orphans] = [:]
    private let overflow = OverflowWatch()
    /// Packets of streams that nobody told of in time.
    private var unclaimed: UInt64 = 0

    private enum Orphans {
        case waiting(since: UInt64, [(entry: TapEntry, packet: [UInt8])])
        /// It has waited in vain; what comes is counted only.
        case givenUp
    }

    init(
        master: MasterFile, startNanoseconds: UInt64, patience: StreamRecorder.Patience = StreamRecorder.Patience()
    ) {
        self.master = master
        self.startNanoseconds = startNanoseconds
        self.patience = patience
    }

    mutating func add(_ track: RecordedTrack) {
        guard streams[track.index] == nil else { return }
        let sender = senders[track.leg] ?? SenderClock()
        senders[track.leg] = sender
        streams[track.index] = StreamRecorder(
            track, sender: sender, startNanoseconds: startNanoseconds, overflow: overflow, patience: patience)
        master.note(.stream(track), at: master.now)
    }

    /// Takes everything the tap holds, and writes what is due at `now` on the monotonic clock.
    mutating func drain(_ ring: TapRing, at now: UInt64) throws(MatroskaError) {
        try begin(at: now)
        if let missed = overflow.look(at: ring.droppedEntries, now: now) { noteOverflow(missed) }
        var failure: MatroskaError?
        ring.drain { entry, bytes in
            guard failure == nil else { return }
            do throws(MatroskaError) { try take(entry, bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        try write(at: now)
    }

    /// Time goes on to `now`.
    mutating func begin(at now: UInt64) throws(MatroskaError) {
        master.advance(to: Int64(clamping: now) &- Int64(clamping: startNanoseconds))
        try settleOrphans(at: now)
    }

    /// Writes what is due at `now`, with what came up to then.
    mutating func write(at now: UInt64) throws(MatroskaError) {
        for stream in streams.values { try stream.tick(at: now, into: master) }
        try master.write()
    }

    /// The way to the recorder had no room at some time in `period`, on the monotonic clock.
    func addOverflow(_ period: ClosedRange<UInt64>) {
        overflow.add(period)
        noteOverflow(period)
    }

    private func noteOverflow(_ period: ClosedRange<UInt64>) {
        master.note(.overflow(from: period.lowerBound, to: period.upperBound), at: place(period.upperBound))
    }

    /// In the master's time.
    private func place(_ time: UInt64) -> Int64 {
        max(0, Int64(clamping: time) &- Int64(clamping: startNanoseconds))
    }

    mutating func take(_ entry: TapEntry, _ bytes: UnsafeRawBufferPointer) throws(MatroskaError) {
        guard let stream = streams[entry.track] else { return keep(entry, bytes) }
        switch entry.kind {
        case .packet: try stream.take(entry, bytes, into: master)
        case .senderReport:
            stream.take(senderReport: entry)
            master.note(
                .senderReport(
                    stream: entry.track, arrival: entry.arrivalNanoseconds, rtp: entry.rtpTimestamp,
                    ntp: entry.ntpTimestamp), at: place(entry.arrivalNanoseconds))
        case .end:
            try stream.end(wasTold: true, into: master)
            master.note(
                .end(stream: entry.track, arrival: entry.arrivalNanoseconds), at: place(entry.arrivalNanoseconds))
        }
    }

    private mutating func keep(_ entry: TapEntry, _ bytes: UnsafeRawBufferPointer) {
        switch orphans[entry.track] {
        case nil where orphans.count < Self.mostOrphanStreams:
            orphans[entry.track] = .waiting(since: entry.arrivalNanoseconds, [(entry, Array(bytes))])
        case .waiting(let since, var packets) where packets.count < Self.mostOrphans:
            orphans[entry.track] = nil
            packets.append((entry, Array(bytes)))
            orphans[entry.track] = .waiting(since: since, packets)
        default:
            unclaimed += entry.kind == .packet ? 1 : 0
        }
    }

    /// Hands kept packets to streams that were told of meanwhile, and gives up those that waited long.
    private mutating func settleOrphans(at now: UInt64) throws(MatroskaError) {
        for (track, kept) in orphans {
            guard streams[track] == nil else {
                orphans[track] = nil
                guard case .waiting(_, let packets) = kept else { continue }
                for (entry, packet) in packets { try take(entry, packet) }
                continue
            }
            if case .waiting(let since, let packets) = kept, now > since, now - since > Self.orphanPatience {
                unclaimed += UInt64(packets.count { $0.entry.kind == .packet })
                orphans[track] = .givenUp
            }
        }
    }

    mutating func take(_ entry: TapEntry, _ packet: [UInt8]) throws(MatroskaError) {
        var failure: MatroskaError?
        packet.withUnsafeBytes { bytes in
            do throws(MatroskaError) { try take(entry, bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Ends the master with everything in it, and with what each track misses in its tags.
    func finish(_ chapters: [MatroskaChapter] = []) throws(MatroskaError) {
        for stream in streams.values { try stream.end(wasTold: false, into: master) }
        var tags: [UInt64: [String: String]] = [:]
        for stream in streams.values {
            for number in stream.masterTracks { tags[number] = Self.tags(of: stream) }
        }
        try master.finish(chapters, tags: tags)
    }

    private static func tags(of stream: StreamRecorder) -> [String: String] {
        var tags: [String: String] = [:]
        for cause in Gap.Cause.allCases {
            let total = stream.gaps.total(cause)
            if total > 0 { tags[RecordedTrack.Tag.missing(cause)] = String(total / 1_000_000) }
        }
        tags[RecordedTrack.Tag.clockDrift] = stream.clockDriftPPM.map { "\(($0 * 10).rounded() / 10)" }
        let listed = stream.gaps.gaps.map { gap in
            "\(gap.startNanoseconds / 1_000_000)-\(gap.endNanoseconds / 1_000_000) \(gap.cause.rawValue)"
        }
        if !listed.isEmpty { tags[RecordedTrack.Tag.gaps] = listed.joined(separator: "; ") }
        return tags
    }

    func summary(overflow: UInt64, failure: RecorderFailure?) -> RecordingSummary {
        RecordingSummary(
            durationMilliseconds: master.durationNanoseconds / 1_000_000,
            tracks: streams.values.sorted { $0.track.index < $1.track.index }.map {
                .init(
                    index: $0.track.index, pointID: $0.track.pointID, displayName: $0.track.displayName,
                    kind: $0.track.kind, packets: $0.packets, packetsLost: $0.packetsLost,
                    packetsLate: $0.packetsLate, packetsRepeated: $0.packetsRepeated, clockDriftPPM: $0.clockDriftPPM,
                    gaps: $0.gaps, masterTracks: $0.masterTracks, framesDropped: $0.framesDropped)
            }, octets: master.octets, overflow: overflow, unclaimed: unclaimed, failure: failure)
    }
}
