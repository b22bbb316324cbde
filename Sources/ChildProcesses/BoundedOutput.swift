/// What a child says on standard output: its first octets, and its lines one by one.
struct BoundedOutput {
    static let longestLine = 65_536

    private(set) var kept: [UInt8] = []
    private(set) var isCut = false
    private let most: Int
    private var line: [UInt8] = []

    init(keeping most: Int) { self.most = max(0, most) }

    mutating func take(_ piece: some Collection<UInt8>, _ onLine: (String) -> Void) {
        let room = most - kept.count
        if piece.count > room { isCut = true }
        kept += piece.prefix(room)
        var rest = piece[...]
        while let end = rest.firstIndex(of: 10) {
            keep(rest[..<end])
            tell(onLine)
            rest = rest[rest.index(after: end)...]
        }
        keep(rest)
    }

    /// The last line, where it has no end.
    mutating func finish(_ onLine: (String) -> Void) {
        if !line.isEmpty { tell(onLine) }
    }

    /// A child that never ends its line is cut off rather than remembered.
    private mutating func keep(_ part: some Collection<UInt8>) { line += part.prefix(Self.longestLine - line.count) }

    private mutating func tell(_ onLine: (String) -> Void) {
        onLine(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
    }
}

/// The end of what a child says on standard error.
struct LastWords {
    private static let most = 2000
    private var kept: [UInt8] = []

    mutating func take(_ piece: some Collection<UInt8>) { kept = (kept + piece).suffix(Self.most) }

    /// Its last line that is not blank.
    var line: String {
        let lines = String(decoding: kept, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.last { !$0.allSatisfy(\.isWhitespace) }.map { String($0.suffix(300)) } ?? ""
    }
}
