/// Why a meeting is not put on the schedule.
public enum ScheduleFault: OfficeFault, Hashable {
    case missing(Words)
    case tooLong(Words)
    case invalidDocumentDate
    case documentAfterStart
    case unknownRoom(String)
    case roomClosed(String)
    case unknownPoint(String)
    case invitedTwice(String)
    case nobodyInvited
    case tooManyPoints(maximum: Int)
    case unknownPerson(String)
    case chairNotInvited(String)
    case durationOutOfBounds
    case rehearsalOutOfBounds
    case agendaOutOfBounds
    case recurrenceOutOfBounds
    case noSitting
    case inThePast
    /// A state secret, and no declared line of the cipher service.
    case noCipherLine(room: String)
    case recordingForbidden
    case roomTaken(room: String, by: String, at: String)
    case unknownMeeting(String)
    case cancelled(String)

    public var words: Words {
        switch self {
        case .missing(let what): Words("Thiếu \(what.vietnamese).", "The \(what.english) is missing.")
        case .tooLong(let what):
            Words("\(what.vietnamese.firstUppercased) quá dài.", "The \(what.english) is too long.")
        case .invalidDocumentDate:
            Words("Ngày văn bản không hợp lệ.", "The document's date is not a date.")
        case .documentAfterStart:
            Words(
                "Văn bản triệu tập phải có trước cuộc họp.", "The convening document is to be older than the meeting.")
        case .unknownRoom(let room): Words("Không có phòng họp \(shown(room)).", "There is no room \(shown(room)).")
        case .roomClosed(let room): Words("Phòng họp \(shown(room)) đang đóng.", "The room \(shown(room)) is closed.")
        case .unknownPoint(let point): Words("Không có điểm cầu \(shown(point)).", "There is no point \(shown(point)).")
        case .invitedTwice(let point):
            Words("Điểm cầu \(shown(point)) được mời hai lần.", "The point \(shown(point)) is invited twice.")
        case .nobodyInvited: Words("Chưa mời điểm cầu nào.", "No point is invited.")
        case .tooManyPoints(let maximum):
            Words("Phòng họp chỉ nhận \(maximum) điểm cầu.", "The room takes only \(maximum) points.")
        case .unknownPerson(let person):
            Words("Không có người dùng \(shown(person)).", "There is no person \(shown(person)).")
        case .chairNotInvited(let point):
            Words(
                "Điểm cầu chủ tọa \(shown(point)) chưa được mời.", "The chair's point \(shown(point)) is not invited.")
        case .durationOutOfBounds:
            Words("Thời lượng từ 5 phút đến 24 giờ.", "A meeting lasts 5 minutes to 24 hours.")
        case .rehearsalOutOfBounds:
            Words(
                "Thử kỹ thuật bắt đầu trước giờ họp từ 0 đến 240 phút.", "The rehearsal begins 0 to 240 minutes before."
            )
        case .agendaOutOfBounds:
            Words(
                "Chương trình có tối đa 100 mục, mỗi mục từ 0 đến 1440 phút.",
                "An agenda has at most 100 items of 0 to 1440 minutes.")
        case .recurrenceOutOfBounds:
            Words("Lịch lặp lại tối đa 400 lần trong 3 năm.", "A meeting repeats at most 400 times within three years.")
        case .noSitting: Words("Không còn buổi họp nào.", "No sitting is left.")
        case .inThePast: Words("Giờ họp đã qua.", "The time of the meeting is past.")
        case .noCipherLine(let room):
            Words(
                "Cuộc họp có nội dung bí mật nhà nước: phòng \(shown(room)) chưa khai báo đường truyền cơ yếu.",
                "A state secret: no line of the cipher service is declared for the room \(shown(room)).")
        case .recordingForbidden:
            Words("Nội dung tối mật, tuyệt mật: không được ghi.", "At this level of secrecy nothing may be recorded.")
        case .roomTaken(let room, let other, let at):
            Words(
                "Phòng \(shown(room)) đã có cuộc họp khác lúc \(at): \(shown(other)).",
                "The room \(shown(room)) is taken at \(at): \(shown(other)).")
        case .unknownMeeting(let id): Words("Không có cuộc họp \(shown(id)).", "There is no meeting \(shown(id)).")
        case .cancelled(let id): Words("Cuộc họp \(shown(id)) đã hủy.", "The meeting \(shown(id)) is cancelled.")
        }
    }
}
