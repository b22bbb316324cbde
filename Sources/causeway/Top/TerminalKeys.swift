/// What was pressed on a terminal.
enum TerminalKey: Hashable, Sendable {
    case character(Character)
    case up, down, pageUp, pageDown, home, end
    case interrupt
}

/// Makes keys of the octets that a terminal sends, which may come in pieces (ECMA-48).
struct TerminalKeys {
    private var held: [UInt8] = []
    private static let longest = 16

    mutating func take(_ octets: some Sequence<UInt8>) -> [TerminalKey] {
        held += octets
        var keys: [TerminalKey] = []
        while let first = held.first {
            guard first == 0x1B else {
                held.removeFirst()
                switch first {
                case 3: keys.append(.interrupt)
                case 0x20...0x7E: keys.append(.character(Character(UnicodeScalar(first))))
                default: break
                }
                continue
            }
            guard held.count > 1 else { break }
            guard held[1] == UInt8(ascii: "[") || held[1] == UInt8(ascii: "O") else {
                held.removeFirst()
                continue
            }
            guard let end = held.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
                if held.count > Self.longest { held.removeAll() }
                break
            }
            if let key = Self.key(held[2..<end], held[end]) { keys.append(key) }
            held.removeFirst(end + 1)
        }
        return keys
    }

    private static func key(_ parameters: ArraySlice<UInt8>, _ final: UInt8) -> TerminalKey? {
        switch (final, parameters.first) {
        case (UInt8(ascii: "A"), _): .up
        case (UInt8(ascii: "B"), _): .down
        case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), UInt8(ascii: "1")): .home
        case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), UInt8(ascii: "4")): .end
        case (UInt8(ascii: "~"), UInt8(ascii: "5")): .pageUp
        case (UInt8(ascii: "~"), UInt8(ascii: "6")): .pageDown
        default: nil
        }
    }
}
