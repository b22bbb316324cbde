import Vietnamese

/// For how long something is kept.
public enum RetentionTerm: Sendable, Hashable {
    case permanent
    /// From the end of the year in which the work ended; 1 to 150.
    case years(Int)

    static let years = 1...150

    /// Nil for ever.
    public var years: Int? { if case .years(let years) = self { years } else { nil } }
}

/// A row of the retention table.
public struct RetentionClass: Sendable, Hashable {
    /// 1 to 20 ASCII letters, digits, '-' and '.'.
    public var code: String
    public var term: RetentionTerm
    public var vietnamese: String
    public var english: String
}

/// Why a retention table cannot be used.
public struct RetentionTableFault: Error, Equatable, CustomStringConvertible {
    /// From 1 on; nil where it is the whole.
    public var line: Int?
    public var reason: String
    public var description: String {
        line.map { "line \($0) of the retention table \(reason)" } ?? "the retention table \(reason)"
    }
}

/// The classes that a site keeps its meetings by, and the one of those that nobody gave another: data, which a site corrects
/// (`config/retention.csv`).
public struct RetentionTable: Sendable, Equatable {
    static let mostClasses = 500

    public let classes: [RetentionClass]
    public let standard: RetentionClass

    /// What there is without a file: everything for ever.
    public static let permanent = RetentionTable(
        only: RetentionClass(code: "VV", term: .permanent, vietnamese: "Vĩnh viễn", english: "For ever"))

    private init(only standard: RetentionClass) {
        classes = [standard]
        self.standard = standard
    }

    /// Reads lines `CODE,TERM,VIETNAMESE,ENGLISH`; `#` begins a comment.
    ///
    /// - Parameter standard: the code of the class of those that nobody gave another; the first permanent one where it is nil.
    public init(parsing text: String, standard code: String? = nil) throws(RetentionTableFault) {
        var classes: [RetentionClass] = []
        // CR LF is one character.
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if line.first == "#" || line.allSatisfy(\.isWhitespace) { continue }
            guard classes.count < Self.mostClasses else {
                throw RetentionTableFault(line: index + 1, reason: "is one too many")
            }
            let row = try Self.row(line, at: index + 1)
            guard !classes.contains(where: { $0.code == row.code }) else {
                throw RetentionTableFault(line: index + 1, reason: "has the code \(row.code) again")
            }
            classes.append(row)
        }
        let standard = classes.first { code == nil ? $0.term == .permanent : $0.code == code }
        guard let standard else {
            throw RetentionTableFault(
                line: nil, reason: code.map { "has no class \($0)" } ?? "has no permanent class, so name one")
        }
        self.classes = classes
        self.standard = standard
    }

    private static func row(_ line: Substring, at number: Int) throws(RetentionTableFault) -> RetentionClass {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map {
            VietnameseText.stored(String($0.drop(while: \.isWhitespace)))
        }
        guard cells.count == 4 else { throw RetentionTableFault(line: number, reason: "has not four cells") }
        guard (1...20).contains(cells[0].utf8.count),
            cells[0].utf8.allSatisfy({ isCode($0) })
        else { throw RetentionTableFault(line: number, reason: "has no code of 1 to 20 letters, digits, '-' and '.'") }
        let term: RetentionTerm
        if cells[1] == "permanent" {
            term = .permanent
        } else if let years = Int(cells[1]), RetentionTerm.years.contains(years) {
            term = .years(years)
        } else {
            throw RetentionTableFault(line: number, reason: "has no term: years from 1 to 150, or permanent")
        }
        guard (2...3).allSatisfy({ (1...200).contains(cells[$0].count) }) else {
            throw RetentionTableFault(line: number, reason: "has no names of 1 to 200 characters")
        }
        return RetentionClass(code: cells[0], term: term, vietnamese: cells[2], english: cells[3])
    }

    private static func isCode(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The class with this code.
    public subscript(_ code: String) -> RetentionClass? { classes.first { $0.code == code } }
}
