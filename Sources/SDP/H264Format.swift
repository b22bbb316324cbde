/// The H.264 parameters on which two sides must agree (RFC 6184 §8.1, §8.2.2).
public struct H264Format: Sendable, Equatable {
    /// Profiles that go together. Baseline and Constrained Baseline are one: devices that say Baseline send none of the
    /// tools by which the two differ. So are High and Constrained High.
    public enum Family: Sendable, Equatable { case baseline, main, extended, high, other(UInt8) }

    var profile: UInt8
    var constraints: UInt8
    var level: UInt8
    /// 0 for single NAL units, 1 for aggregates and fragments besides, 2 for the interleaved mode.
    public var packetizationMode: UInt8
    var allowsLevelAsymmetry: Bool
    /// Macroblocks a second and a picture that a receiver takes beyond its level.
    var maximumRate: UInt32?
    var maximumPicture: UInt32?

    /// nil when a parameter cannot be read. Defaults are Baseline level 1 and the single NAL unit mode.
    public init?(parsing text: String) {
        let parameters = FormatParameters(parsing: text)
        profile = 0x42
        constraints = 0
        level = 0x0a
        if let id = parameters["profile-level-id"] {
            guard id.utf8.count == 6, let value = UInt32(id, radix: 16) else { return nil }
            profile = UInt8(value >> 16)
            constraints = UInt8(truncatingIfNeeded: value >> 8)
            level = UInt8(truncatingIfNeeded: value)
        }
        packetizationMode = 0
        if let mode = parameters["packetization-mode"] {
            guard let value = UInt8(mode), value <= 2 else { return nil }
            packetizationMode = value
        }
        allowsLevelAsymmetry = parameters["level-asymmetry-allowed"] == "1"
        maximumRate = parameters["max-mbps"].flatMap { UInt32($0) }
        maximumPicture = parameters["max-fs"].flatMap { UInt32($0) }
    }

    /// Table 5.
    public var family: Family {
        switch profile {
        case 0x42: .baseline
        case 0x4d: constraints & 0x80 != 0 ? .baseline : .main
        case 0x58: constraints & 0x80 != 0 ? .baseline : .extended
        case 0x64: .high
        default: .other(profile)
        }
    }

    /// Levels in order; 1b lies between 1 and 1.1 (H.264 §A.3.1).
    private var levelRank: Int {
        if level == 11, constraints & 0x10 != 0, profile == 0x42 || profile == 0x4d || profile == 0x58 { return 105 }
        return level == 9 ? 105 : Int(level) * 10
    }

    /// Our parameters in an answer to `offer`; nil when the two do not go together: profile and mode must be the same
    /// on both sides, and without asymmetry the level is the lower one (§8.2.2).
    func answer(to offer: H264Format) -> String? {
        guard offer.family == family, offer.packetizationMode == packetizationMode else { return nil }
        let isAsymmetric = offer.allowsLevelAsymmetry && allowsLevelAsymmetry
        let takesOurs = isAsymmetric || levelRank <= offer.levelRank
        // 1b is told by a constraint bit, which goes where the level goes.
        var constraints = offer.constraints
        if takesOurs { constraints = constraints & ~0x10 | self.constraints & 0x10 }
        let id = [offer.profile, constraints, takesOurs ? level : offer.level].map(Self.hexadecimal).joined()
        var text = "profile-level-id=\(id);packetization-mode=\(offer.packetizationMode)"
        if isAsymmetric { text += ";level-asymmetry-allowed=1" }
        // Room systems offer a low level and what they take beyond it. The level is then theirs; that we take more is
        // said in the same way, or they would send small pictures.
        if !takesOurs, offer.maximumRate != nil || offer.maximumPicture != nil, let limits = Self.limits[level] {
            text += ";max-mbps=\(maximumRate ?? limits.rate);max-fs=\(maximumPicture ?? limits.picture)"
        }
        return text
    }

    /// MaxMBPS and MaxFS of the levels that our capabilities have (H.264 table A-1).
    private static let limits: [UInt8: (rate: UInt32, picture: UInt32)] = [
        30: (40_500, 1_620), 31: (108_000, 3_600), 32: (216_000, 5_120), 40: (245_760, 8_192), 41: (245_760, 8_192),
        42: (522_240, 8_704), 50: (589_824, 22_080), 51: (983_040, 36_864),
    ]

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
