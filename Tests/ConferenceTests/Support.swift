import Conference

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A random source that is stuck.
struct StuckGenerator: RandomNumberGenerator, Sendable {
    mutating func next() -> UInt64 { 7 }
}

/// 2026-11-24 09:30:00 at +07:00.
let morning = WallTime(millisecondsSince1970: 1_795_487_400_000)

func at(_ seconds: Double) -> Moment {
    Moment(
        steady: .seconds(1000) + .seconds(seconds),
        wall: WallTime(millisecondsSince1970: morning.millisecondsSince1970 + Int64(seconds * 1000)))
}

let standingOrder = Conference.RecordingOrder(orderedBy: "Chánh Văn phòng", document: "12/QĐ-VP 2026-01-05")

let register = Conference.Register(
    units: [
        .init(id: "vp", name: "Văn phòng UBND tỉnh"), .init(id: "syt", name: "Sở Y tế"),
    ],
    points: [
        .init(id: "vanphong", name: "Văn phòng", unit: "vp"),
        .init(id: "soyte", name: "Sở Y tế", unit: "syt"),
        .init(id: "phuloc", name: "Huyện Phú Lộc"),
        .init(id: "khach", name: "Khách"),
        .init(id: "haimay", name: "Hai máy", maximumCalls: 2),
    ],
    rooms: [
        .init(
            id: "giaoban", title: "Giao ban tuần", admits: .points(["soyte", "vanphong", "phuloc", "haimay"]),
            standingOrder: standingOrder, linger: .seconds(60), maximumParticipants: 3),
        .init(id: "chung", title: "Phòng chung", linger: .seconds(0)),
        .init(id: "dong", title: "Đóng", door: .closed),
    ])

extension ParticipantID: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt64) { self.init(rawValue: value) }
}

/// A conference and everything that it asked for.
struct Bench {
    var conference: Conference
    var actions: [Conference.Action] = []

    init(_ register: Conference.Register = register, seed: UInt64 = 1) {
        conference = Conference(register: register, random: SeededGenerator(seed: seed))
    }

    @discardableResult
    mutating func send(_ event: Conference.Event, at now: Moment) -> [Conference.Action] {
        let new = conference.handle(event, at: now)
        actions += new
        return new
    }

    @discardableResult
    mutating func arrive(
        _ participant: ParticipantID, _ point: PointID, _ room: RoomID = "giaoban", at seconds: Double = 0
    ) -> [Conference.Action] {
        send(.arrive(participant: participant, point: point, room: room), at: at(seconds))
    }
}

extension [Conference.Action] {
    var names: [String] {
        map { action in
            switch action {
            case .openMeeting: "open"
            case .startRecording: "record"
            case .admit(let id, _): "admit \(id)"
            case .refuse(let id, let code, _): "refuse \(id) \(code)"
            case .disconnect(let id, let reason): "disconnect \(id) \(reason.rawValue)"
            case .stopRecording: "stop"
            case .refuseMessage(let code, _): "refuse message \(code)"
            case .dial(let point, _): "dial \(point)"
            case .stopDialling(let point, _): "leave \(point)"
            case .refuseCommand(let refusal): "refuse \(refusal)"
            case .relay(_, let point, let text): "relay \(point): \(text)"
            case .pauseRecording: "pause"
            case .resumeRecording: "resume"
            case .setMicrophone(let id, let microphone): "\(microphone) \(id)"
            case .move(let id, let place): "move \(id) \(place)"
            case .spotlight(_, let id): "spotlight \(id.map { "\($0)" } ?? "nobody")"
            case .setLayout(_, let layout, let id): "layout \(layout) \(id.map { "\($0)" } ?? "all")"
            case .overlay(_, let overlay): "overlay \(overlay.map { "\($0)" } ?? "nothing")"
            case .announce(let announcement, let participants):
                "say \(announcement) \(participants.map(\.description).joined(separator: " "))"
            case .closeMeeting: "close"
            case .resumeMeeting: "reopen"
            case .suspendMeeting: "suspend"
            case .loseMeeting: "lose"
            case .log(let event): "log \(event.name)"
            }
        }
    }
    /// Without the log and what is said.
    var deeds: [String] { names.filter { !$0.hasPrefix("log ") && !$0.hasPrefix("say ") } }
    var said: [String] { names.filter { $0.hasPrefix("say ") }.map { String($0.dropFirst(4)) } }
    var logged: [String] { names.filter { $0.hasPrefix("log ") }.map { String($0.dropFirst(4)) } }
    var refusal: Conference.Refusal? {
        for case .refuseCommand(let refusal) in self { return refusal }
        return nil
    }
    var summaries: [MeetingSummary] {
        compactMap { if case .closeMeeting(let summary) = $0 { summary } else { nil } }
    }
    var admissions: [Conference.Admission] {
        compactMap { if case .admit(_, let admission) = $0 { admission } else { nil } }
    }
}
