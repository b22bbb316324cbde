import Conference

extension Announcement {
    /// What a page shows of itself, or a device's own lamp, needs no words there.
    var isWritten: Bool {
        switch self {
        case .recordingOn, .recordingPaused, .recordingOff, .microphoneOpened, .microphoneMuted, .handRaised,
            .handLowered, .ballotTaken, .meetingEnds:
            false
        default: true
        }
    }

    /// For people, Vietnamese first, and English.
    var text: String {
        switch self {
        case .pleaseWait: "Xin chờ chủ tọa mở cuộc họp. / Please wait for the chair."
        case .enterPIN: "Xin bấm mã PIN của phòng họp rồi phím #. / Please enter the room's PIN and #."
        case .wrongPIN: "Mã PIN chưa đúng, xin bấm lại. / The PIN is wrong, please try again."
        case .meetingOpens: "Cuộc họp bắt đầu. / The meeting begins."
        case .meetingEnds: "Cuộc họp kết thúc. / The meeting is over."
        case .meetingEndsSoon: "Theo lịch, cuộc họp còn 5 phút. / By the schedule 5 minutes are left."
        case .meetingLocked: "Phòng họp đã khóa. / The meeting is locked."
        case .meetingUnlocked: "Phòng họp đã mở khóa. / The meeting is unlocked."
        case .recordingOn: "Cuộc họp đang được ghi. / The meeting is being recorded."
        case .recordingPaused: "Tạm dừng ghi. / The recording is paused."
        case .recordingOff: "Đã dừng ghi. / The recording has ended."
        case .microphoneOpened: "Micrô của điểm cầu đã mở. / Your microphone is open."
        case .microphoneMuted: "Micrô của điểm cầu đã tắt. / Your microphone is muted."
        case .yourTurn(let limit): Self.yourTurn(limit)
        case .turnOver: "Lượt phát biểu đã kết thúc. / Your turn is over."
        case .timeLeft(let left): "Thời gian phát biểu còn \(left.spoken.vi). / \(left.spoken.en) left to speak."
        case .timeOver: "Đã hết thời gian phát biểu. / The speaking time is over."
        case .handRaised(let place):
            "Đã đăng ký phát biểu, thứ tự \(place). / Your request to speak is number \(place)."
        case .handLowered: "Đã rút đăng ký phát biểu. / Your request to speak is withdrawn."
        case .lateComer(let name): "\(name) vừa vào họp. / \(name) has joined."
        case .waits(let name): "\(name) đang chờ được vào. / \(name) waits to be let in."
        case .dropped(let name): "\(name) bị mất kết nối, đang gọi lại. / \(name) was cut off and is called back."
        case .missing(let names): "Vắng khi khai mạc: \(names.joined(separator: ", ")). / Missing at the opening."
        case .present(let count, let all):
            "Có mặt \(count) trên \(all) điểm cầu. / \(count) of \(all) points are present."
        case .inSideRoom(let room): "Điểm cầu đang ở phòng bên “\(room)”. / You are in the side room “\(room)”."
        case .backInHall: "Điểm cầu đã trở lại phòng họp. / You are back in the meeting."
        case .removed(let reason): "Chủ tọa mời điểm cầu rời cuộc họp: \(reason). / The chair removed this point."
        case .voteOpens(let question):
            "Biểu quyết: \(question) — bấm 1 tán thành, 2 không tán thành, 3 không có ý kiến. / "
                + "Vote: press 1 for, 2 against, 3 to abstain."
        case .ballotTaken(let ballot): "Đã ghi nhận: \(ballot.word.vi). / Your vote is taken: \(ballot.word.en)."
        case .ballotRefused: "Phiếu không được tính. / Your vote does not count."
        case .voteResult(let tally):
            "Kết quả: tán thành \(tally.votesFor), không tán thành \(tally.votesAgainst), không có ý kiến "
                + "\(tally.abstentions). / For \(tally.votesFor), against \(tally.votesAgainst), "
                + "abstained \(tally.abstentions)."
        case .unknownKey: "Phím không có tác dụng. / This key does nothing."
        case .notAllowed: "Việc này chưa được phép. / This is not allowed now."
        }
    }

    private static func yourTurn(_ limit: Duration?) -> String {
        guard let limit else { return "Mời điểm cầu phát biểu. / You have the word." }
        return "Mời điểm cầu phát biểu, thời gian \(limit.spoken.vi). / You have the word for \(limit.spoken.en)."
    }
}

extension Ballot {
    fileprivate var word: (vi: String, en: String) {
        switch self {
        case .for: ("tán thành", "for")
        case .against: ("không tán thành", "against")
        case .abstain: ("không có ý kiến", "abstain")
        }
    }
}

extension Duration {
    /// In minutes where it is whole ones, otherwise in seconds.
    fileprivate var spoken: (vi: String, en: String) {
        let seconds = components.seconds
        guard seconds >= 60, seconds.isMultiple(of: 60) else { return ("\(seconds) giây", "\(seconds) s") }
        return ("\(seconds / 60) phút", "\(seconds / 60) min")
    }
}
