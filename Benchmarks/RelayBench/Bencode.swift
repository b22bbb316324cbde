/// The encoding of rtpengine's control protocol: integers, byte strings, lists and dictionaries.
enum Bencode {
    case integer(Int)
    case text(String)
    case list([Bencode])
    case dictionary([String: Bencode])

    struct Malformed: Error {}

    var encoded: [UInt8] {
        switch self {
        case .integer(let value): Array("i\(value)e".utf8)
        case .text(let text): Array("\(text.utf8.count):".utf8) + Array(text.utf8)
        case .list(let items): [UInt8(ascii: "l")] + items.flatMap(\.encoded) + [UInt8(ascii: "e")]
        case .dictionary(let fields):
            [UInt8(ascii: "d")]
                + fields.sorted { $0.key < $1.key }.flatMap { Bencode.text($0.key).encoded + $0.value.encoded }
                + [UInt8(ascii: "e")]
        }
    }

    init(decoding bytes: some Sequence<UInt8>) throws(Malformed) {
        var rest = Array(bytes)[...]
        self = try Self.take(&rest, depth: 0)
    }

    subscript(name: String) -> Bencode? {
        if case .dictionary(let fields) = self { fields[name] } else { nil }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    private static func take(_ rest: inout ArraySlice<UInt8>, depth: Int) throws(Malformed) -> Bencode {
        guard let first = rest.first, depth < 16 else { throw Malformed() }
        switch first {
        case UInt8(ascii: "i"):
            rest.removeFirst()
            return .integer(try number(&rest, until: UInt8(ascii: "e")))
        case UInt8(ascii: "l"):
            rest.removeFirst()
            var items: [Bencode] = []
            while try !ends(&rest) { items.append(try take(&rest, depth: depth + 1)) }
            return .list(items)
        case UInt8(ascii: "d"):
            rest.removeFirst()
            var fields: [String: Bencode] = [:]
            while try !ends(&rest) {
                guard let name = try take(&rest, depth: depth + 1).text else { throw Malformed() }
                fields[name] = try take(&rest, depth: depth + 1)
            }
            return .dictionary(fields)
        default:
            let count = try number(&rest, until: UInt8(ascii: ":"))
            guard count >= 0, count <= rest.count else { throw Malformed() }
            defer { rest = rest.dropFirst(count) }
            return .text(String(decoding: rest.prefix(count), as: UTF8.self))
        }
    }

    private static func ends(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> Bool {
        guard let first = rest.first else { throw Malformed() }
        guard first == UInt8(ascii: "e") else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, until end: UInt8) throws(Malformed) -> Int {
        guard let position = rest.firstIndex(of: end),
            let value = Int(String(decoding: rest[..<position], as: UTF8.self))
        else { throw Malformed() }
        rest = rest[(position + 1)...]
        return value
    }
}
