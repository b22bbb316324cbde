import Foundation
import Vietnamese

/// What a point is told of a meeting, in Vietnamese.
public struct InvitationText: Sendable {
    private let meeting: ScheduledMeeting
    private let register: OfficeRegister
    private let domain: String
    /// Under which browsers reach the portal.
    private let publicURL: String?
    /// Names of the papers.
    private let papers: [String]
    private let guides: [Guide]

    /// Where a point reads how to join by one kind of device.
    public struct Guide: Hashable, Sendable {
        public var device: Words
        public var url: String
        public init(device: Words, url: String) {
            self.device = device
            self.url = url
        }
    }

    public init(
        _ meeting: ScheduledMeeting, _ register: OfficeRegister, domain: String, publicURL: String?,
        papers: [String] = [], guides: [Guide] = []
    ) {
        self.meeting = meeting
        self.register = register
        self.domain = domain
        self.publicURL = publicURL
        self.papers = papers
        self.guides = guides
    }

    /// To one point, whose own guides are in it, or to all that are invited.
    public func text(to point: String?) -> String {
        var lines = ["GIẤY MỜI HỌP TRỰC TUYẾN", ""]
        lines.append("Kính gửi: " + (point.map(address) ?? "các điểm cầu được mời"))
        lines.append("")
        lines.append("\(meeting.convener) trân trọng kính mời dự cuộc họp: \(meeting.title).")
        lines.append("Theo văn bản số \(meeting.document.number) ngày \(Self.day(meeting.document.date)).")
        lines.append("Lĩnh vực: \(meeting.field).")
        if let level { lines.append("Mức độ mật: \(level).") }
        lines += times
        if let chair = meeting.chair { lines.append("Chủ tọa: \(chair.name).") }
        if let point, let invitee = meeting.invited.first(where: { $0.point == point }) {
            lines.append(invitee.necessity == .required ? "Yêu cầu: bắt buộc dự." : "Yêu cầu: mời dự.")
        }
        lines.append(
            "Phòng họp: \(register.room(meeting.room)?.title ?? meeting.room) (sip:\(meeting.room)@\(domain)).")
        lines += agenda
        if !papers.isEmpty { lines += ["", "Tài liệu kèm theo:"] + papers.map { "- \($0)" } }
        lines += joining(point)
        return lines.joined(separator: "\n") + "\n"
    }

    private func address(_ id: String) -> String {
        guard let point = register.point(id) else { return id }
        let unit = point.unit.flatMap(register.unit)?.name
        return [unit, point.name == unit ? nil : "điểm cầu \(point.name)"].compactMap { $0 }.joined(separator: " – ")
    }

    private var level: String? {
        switch meeting.confidentiality {
        case .ordinary: nil
        case .restricted: "hạn chế"
        case .secret: "Mật"
        case .highlySecret: "Tối mật"
        case .topSecret: "Tuyệt mật"
        }
    }

    private var times: [String] {
        var lines = ["Thời gian: \(Self.moment(meeting.starts)), dự kiến \(meeting.minutes) phút."]
        if meeting.recurrence != nil {
            let sittings = meeting.sittings
            lines.append("Các buổi (\(sittings.count)):")
            lines += sittings.prefix(12).map { "- \(Self.moment($0.starts))" }
            if sittings.count > 12, let last = sittings.last { lines.append("- … đến \(Self.moment(last.starts))") }
        }
        if let first = meeting.sittings.first, first.rehearsalFrom < first.starts {
            lines.append(
                "Thử kỹ thuật: từ \(Self.clock(first.rehearsalFrom)); mỗi điểm cầu cử cán bộ kỹ thuật trực suốt buổi họp."
            )
        }
        return lines
    }

    private var agenda: [String] {
        guard !meeting.agenda.isEmpty else { return [] }
        return ["", "Chương trình:"]
            + meeting.agenda.enumerated().map { index, item in
                let details = [item.speaker, item.minutes > 0 ? "\(item.minutes) phút" : ""].filter { !$0.isEmpty }
                return "\(index + 1). \(item.title)" + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
            }
    }

    private func joining(_ point: String?) -> [String] {
        var lines = ["", "Cách vào họp:", "- Thiết bị phòng họp, phần mềm SIP: gọi sip:\(meeting.room)@\(domain)."]
        if let publicURL { lines.append("- Trình duyệt: \(publicURL)/join/\(meeting.room)") }
        lines.append("- Kiểm tra đường truyền trước: gọi sip:kiemtra@\(domain).")
        if let point, let username = register.point(point)?.username {
            lines.append("- Tài khoản của điểm cầu: \(username).")
            if !guides.isEmpty {
                lines.append("- Hướng dẫn riêng của điểm cầu (không chuyển cho nơi khác):")
                lines += guides.map { "  \($0.device.vietnamese): \($0.url)" }
            }
        }
        return lines
    }

    /// `08 giờ 00, thứ Ba ngày 01/12/2026`
    static func moment(_ date: Date) -> String {
        let names = ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"]
        return "\(clock(date)), \(names[CivilDay(date).weekday]) ngày \(day(IndochinaTime.day(date)))"
    }

    static func clock(_ date: Date) -> String {
        let text = IndochinaTime.text(date)
        return "\(text.dropFirst(11).prefix(2)) giờ \(text.dropFirst(14).prefix(2))"
    }

    /// `2026-11-20` as `20/11/2026`.
    static func day(_ iso: String) -> String { iso.split(separator: "-").reversed().joined(separator: "/") }
}
