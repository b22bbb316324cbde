@testable import Conference

/// A room of five points that has a chair, and a meeting convened there for 09:30.
enum Hall {
    static let points: [PointID] = ["chutoa", "soyte", "phuloc", "aluoi", "namdong"]
    static let register = Conference.Register(
        units: [],
        points: points.map { .init(id: $0, name: "Điểm \($0)") } + [
            .init(id: "khach", name: "Khách"), .init(id: "cong", name: "Cổng điện thoại", isTelephone: true),
        ],
        rooms: [
            .init(
                id: "hop", title: "Họp", admits: .points(Set(points + ["cong"])), linger: .seconds(60), pin: "2468",
                chair: "chutoa", callsBack: true),
            .init(id: "ghi", title: "Họp có ghi", standingOrder: standingOrder),
        ])
    static let chair = Officer(name: "Bà Chủ tọa", authority: .chair, person: "ba")
    static let technician = Officer(name: "Kỹ thuật", authority: .technician)

    static func convening(
        _ room: RoomID = "hop", opensAfter seconds: Double = 1800,
        confidentiality: Convening.Confidentiality = .ordinary,
        recordingOrder: Conference.RecordingOrder? = nil,
        agenda: [Convening.AgendaItem] = [.init(title: "Báo cáo")]
    ) -> Convening {
        Convening(
            id: "hop-1", room: room, title: "Giao ban tháng", rehearsalFrom: at(0).wall, opensAt: at(seconds).wall,
            endsAt: at(seconds + 3600).wall, chair: .init(point: "chutoa", person: "ba", name: "Bà Chủ tọa"),
            invited: ["soyte", "phuloc", "aluoi"], required: ["soyte"], confidentiality: confidentiality,
            recordingOrder: recordingOrder, agenda: agenda)
    }
}

extension Bench {
    /// The room with its chair and three points in it: participants 1 to 4.
    static func sitting() -> Bench {
        var bench = Bench(Hall.register)
        for (index, point) in Hall.points.prefix(4).enumerated() {
            bench.arrive(ParticipantID(rawValue: UInt64(index + 1)), point, "hop", at: Double(index))
            bench.send(.mediaEstablished(ParticipantID(rawValue: UInt64(index + 1))), at: at(Double(index)))
        }
        return bench
    }

    var id: MeetingID { conference.openMeetings.first?.id ?? "none" }
    var status: MeetingStatus? { conference.openMeetings.first }

    @discardableResult
    mutating func order(
        _ command: Conference.Command, by officer: Officer = Hall.chair, at seconds: Double = 10
    ) -> [Conference.Action] {
        send(.command(id, command, by: officer), at: at(seconds))
    }

    @discardableResult
    mutating func press(_ keys: String, _ participant: ParticipantID, at seconds: Double = 10) -> [Conference.Action] {
        keys.flatMap { send(.key(participant, $0), at: at(seconds)) }
    }

    func microphone(_ participant: ParticipantID) -> Microphone? {
        status?.participants.first { $0.id == participant }?.microphone
    }
    func place(_ participant: ParticipantID) -> Place? {
        status?.participants.first { $0.id == participant }?.place
    }
}
