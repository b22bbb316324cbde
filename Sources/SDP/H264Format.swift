/// The H.264 parameters on which two sides must agree (RFC 6184 §8.1, §8.2.2).
struct H264Format: Equatable {
    enum Family: Equatable { case baseline, main, extended, high, other(UInt8) }

    var profile: UInt8
    var constraints: UInt8
    var level: UInt8
    var packetizationMode: UInt8
    var allowsLevelAsymmetry: Bool

    /// nil when a parameter cannot be read. Defaults are Baseline level 1 and the single NAL unit mode.
    init?(parsing text: String) {
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
    }

    /// Table 5, with Baseline and Constrained Baseline as one: devices that say Baseline send none of the tools by
    /// which the two differ.
    var family: Family {
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

    /// Our parameters in an answer to `offer`; nil when the two do not go together.
    func answer(to offer: H264Format) -> String? {
        // The interleaved mode is never agreed to; we can depacketize both others whatever our own offers say.
        guard offer.family == family, offer.packetizationMode <= 1 else { return nil }
        let isAsymmetric = offer.allowsLevelAsymmetry && allowsLevelAsymmetry
        let takesOurs = isAsymmetric || levelRank <= offer.levelRank
        // 1b is told by a constraint bit, which goes where the level goes.
        var constraints = offer.constraints
        if takesOurs { constraints = constraints & ~0x10 | self.constraints & 0x10 }
        let id = [offer.profile, constraints, takesOurs ? level : offer.level].map(Self.hexadecimal).joined()
        return "profile-level-id=\(id);packetization-mode=\(offer.packetizationMode)"
            + (isAsymmetric ? ";level-asymmetry-allowed=1" : "")
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
