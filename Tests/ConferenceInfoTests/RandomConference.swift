import ConferenceInfo

/// A seeded generator, so that a failure of a property test can be repeated (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
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

/// A meeting in which things happen.
struct RandomConference {
    private var random: SplitMix64
    private(set) var info: ConferenceInfo

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        info = ConferenceInfo(entity: "sip:giao-ban@bridge.example.vn")
        for _ in 0..<Int.random(in: 0..<6, using: &random) { happen() }
    }

    mutating func happen() {
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            info.description.subject = text()
            info.description.maximumUserCount = number()
        case 1:
            info.description.uris = [.init("tel:+84\(number() ?? 0)", displayText: text(), purpose: "participation")]
            info.description.serviceURIs = [.init("https://bridge.example.vn/?a=1&b=2", purpose: "web-page")]
        case 2:
            info.description.availableMedia = [
                .init(label: "1", displayText: text(), kind: .audio, status: .sendrecv),
                .init(label: "2", kind: .video),
            ]
        case 3:
            info.state = .init(userCount: number(), isActive: flag(), isLocked: flag())
            info.state.speaker = text()
            info.state.spotlight = text()
            info.state.layout = text()
            info.state.isComposed = flag()
            info.state.presenter = text()
            info.state.isRecorded = flag()
        case 4, 5, 6:
            let name = "sip:diem-\(Int.random(in: 0..<20, using: &random))@example.vn"
            if !info.users.contains(where: { $0.entity == name }) { info.users.append(user(name)) }
        case 7 where !info.users.isEmpty:
            info.users.remove(at: Int.random(in: 0..<info.users.count, using: &random))
        case _ where !info.users.isEmpty:
            let index = Int.random(in: 0..<info.users.count, using: &random)
            info.users[index] = changed(info.users[index])
        default: break
        }
    }

    private mutating func changed(_ old: ConferenceInfo.User) -> ConferenceInfo.User {
        var user = old
        switch Int.random(in: 0..<5, using: &random) {
        case 4: user.handRaised = user.handRaised == nil ? "2026-11-24T09:30:00.000+07:00" : nil
        case 0: user.displayText = text()
        case 1: user.roles = [text() ?? "chair", "moderator"]
        case 2:
            let name = "sip:device-\(Int.random(in: 0..<4, using: &random))@example.vn;gr"
            if let index = user.endpoints.firstIndex(where: { $0.entity == name }) {
                user.endpoints.remove(at: index)
            } else {
                user.endpoints.append(endpoint(name))
            }
        default:
            guard !user.endpoints.isEmpty else { break }
            let index = Int.random(in: 0..<user.endpoints.count, using: &random)
            user.endpoints[index] = endpoint(user.endpoints[index].entity)
        }
        return user
    }

    private mutating func user(_ entity: String) -> ConferenceInfo.User {
        let count = Int.random(in: 0..<3, using: &random)
        return .init(
            entity: entity, displayText: text(), roles: flag() == true ? ["participant"] : [],
            endpoints: (0..<count).map { endpoint("sip:device-\($0)@example.vn;gr") })
    }

    private mutating func endpoint(_ entity: String) -> ConferenceInfo.Endpoint {
        let count = Int.random(in: 0..<3, using: &random)
        let status = ConferenceInfo.Endpoint.Status.allCases.randomElement(using: &random)
        return .init(
            entity: entity, displayText: text(), status: status,
            joiningMethod: ConferenceInfo.Endpoint.JoiningMethod.allCases.randomElement(using: &random),
            disconnectionMethod: status == .disconnected ? .departed : nil, media: (0..<count).map { medium("\($0)") })
    }

    private mutating func medium(_ id: String) -> ConferenceInfo.Medium {
        .init(
            id: id, displayText: text(), kind: .allCases.randomElement(using: &random) ?? .audio, label: text(),
            sourceID: number().map { "\($0)" }, status: .allCases.randomElement(using: &random))
    }

    private mutating func flag() -> Bool? { [true, false, nil].randomElement(using: &random) ?? nil }
    private mutating func number() -> UInt32? {
        Bool.random(using: &random) ? UInt32.random(in: 0 ... .max, using: &random) : nil
    }

    /// Names as they are, and what would break a document that is not written with care.
    private mutating func text() -> String? {
        [
            nil, "", "Điểm cầu Sở Y tế", "Nguyễn Thị Ngọc Ánh", "A & B <c> \"d\" 'e'", "]]>", "dòng\nhai\tcột\rba",
            "🇻🇳 họp",
            "<!-- -->", "&amp;",
        ].randomElement(using: &random) ?? nil
    }
}
