import CPostgres
import Foundation

/// The values of a statement as the wire has them, in their binary forms.
struct PostgresArguments {
    private var octets: [UInt8] = []
    /// Where each begins; nil for NULL.
    private var places: [Int?] = []
    private var lengths: [Int32] = []
    private var types: [Oid] = []

    init(_ values: [SQLValue]) {
        for value in values {
            let start = octets.count
            switch value {
            // Of whatever type the place wants.
            case .null: types.append(0)
            case .integer(let number):
                types.append(PostgresType.int8)
                withUnsafeBytes(of: number.bigEndian) { octets.append(contentsOf: $0) }
            case .real(let number):
                types.append(PostgresType.float8)
                withUnsafeBytes(of: number.bitPattern.bigEndian) { octets.append(contentsOf: $0) }
            case .text(let text):
                types.append(PostgresType.text)
                // The one character that PostgreSQL's texts cannot have.
                for octet in text.utf8 {
                    if octet == 0 { octets.append(contentsOf: [0xEF, 0xBF, 0xBD]) } else { octets.append(octet) }
                }
            case .blob(let data):
                types.append(PostgresType.bytea)
                octets.append(contentsOf: data)
            }
            places.append(value == .null ? nil : start)
            lengths.append(Int32(clamping: octets.count - start))
        }
        // An empty value wants a place too.
        octets.append(0)
    }

    func send(_ sql: String, on connection: OpaquePointer) -> Bool {
        octets.withUnsafeBytes { bytes in
            let values = places.map { place in
                place.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            let formats = [Int32](repeating: 1, count: places.count)
            return PQsendQueryParams(connection, sql, Int32(places.count), types, values, lengths, formats, 0) == 1
        }
    }
}

/// Numbers of types, which are the same in every database (`pg_type.dat`).
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let numeric: Oid = 1700

    /// A value of a result, in its text form.
    static func value(_ text: UnsafeBufferPointer<UInt8>, _ type: Oid) -> SQLValue {
        switch type {
        case bool: .integer(text.first == UInt8(ascii: "t") ? 1 : 0)
        case int8, int2, int4, oid: Int64(string(text)).map(SQLValue.integer) ?? .null
        case float4, float8: Double(string(text)).map(SQLValue.real) ?? .null
        // A sum of integers is one: so it is in SQLite.
        case numeric: Int64(string(text)).map(SQLValue.integer) ?? Double(string(text)).map(SQLValue.real) ?? .null
        case bytea: blob(text)
        default: .text(string(text))
        }
    }

    private static func string(_ text: UnsafeBufferPointer<UInt8>) -> String { String(decoding: text, as: UTF8.self) }

    /// `\x` and two digits an octet.
    private static func blob(_ text: UnsafeBufferPointer<UInt8>) -> SQLValue {
        guard text.count >= 2, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x"), text.count % 2 == 0 else {
            return .null
        }
        var data = Data(capacity: text.count / 2 - 1)
        for index in stride(from: 2, to: text.count, by: 2) {
            guard let high = digit(text[index]), let low = digit(text[index + 1]) else { return .null }
            data.append(high << 4 | low)
        }
        return .blob(data)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
