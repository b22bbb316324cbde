import Foundation
import MediaPlane
import Recorder
import Synchronization

/// The recorders of a meeting: one in the archive and, where the site has a second disk for it, another there, each with a
/// ring, a thread and losses of its own. The meeting is recorded as long as one of them goes on.
final class RecorderPair: Sendable {
    /// What the media plane writes to.
    let tap: TapRing
    private let first: MeetingRecorder?
    private let second: MeetingRecorder?

    /// Each end of a recorder before its time, and whether another goes on.
    typealias Trouble = @Sendable (_ text: String, _ goesOn: Bool) -> Void
    private static let ringOctets = 8 << 20

    /// Begins both. Throws where neither can; one that cannot is told of.
    init(
        path: String, second: SecondRecording?, title: String, meeting: String, onTrouble: @escaping Trouble
    ) throws(RecorderFailure) {
        let date = Int64(Date().timeIntervalSince1970 * 1_000_000_000)
        let twin = second.map { _ in TapRing(capacity: Self.ringOctets) }
        let tap = TapRing(capacity: Self.ringOctets, twin: twin)
        // Counted before they begin: one may fail at once.
        let told = Going(twin == nil ? 1 : 2, onTrouble)
        func begin(_ path: String, _ ring: TapRing) throws(RecorderFailure) -> MeetingRecorder {
            try MeetingRecorder(
                path: path, title: title, meetingID: meeting, dateNanoseconds: date, ring: ring,
                onFailure: { told.end($0) })
        }
        var failures: [RecorderFailure] = []
        var recorders: [MeetingRecorder?] = []
        do throws(RecorderFailure) { recorders.append(try begin(path, tap)) } catch {
            failures.append(error)
            recorders.append(nil)
        }
        if let second, let twin {
            do {
                try second.prepare()
                recorders.append(try begin(second.master, twin))
            } catch {
                failures.append((error as? RecorderFailure) ?? RecorderFailure(cannotOpen: second.folder, error))
                recorders.append(nil)
            }
        }
        (self.tap, first, self.second) = (tap, recorders.first ?? nil, recorders.count > 1 ? recorders[1] : nil)
        guard first != nil || self.second != nil else { throw failures[0] }
        for failure in failures { told.end(failure) }
    }

    /// Of the first, whose time the merged master has too.
    var elapsedMilliseconds: Int64 { first?.elapsedMilliseconds ?? second?.elapsedMilliseconds ?? 0 }

    /// For how long packets have been waiting for the recorder that is further behind; nil where both are over.
    var lagSeconds: Double? {
        [first, second].compactMap { $0?.lagNanoseconds }.max().map { Double($0) / 1e9 }
    }

    /// How many go on.
    private final class Going: Sendable {
        private let count: Mutex<Int>
        private let onTrouble: Trouble

        init(_ count: Int, _ onTrouble: @escaping Trouble) {
            self.count = Mutex(count)
            self.onTrouble = onTrouble
        }

        func end(_ failure: RecorderFailure) {
            let left = count.withLock { count in
                count -= 1
                return count
            }
            onTrouble(failure.description, left > 0)
        }
    }

    func addTrack(_ track: RecordedTrack) {
        first?.addTrack(track)
        second?.addTrack(track)
    }

    func markSpotlight(of name: String?) {
        first?.markSpotlight(of: name)
        second?.markSpotlight(of: name)
    }

    typealias Outcome = RecordingSummary

    /// Ends both, and says what became of the first, or of the second where there is no first.
    func finish() async -> Outcome? {
        async let one = first?.finish()
        async let two = second?.finish()
        let (summary, twin) = await (one, two)
        return summary ?? twin
    }
}
