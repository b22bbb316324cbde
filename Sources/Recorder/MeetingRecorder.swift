import CLinux
import Evidence
import Glibc
import Matroska
import MediaPlane
import Synchronization

/// Records a meeting: takes what its room's tap holds, on a thread of its own, and writes the master.
///
/// The tap is looked at every 20 ms, so a media worker makes no call to wake anybody. What a packet holds waits at most 0.25 s
/// for missing packets and for other streams, and 0.25 s for its cluster: half a second is what a killed process loses.
///
/// `finish` must be called in the end: the thread runs until then, also after a failure.
public final class MeetingRecorder: Sendable {
    private static let pollNanoseconds = 20_000_000
    /// Polls after the end was asked for, in which what was on its way still comes.
    private static let lastPolls = 3

    private struct Control {
        var newTracks: [RecordedTrack] = []
        var spotlights = SpotlightMarks()
        var isEnding = false
        var summary: RecordingSummary?
        var waiting: [CheckedContinuation<RecordingSummary, Never>] = []
    }
    private let control = Mutex(Control())
    /// When the recorder last took all that the tap held, on the monotonic clock; 0 once it takes nothing any more.
    private let tookAt: Atomic<UInt64>

    /// When the master's time is 0, on the monotonic clock.
    private let startNanoseconds: UInt64

    /// Milliseconds of the master that have passed.
    public var elapsedMilliseconds: Int64 {
        let now = Self.monotonicNanoseconds()
        return Int64(clamping: (max(now, startNanoseconds) - startNanoseconds) / 1_000_000)
    }

    /// For how long packets have been waiting in the tap, in nanoseconds: a few tens of milliseconds, and more where the disk does not keep
    /// up. Nil once the recording is over.
    public var lagNanoseconds: UInt64? {
        let took = tookAt.load(ordering: .relaxed)
        let now = Self.monotonicNanoseconds()
        return took == 0 ? nil : max(now, took) - took
    }

    /// What the thread is given, once.
    private final class Start: @unchecked Sendable {
        // Used by the new thread alone: the one that makes it lets go of it in `pthread_create`.
        let recorder: MeetingRecorder
        let master: MasterFile
        let ring: TapRing
        let startNanoseconds: UInt64
        let onFailure: @Sendable (RecorderFailure) -> Void

        init(
            _ recorder: MeetingRecorder, _ master: MasterFile, _ ring: TapRing, _ startNanoseconds: UInt64,
            _ onFailure: @escaping @Sendable (RecorderFailure) -> Void
        ) {
            self.recorder = recorder
            self.master = master
            self.ring = ring
            self.startNanoseconds = startNanoseconds
            self.onFailure = onFailure
        }
    }

    /// Makes the file at `path` and begins. The master's time runs from now on.
    ///
    /// - Parameters:
    ///   - dateNanoseconds: when that is, in nanoseconds since 1970.
    ///   - onFailure: called once, from the recorder's thread, when writing fails; the recording is then over.
    public init(
        path: String, title: String, meetingID: String, dateNanoseconds: Int64, ring: TapRing,
        onFailure: @escaping @Sendable (RecorderFailure) -> Void
    ) throws(RecorderFailure) {
        let begin = Self.monotonicNanoseconds()
        startNanoseconds = begin
        tookAt = Atomic(begin)
        let master: MasterFile
        do {
            master = try MasterFile(
                path: path, title: title, meetingID: meetingID, dateNanoseconds: dateNanoseconds,
                startNanoseconds: begin)
        } catch {
            throw RecorderFailure(error)
        }
        let start = Start(self, master, ring, begin, onFailure)
        let box = Unmanaged.passRetained(start)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                cl_enter_worker_thread("recorder", -1)
                start.recorder.run(start.master, start.ring, start.startNanoseconds, start.onFailure)
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            box.release()
            master.abandon()
            throw RecorderFailure(MatroskaError.cannotOpen(path: path, errno: result))
        }
        pthread_detach(thread)
    }

    /// Tells whose a stream of the tap is. Packets of a stream that nobody told of are kept for five seconds, and
    /// afterwards counted only.
    public func addTrack(_ track: RecordedTrack) { control.withLock { $0.newTracks.append(track) } }

    /// Tells whom all see from now on, by the name of its tracks; nil: whoever speaks. Each time that somebody is in the
    /// spotlight becomes a chapter of the master.
    public func markSpotlight(of name: String?) {
        control.withLock { $0.spotlights.mark(name, at: Self.monotonicNanoseconds()) }
    }

    /// Ends the recording, with everything that is in the tap, and waits until the file is finished.
    public func finish() async -> RecordingSummary {
        await withCheckedContinuation { continuation in
            let summary = control.withLock { control -> RecordingSummary? in
                control.isEnding = true
                if control.summary == nil { control.waiting.append(continuation) }
                return control.summary
            }
            if let summary { continuation.resume(returning: summary) }
        }
    }

    /// Finishes a master whose recorder died, and its chain. A finished one stays as it is.
    public static func recover(path: String) throws(RecorderFailure) -> RecoveredMaster {
        unlink(MasterFile.reservePath(of: path))
        do {
            let outcome = try MatroskaRecovery.recover(path: path)
            let info = try MatroskaReader(path: path).info
            let meeting = info.tags[MasterFile.meetingTag] ?? ""
            // What cannot be chained now is before the sealing.
            _ = try? ClusterChainFile.complete(ClusterChainFile.path(of: path), master: path, meeting: meeting)
            return RecoveredMaster(
                wasNeeded: outcome.wasNeeded, durationMilliseconds: outcome.durationNanoseconds / 1_000_000,
                damagedClusters: outcome.damagedClusters, beganNanoseconds: info.dateNanoseconds)
        } catch {
            throw RecorderFailure(error)
        }
    }

    // MARK: On the recorder's thread

    private enum State {
        case recording
        /// The end was asked for; what is on its way may still come.
        case ending(pollsLeft: Int)
        case failed(RecorderFailure)
        case finished
    }

    private func run(
        _ master: MasterFile, _ ring: TapRing, _ startNanoseconds: UInt64,
        _ onFailure: @Sendable (RecorderFailure) -> Void
    ) {
        var session = RecordingSession(master: master, startNanoseconds: startNanoseconds)
        var state = State.recording
        var failure: RecorderFailure?
        polling: while true {
            let (tracks, isEnding) = control.withLock { control in
                defer { control.newTracks = [] }
                return (control.newTracks, control.isEnding)
            }
            for track in tracks { session.add(track) }
            state = advance(state, isEnding, &session, ring, startNanoseconds)
            switch state {
            case .recording, .ending: tookAt.store(Self.monotonicNanoseconds(), ordering: .relaxed)
            case .failed(let reason):
                tookAt.store(0, ordering: .relaxed)
                if failure == nil {
                    failure = reason
                    master.abandon()
                    onFailure(reason)
                }
                // Nobody else empties the tap.
                ring.drain { _, _ in }
                if isEnding { break polling }
            case .finished:
                tookAt.store(0, ordering: .relaxed)
                break polling
            }
            var pause = timespec(tv_sec: 0, tv_nsec: Self.pollNanoseconds)
            nanosleep(&pause, nil)
        }
        let summary = session.summary(overflow: ring.droppedEntries, failure: failure)
        let waiting = control.withLock { control in
            control.summary = summary
            defer { control.waiting = [] }
            return control.waiting
        }
        for continuation in waiting { continuation.resume(returning: summary) }
    }

    private func advance(
        _ state: State, _ isEnding: Bool, _ session: inout RecordingSession, _ ring: TapRing,
        _ startNanoseconds: UInt64
    ) -> State {
        do throws(MatroskaError) {
            switch state {
            case .recording:
                try session.drain(ring, at: Self.monotonicNanoseconds())
                return isEnding ? .ending(pollsLeft: Self.lastPolls - 1) : .recording
            case .ending(let pollsLeft):
                try session.drain(ring, at: Self.monotonicNanoseconds())
                guard pollsLeft <= 1 else { return .ending(pollsLeft: pollsLeft - 1) }
                let marks = control.withLock { $0.spotlights }
                try session.finish(marks.chapters(from: startNanoseconds, to: Self.monotonicNanoseconds()))
                return .finished
            case .failed, .finished:
                return state
            }
        } catch {
            return .failed(RecorderFailure(error))
        }
    }

    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
