/// Comma-separated values (RFC 4180), as spreadsheets write them: UTF-8 with or without a byte order mark, fields parted by
/// commas, semicolons or tabs, whichever the first line has most of.
public struct CSVReader: Sendable {
    public struct Record: Hashable, Sendable {
        /// Where it begins, counted from 1.
        public var line: Int
        public var fields: [String]
    }

    public enum Malformed: OfficeFault, Hashable {
        case notUTF8
        case tooLong(maximum: Int)
        case tooManyRecords(maximum: Int)
        case quoteNotClosed(line: Int)
        case textAfterQuote(line: Int)
        case empty

        public var words: Words {
            switch self {
            case .notUTF8:
                Words(
                    "Tệp không phải UTF-8: hãy lưu lại dạng “CSV UTF-8”.",
                    "The file is not UTF-8: save it as “CSV UTF-8”.")
            case .tooLong(let maximum):
                Words("Tệp lớn quá \(maximum >> 20) MB.", "The file is larger than \(maximum >> 20) MB.")
            case .tooManyRecords(let maximum):
                Words("Tệp có quá \(maximum) dòng.", "The file has more than \(maximum) lines.")
            case .quoteNotClosed(let line):
                Words("Dòng \(line): thiếu dấu ngoặc kép đóng.", "Line \(line): a quote is not closed.")
            case .textAfterQuote(let line):
                Words("Dòng \(line): có chữ sau dấu ngoặc kép đóng.", "Line \(line): text follows a closing quote.")
            case .empty: Words("Tệp trống.", "The file is empty.")
            }
        }
    }

    public static let longest = 8 << 20
    public static let mostRecords = 20_001

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The records that are not blank.
    public static func records(_ octets: some Collection<UInt8>) throws(Malformed) -> [Record] {
        guard octets.count <= longest else { throw .tooLong(maximum: longest) }
        var octets = Array(octets)
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { octets.removeFirst(3) }
        guard String(validating: octets, as: UTF8.self) != nil else { throw .notUTF8 }
        let separator = separator(octets)
        var records: [Record] = []
        var place = octets.startIndex
        var line = 1
        while place < octets.endIndex {
            let record = try record(octets, &place, &line, separator)
            if record.fields.contains(where: { !$0.isEmpty }) { records.append(record) }
            if records.count > mostRecords { throw .tooManyRecords(maximum: mostRecords) }
        }
        guard !records.isEmpty else { throw .empty }
        return records
    }

    private static func separator(_ octets: [UInt8]) -> UInt8 {
        var counts: [UInt8: Int] = [UInt8(ascii: ","): 0, UInt8(ascii: ";"): 0, UInt8(ascii: "\t"): 0]
        var isQuoted = false
        for octet in octets {
            if octet == quote { isQuoted.toggle() }
            if !isQuoted, octet == newline || octet == carriageReturn { break }
            if !isQuoted, let count = counts[octet] { counts[octet] = count + 1 }
        }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? UInt8(ascii: ",")
    }

    private static func record(
        _ octets: [UInt8], _ place: inout Int, _ line: inout Int, _ separator: UInt8
    ) throws(Malformed) -> Record {
        var record = Record(line: line, fields: [])
        while true {
            record.fields.append(try field(octets, &place, &line, separator))
            guard place < octets.endIndex else { return record }
            let octet = octets[place]
            place += 1
            if octet == separator { continue }
            if octet == carriageReturn, place < octets.endIndex, octets[place] == newline { place += 1 }
            line += 1
            return record
        }
    }

    /// Up to the separator or the end of the line, which stay.
    private static func field(
        _ octets: [UInt8], _ place: inout Int, _ line: inout Int, _ separator: UInt8
    ) throws(Malformed) -> String {
        func isEnd(_ octet: UInt8) -> Bool { octet == separator || octet == newline || octet == carriageReturn }
        guard place < octets.endIndex, octets[place] == quote else {
            let start = place
            while place < octets.endIndex, !isEnd(octets[place]) { place += 1 }
            return String(decoding: octets[start..<place], as: UTF8.self)
        }
        let opened = line
        var text: [UInt8] = []
        place += 1
        while place < octets.endIndex {
            let octet = octets[place]
            place += 1
            if octet != quote {
                if octet == newline { line += 1 }
                text.append(octet)
            } else if place < octets.endIndex, octets[place] == quote {
                text.append(quote)
                place += 1
            } else {
                guard place >= octets.endIndex || isEnd(octets[place]) else { throw .textAfterQuote(line: line) }
                return String(decoding: text, as: UTF8.self)
            }
        }
        throw .quoteNotClosed(line: opened)
    }
}
