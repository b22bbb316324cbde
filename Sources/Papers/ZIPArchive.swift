/// The list of a ZIP file (APPNOTE.TXT §4.3.12, §4.3.16), and what its entries unpack to, whatever the list says of it.
public struct ZIPArchive: Sendable {
    public struct Entry: Sendable, Equatable {
        public var name: String
        public var method: Int
        public var isEncrypted: Bool
        public var packed: Int
        /// As the list says.
        public var unpacked: Int
        var header: Int
    }

    public enum Measure: Equatable, Sendable {
        /// So many octets in all.
        case octets(Int)
        case tooMuch
        /// Damaged, or packed in a way that no office program packs.
        case malformed
    }

    public static let mostEntries = 20_000
    private static let longestList = 16 << 20

    public let entries: [Entry]
    private let file: FileOctets

    /// Nil where it is no ZIP file that is whole, or has more than ``mostEntries``.
    public init?(_ file: FileOctets) {
        let tailSize = min(file.size, 65_557)
        let tail = file.read(at: file.size - tailSize, tailSize)
        guard let end = tail.indices.reversed().first(where: { tail[$0...].starts(with: [0x50, 0x4B, 5, 6]) }),
            tail.count - end >= 22
        else { return nil }
        let count = Self.number(tail, end + 10, 2)
        let length = Self.number(tail, end + 12, 4)
        let start = Self.number(tail, end + 16, 4)
        // ZIP64 has all ones here; no paper needs it.
        guard count > 0, count <= Self.mostEntries, start != 0xFFFF_FFFF, length <= Self.longestList,
            start + length <= file.size
        else { return nil }
        let list = file.read(at: start, length)
        var entries: [Entry] = []
        var at = 0
        while entries.count < count {
            guard at + 46 <= list.count, Self.number(list, at, 4) == 0x0201_4B50 else { return nil }
            let nameLength = Self.number(list, at + 28, 2)
            let next = at + 46 + nameLength + Self.number(list, at + 30, 2) + Self.number(list, at + 32, 2)
            guard next <= list.count else { return nil }
            entries.append(
                Entry(
                    name: String(decoding: list[at + 46..<at + 46 + nameLength], as: UTF8.self),
                    method: Self.number(list, at + 10, 2), isEncrypted: Self.number(list, at + 8, 2) & 1 != 0,
                    packed: Self.number(list, at + 20, 4), unpacked: Self.number(list, at + 24, 4),
                    header: Self.number(list, at + 42, 4)))
            at = next
        }
        self.entries = entries
        self.file = file
    }

    /// Unpacks everything, keeping nothing, until it is more than `limit` octets: a list may lie, and entries overlap. Takes some
    /// seconds a gigabyte.
    public func measure(limit: Int) -> Measure {
        guard entries.reduce(0, { $0 &+ $1.unpacked }) <= limit else { return .tooMuch }
        var budget = Inflation.Budget(input: max(limit, file.size), output: limit)
        for entry in entries {
            guard !entry.isEncrypted, let range = range(of: entry) else { return .malformed }
            switch entry.method {
            case 0:
                budget.input -= range.count
                budget.output -= range.count
                guard budget.input >= 0, budget.output >= 0 else { return .tooMuch }
            case 8:
                switch Inflation.run(file, range, .none, &budget) {
                case .whole: break
                case .tooMuch: return .tooMuch
                case .malformed: return .malformed
                }
            default: return .malformed
            }
        }
        return .octets(limit - budget.output)
    }

    /// The first entry's name and octets where it is not packed, read from the file's beginning.
    static func stored(atBeginningOf file: FileOctets, most: Int) -> (name: String, content: [UInt8])? {
        let header = file.read(at: 0, 30)
        guard header.count == 30, number(header, 0, 4) == 0x0403_4B50, number(header, 8, 2) == 0 else { return nil }
        let (length, nameLength) = (number(header, 18, 4), number(header, 26, 2))
        guard length <= most else { return nil }
        let start = 30 + nameLength + number(header, 28, 2)
        return (String(decoding: file.read(at: 30, nameLength), as: UTF8.self), file.read(at: start, length))
    }

    /// Where an entry's packed octets are.
    private func range(of entry: Entry) -> Range<Int>? {
        let header = file.read(at: entry.header, 30)
        guard header.count == 30, Self.number(header, 0, 4) == 0x0403_4B50 else { return nil }
        let start = entry.header + 30 + Self.number(header, 26, 2) + Self.number(header, 28, 2)
        guard start + entry.packed <= file.size else { return nil }
        return start..<start + entry.packed
    }

    /// Little-endian; nothing is more than 2³² - 1.
    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        guard offset >= 0, offset + count <= bytes.count else { return 0 }
        return (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
}
