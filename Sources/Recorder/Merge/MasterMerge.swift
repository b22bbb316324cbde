import Evidence
import Glibc
import Matroska
import MediaPlane
import RTP

/// Makes one master of two recordings of the same meeting, with everything that either had (`docs/evidence.md`, *Two
/// recorders*): what both had is recorded again, each packet once, by the code that records a meeting.
public enum MasterMerge {
    /// What one recorder had.
    public struct Share: Sendable, Hashable, Codable {
        public var packets: UInt64
        /// Packets that the other did not have.
        public var alone: UInt64

        init(_ share: MergedTap.Share) {
            packets = share.packets
            alone = share.alone
        }
    }

    public struct Outcome: Sendable {
        public var first: Share
        public var second: Share
        /// What the clocks were tied by: `packets`, `timestamps` or `wallClock`.
        public var tie: String
        /// How much earlier than the first's the new master begins; 0 unless the second recorder was there before the first.
        public var earlierMilliseconds: Int64
        /// Of the new master.
        public var summary: RecordingSummary
    }

    /// Packets that nobody has are waited for longer here than in a meeting: it costs nothing.
    private static let patience = StreamRecorder.Patience(nanoseconds: 2_000_000_000, packets: 4_096)
    private static let hold: Int64 = 2_500_000_000
    private static let stepNanoseconds: UInt64 = 20_000_000
    /// Between two entries there is no more; what says otherwise is damaged.
    private static let longestPause: UInt64 = 7 * 86_400_000_000_000

    /// What each of two recordings has that the other has not. Both are read whole: a packet file may tell of clusters that the
    /// disk has lost.
    public static func compare(
        _ first: String, _ second: String
    ) throws(RecorderFailure) -> (first: Share, second: Share) {
        do {
            let survey = try survey(first, second)
            var tap = MergedTap(
                try RecordedTap(master: first, headsOnly: false), try RecordedTap(master: second, headsOnly: false),
                survey)
            var now: UInt64 = 0
            while let arrival = try tap.peek() {
                now = max(now, arrival) &+ stepNanoseconds
                try tap.take(until: now) { _ in }
            }
            try tap.take(until: .max) { _ in }
            return (Share(tap.shares.first), Share(tap.shares.second))
        } catch {
            throw RecorderFailure(error)
        }
    }

    private static func survey(
        _ first: String, _ second: String, areParts: Bool = false
    ) throws(MatroskaError) -> TieSurvey.Result {
        try TieSurvey.run(
            RecordedTap(master: first, headsOnly: true), RecordedTap(master: second, headsOnly: true),
            areParts: areParts)
    }

    /// Writes the master of both, with its chain and its packet file, at `path`, where nothing may be yet. Where it throws,
    /// nothing is left of it.
    ///
    /// - Parameters:
    ///   - areParts: the second was begun after the first had ended, so that nothing but the wall clock ties them.
    ///   - isCancelled: asked now and then; where it is true, the merge ends with `interrupted`.
    ///   - onProgress: told milliseconds of the new master.
    public static func merge(
        _ first: String, _ second: String, into path: String, areParts: Bool = false,
        isCancelled: () -> Bool = { false },
        onProgress: (Int64) -> Void = { _ in }
    ) throws(RecorderFailure) -> Outcome {
        var hasBegun = false
        do {
            let survey = try survey(first, second, areParts: areParts)
            let recordings = (
                try RecordedTap(master: first, headsOnly: false), try RecordedTap(master: second, headsOnly: false)
            )
            var tap = MergedTap(recordings.0, recordings.1, survey)
            let start = recordings.0.startNanoseconds
            // Nothing that the second had before the first was there is cut off.
            let begin = min(start, survey.tie.first(of: recordings.1.startNanoseconds))
            let info = recordings.0.info
            let master = try MasterFile(
                path: path, title: info.title, meetingID: recordings.0.meeting,
                dateNanoseconds: info.dateNanoseconds.map { $0 &- Int64(clamping: start - begin) },
                startNanoseconds: begin, tags: areParts ? [:] : [recordersTag: "2"], hold: hold)
            hasBegun = true
            var session = RecordingSession(master: master, startNanoseconds: begin, patience: patience)
            try replay(&tap, into: &session, from: begin, isCancelled, onProgress)
            try session.finish(chapters(recordings, survey.tie, begin, areParts: areParts))
            let summary = session.summary(overflow: 0, failure: nil)
            return Outcome(
                first: Share(tap.shares.first), second: Share(tap.shares.second), tie: survey.tie.basis.rawValue,
                earlierMilliseconds: Int64(clamping: (start - begin) / 1_000_000), summary: summary)
        } catch {
            if hasBegun { remove(path) }
            throw RecorderFailure(error)
        }
    }

    /// How many recorders a master was made of, where it was more than one.
    static let recordersTag = "RECORDERS"

    /// Removes a master with all that lies beside it.
    public static func remove(_ master: String) {
        for path in files(of: master) + [MasterFile.reservePath(of: master)] { unlink(path) }
    }

    /// A master, its chain and its packets.
    public static func files(of master: String) -> [String] {
        [master, ClusterChainFile.path(of: master), PacketFile.path(of: master)]
    }

    private static func replay(
        _ tap: inout MergedTap, into session: inout RecordingSession, from begin: UInt64, _ isCancelled: () -> Bool,
        _ onProgress: (Int64) -> Void
    ) throws(MatroskaError) {
        var now = begin
        var bytes: [UInt8] = []
        while !tap.isAtEnd {
            guard !isCancelled() else { throw .interrupted }
            if let next = try tap.peek(), next > now, next - now > longestPause { now = next }
            now &+= stepNanoseconds
            try session.begin(at: now)
            try tap.take(until: now) { note throws(MatroskaError) in
                switch note {
                case .stream(let track): session.add(track)
                case .packet(let head, let payload):
                    write(head, payload, to: &bytes)
                    try session.take(
                        TapEntry(
                            kind: .packet, track: head.stream, arrivalNanoseconds: max(head.arrival, begin),
                            codec: head.codec.rawValue, rtpTimestamp: head.timestamp), bytes)
                case .senderReport(let stream, let arrival, let rtp, let ntp):
                    try session.take(
                        TapEntry(
                            kind: .senderReport, track: stream, arrivalNanoseconds: arrival, rtpTimestamp: rtp,
                            ntpTimestamp: ntp), [])
                case .end(let stream, let arrival):
                    try session.take(TapEntry(kind: .end, track: stream, arrivalNanoseconds: arrival), [])
                case .overflow(let from, let to): session.addOverflow(min(from, to)...to)
                }
            }
            try session.write(at: now)
            onProgress(Int64(clamping: (now - begin) / 1_000_000))
        }
    }

    /// An RTP packet again; of the payload type nothing depends.
    private static func write(_ head: PacketHead, _ payload: [UInt8], to bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        bytes += repeatElement(0, count: RTPPacketInfo.fixedHeaderSize)
        bytes += payload
        bytes.withUnsafeMutableBytes { room in
            guard let base = room.baseAddress else { return }
            RTPHeaderWriter.write(
                base, payloadType: 96, marker: head.marker, sequenceNumber: head.sequence, timestamp: head.timestamp,
                ssrc: head.ssrc)
        }
    }

    /// The first's; or, where its recorder died before it could write them, the second's. Of parts those of both.
    private static func chapters(
        _ recordings: (RecordedTap, RecordedTap), _ tie: ClockTie, _ begin: UInt64, areParts: Bool
    ) -> [MatroskaChapter] {
        func moved(_ chapters: [MatroskaChapter], _ time: (UInt64) -> UInt64) -> [MatroskaChapter] {
            chapters.map { chapter in
                MatroskaChapter(
                    title: chapter.title, startNanoseconds: time(chapter.startNanoseconds),
                    endNanoseconds: time(chapter.endNanoseconds))
            }
        }
        let (first, second) = recordings
        let firsts = moved(first.chapters) { $0 &+ (first.startNanoseconds - begin) }
        guard firsts.isEmpty || areParts else { return firsts }
        let seconds = moved(second.chapters) { time in
            let mine = tie.first(of: second.startNanoseconds &+ time)
            return mine > begin ? mine - begin : 0
        }
        return firsts + seconds
    }
}
