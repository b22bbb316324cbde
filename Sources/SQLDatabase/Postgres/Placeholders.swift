/// `?` as PostgreSQL numbers it: `$1`, `$2`. What stands in quotes or in a comment is left alone.
enum Placeholders {
    static func numbered(_ sql: String) -> String {
        enum Place { case text, quoted(UInt8), line, block }
        var place = Place.text
        var result: [UInt8] = []
        result.reserveCapacity(sql.utf8.count + 16)
        var number = 0
        var last: UInt8 = 0
        for octet in sql.utf8 {
            switch place {
            case .text:
                switch octet {
                case UInt8(ascii: "?"):
                    number += 1
                    result.append(contentsOf: "$\(number)".utf8)
                    last = octet
                    continue
                case UInt8(ascii: "'"), UInt8(ascii: "\""): place = .quoted(octet)
                case UInt8(ascii: "-") where last == octet: place = .line
                case UInt8(ascii: "*") where last == UInt8(ascii: "/"): place = .block
                default: break
                }
            // Of a doubled quote the second opens again what the first closed.
            case .quoted(let quote): if octet == quote { place = .text }
            case .line: if octet == UInt8(ascii: "\n") { place = .text }
            case .block: if octet == UInt8(ascii: "/"), last == UInt8(ascii: "*") { place = .text }
            }
            result.append(octet)
            last = octet
        }
        return String(decoding: result, as: UTF8.self)
    }
}
