/// Which of the newest numbers of a source were left out of a stream by choice, so that the numbers of those that went on
/// close over them, and stay the same when a packet comes late or is sent again. Plain values, no allocation.
struct OmissionWindow: Sendable {
    /// Numbers behind the newest that are remembered.
    static let span = 256

    /// The numbers' width: 16 bits, or 15 or 7 of a VP8 picture id.
    let mask: UInt16
    private var head: UInt16
    /// Bit i of word i / 64 says whether the number `head` - i was left out.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(mask: UInt16, before first: UInt16) {
        self.mask = mask
        head = (first &- 1) & mask
    }

    /// Nothing that is remembered was left out.
    var isEmpty: Bool { words == (0, 0, 0, 0) }

    private var reach: Int { min(Self.span, Int(mask) / 2) }

    /// Steps from the newest number to `number`; negative for an older one.
    func distance(to number: UInt16) -> Int {
        let ahead = Int((number &- head) & mask)
        return ahead > Int(mask) / 2 ? ahead - Int(mask) - 1 : ahead
    }

    func isOmitted(_ number: UInt16) -> Bool {
        let back = -distance(to: number)
        guard (0..<reach).contains(back) else { return false }
        return word(back >> 6) >> UInt64(back & 63) & 1 != 0
    }

    /// How many numbers after `number` were left out.
    func omitted(after number: UInt16) -> UInt16 {
        let back = min(-distance(to: number), Self.span)
        guard back > 0, words != (0, 0, 0, 0) else { return 0 }
        var count = 0
        for index in 0..<4 where back > index * 64 {
            let bits = back - index * 64
            count += (bits >= 64 ? word(index) : word(index) & ((1 << UInt64(bits)) - 1)).nonzeroBitCount
        }
        return UInt16(count)
    }

    /// Goes on to a number that went out.
    mutating func advance(to number: UInt16) {
        let steps = distance(to: number)
        guard steps > 0 else { return }
        head = number & mask
        shift(by: steps)
    }

    /// Leaves out a number newer than all before. Returns false for an older one.
    mutating func omit(_ number: UInt16) -> Bool {
        guard distance(to: number) > 0 else { return false }
        advance(to: number)
        words.0 |= 1
        return true
    }

    private func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: words.0
        case 1: words.1
        case 2: words.2
        default: words.3
        }
    }

    private mutating func shift(by steps: Int) {
        guard words != (0, 0, 0, 0) else { return }
        var left = steps
        while left >= 64 {
            words = (0, words.0, words.1, words.2)
            left -= 64
            if words == (0, 0, 0, 0) { return }
        }
        guard left > 0 else { return }
        let up = UInt64(left)
        let down = 64 - up
        words = (
            words.0 << up, words.1 << up | words.0 >> down, words.2 << up | words.1 >> down,
            words.3 << up | words.2 >> down
        )
    }
}

/// What of one source was left out of a stream: packets, and the pictures that they were.
struct Omissions: Sendable {
    var sequences = OmissionWindow(mask: .max, before: 0)
    var pictures = OmissionWindow(mask: 0x7fff, before: 0)
    /// Of the packet left out last.
    var timestamp: UInt32?

    init() {}

    /// - Parameters:
    ///   - afterSequence: the newest number that went out.
    ///   - descriptor: of the first packet to be left out.
    init(afterSequence: UInt16, before descriptor: VP8PayloadDescriptor?) {
        sequences = OmissionWindow(mask: .max, before: afterSequence &+ 1)
        pictures = OmissionWindow(
            mask: descriptor?.pictureIDBits == 7 ? 0x7f : 0x7fff, before: descriptor?.pictureID ?? 0)
    }

    func contain(_ sequence: UInt16, _ descriptor: VP8PayloadDescriptor?) -> Bool {
        sequences.isOmitted(sequence) || descriptor?.pictureID.map(pictures.isOmitted) ?? false
    }

    /// An encoder that begins anew may have begun its ids anew too: those before are not asked for any more. Returns by how
    /// much ids then have to be moved on.
    mutating func meet(_ picture: UInt16) -> UInt16 {
        guard pictures.mask > 0x7f, pictures.distance(to: picture) < -OmissionWindow.span else { return 0 }
        defer { pictures = OmissionWindow(mask: pictures.mask, before: picture) }
        return pictures.omitted(after: picture)
    }

    /// A packet goes out. Returns whether anything that was left out is still remembered.
    mutating func advance(to sequence: UInt16, _ descriptor: VP8PayloadDescriptor?) -> Bool {
        sequences.advance(to: sequence)
        if let picture = descriptor?.pictureID { pictures.advance(to: picture) }
        return !sequences.isEmpty || !pictures.isEmpty
    }
}
