import Conference
import Foundation
import MediaPlane
import PortalAPI

/// What an operator should look at now.
extension BridgeHost {
    /// A recorder is some hundredths of a second behind by its nature.
    private static let longestLag = 2.0
    /// For how long it is told of that something did not fit between threads.
    private static let overflowTold = Duration.seconds(600)

    func warnings(of open: [MeetingStatus], _ workers: [WorkerStatistics]) -> [StatusWarning] {
        open.flatMap { warnings(of: $0) } + warnings(of: workers) + audit.warnings
    }

    private func warnings(of meeting: MeetingStatus) -> [StatusWarning] {
        let id = meeting.id.rawValue
        var warnings: [StatusWarning] = []
        func warn(_ kind: StatusWarning.Kind, _ vietnamese: String, _ english: String) {
            warnings.append(
                StatusWarning(
                    kind, meeting: id, vietnamese: "Cuộc họp \(id): \(vietnamese)", english: "meeting \(id): \(english)"
                ))
        }
        let hall = halls[meeting.id]
        if let failure = meeting.recordingFailure {
            warn(.recordingStopped, "việc ghi hình đã dừng: \(failure)", "the recording stopped: \(failure)")
        } else if let failure = hall?.stoppedRecorders.last {
            warn(
                .recorderStopped, "một trong hai bộ ghi đã dừng, bộ kia vẫn ghi: \(failure)",
                "one of its two recorders stopped, the other goes on: \(failure)")
        }
        if let lag = hall?.recording?.recorder.lagSeconds, lag > Self.longestLag {
            let seconds = String(format: "%.1f", lag)
            warn(
                .recorderBehind,
                "bộ ghi chậm \(seconds.replacingOccurrences(of: ".", with: ",")) giây vì đĩa không theo kịp",
                "the recorder is \(seconds) s behind: the disk does not keep up")
        }
        if let lost = hall?.lostPackets, lost > 0 {
            warn(
                .recordingLoses, "bản ghi mất \(lost) gói tin vì đĩa quá chậm",
                "the recording lost \(lost) packets: the disk is too slow")
        }
        return warnings
    }

    private func warnings(of workers: [WorkerStatistics]) -> [StatusWarning] {
        var warnings: [StatusWarning] = []
        let skipped = workers.reduce(UInt64(0)) { $0 &+ $1.skippedTicks }
        if skipped > 0 {
            warnings.append(
                StatusWarning(
                    .machineSlow,
                    vietnamese:
                        "Máy không theo kịp các cuộc họp: \(skipped) khung tiếng (mỗi khung 20 ms) đã bị bỏ từ khi khởi động; "
                        + "hãy họp ít cuộc hơn cùng một lúc, hoặc thêm lõi xử lý.",
                    english:
                        "the machine is too slow for its meetings: \(skipped) frames of sound (20 ms each) were left "
                        + "out since the start; hold fewer meetings at once, or give it more cores"))
        }
        let count = workers.reduce(UInt64(0)) {
            $0 &+ $1.fanOutOverflows &+ $1.filmOverflows &+ $1.pictureOverflows
        }
        if count > overflows.count { overflows = (count, .now) }
        if let seen = overflows.seen, .now - seen < Self.overflowTold {
            warnings.append(
                StatusWarning(
                    .ringsOverflow,
                    vietnamese:
                        "Hàng đợi giữa các luồng xử lý bị tràn, hình hoặc tiếng có chỗ bị bỏ (\(count) lần từ khi khởi động): "
                        + "máy không theo kịp.",
                    english:
                        "queues between threads overflowed, and pictures or sound were dropped (\(count) times since the start): "
                        + "the machine does not keep up"))
        }
        return warnings
    }

    /// Recorders of meetings in progress that ended before their time.
    func stoppedRecorders() -> Int { halls.values.reduce(0) { $0 + $1.stoppedRecorders.count } }
}
