import Foundation
import Office

/// The JSON schemas (draft 2020-12, as OpenAPI 3.1 has them) of the types that routes read and write, taken from the types themselves: each
/// is decoded by a decoder that has no data and writes down what it is asked for. So a description cannot say another thing than
/// the code does.
final class SchemaBook {
    /// Whether a type is read from requests, in which more members are passed over, or written in answers, in which there are
    /// no others.
    enum Direction { case request, answer }

    enum Fault: Error { case cannotDescribe(String), unsupported(String) }

    private(set) var components: [String: JSONValue] = [:]
    private var underWay: Set<String> = []

    func schema<Value: Decodable>(of type: Value.Type, _ direction: Direction) throws -> JSONValue {
        try describe(type, direction).schema
    }

    /// The schema of a type, and a value of it by which what contains it can be looked into further.
    fileprivate func describe<Value: Decodable>(
        _ type: Value.Type, _ direction: Direction
    ) throws -> (schema: JSONValue, sample: Value) {
        if let known = Self.scalar(type) {
            guard let sample = known.sample as? Value else { throw Fault.cannotDescribe("\(type)") }
            return (known.schema, sample)
        }
        if let choice = type as? any (CaseIterable & RawRepresentable).Type {
            guard let known = Self.choice(choice), let sample = known.sample as? Value else {
                throw Fault.cannotDescribe("\(type)")
            }
            return (known.schema, sample)
        }
        let name = Self.name(of: type, direction)
        guard underWay.insert(name).inserted else { throw Fault.unsupported("\(type) contains itself") }
        defer { underWay.remove(name) }
        let notes = Notes()
        let sample: Value
        do { sample = try Value(from: Recorder(book: self, notes: notes, direction: direction)) } catch {
            throw Fault.cannotDescribe("\(type): \(error)")
        }
        switch notes.shape {
        case .keyed:
            if let element = notes.element {
                return (["type": "object", "additionalProperties": element], sample)
            }
            var schema: [String: JSONValue] = ["type": "object", "properties": .object(notes.properties)]
            let required = notes.properties.keys.filter { !notes.optional.contains($0) }.sorted()
            if !required.isEmpty { schema["required"] = .strings(required) }
            if direction == .answer { schema["additionalProperties"] = false }
            components[name] = .object(schema)
            return (["$ref": .string("#/components/schemas/\(name)")], sample)
        case .unkeyed:
            return (["type": "array", "items": notes.element ?? [:]], sample)
        case .single:
            let schema = notes.element ?? [:]
            return (notes.isNullable ? ["anyOf": [schema, ["type": "null"]]] : schema, sample)
        }
    }

    private static func scalar(_ type: any Any.Type) -> (schema: JSONValue, sample: Any)? {
        if type == String.self { return (["type": "string"], "") }
        if type == Bool.self { return (["type": "boolean"], false) }
        if type == Double.self || type == Float.self {
            return (["type": "number"], type == Double.self ? 0.0 : Float(0))
        }
        if type == Date.self {
            return (["type": "string", "format": "date-time"], Date(timeIntervalSince1970: 0))
        }
        // One member of two, which decoding tells apart.
        if type == Recurrence.End.self {
            return (
                [
                    "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                    "properties": [
                        "count": ["type": "integer", "minimum": 1], "until": ["type": "string", "format": "date-time"],
                    ],
                ], Recurrence.End.count(1)
            )
        }
        if type == PointEntry.MobileLine.self {
            let reason: JSONValue = [
                "type": "object", "required": ["reason"], "properties": ["reason": ["type": "string"]],
            ]
            return (
                [
                    "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                    "properties": ["issuedSIM": ["type": "object"], "exception": reason],
                ], PointEntry.MobileLine.issuedSIM
            )
        }
        guard let integer = type as? any FixedWidthInteger.Type else { return nil }
        return integer.isSigned
            ? (["type": "integer", "format": "int64"], integer.zero)
            : (["type": "integer", "minimum": 0], integer.zero)
    }

    private static func choice<Choice: CaseIterable & RawRepresentable>(
        _ type: Choice.Type
    ) -> (schema: JSONValue, sample: Any)? {
        let values = type.allCases.compactMap { $0.rawValue as? String }
        guard let sample = type.allCases.first, !values.isEmpty else { return nil }
        return (["type": "string", "enum": .strings(values)], sample)
    }

    /// `PortalAPI.Listed<Office.UnitEntry>` is `Listed-UnitEntry`; what is read is told from what is written.
    private static func name(of type: any Any.Type, _ direction: Direction) -> String {
        let parts = String(reflecting: type).split(whereSeparator: { "<>, ".contains($0) }).map { part in
            part.split(separator: ".").dropFirst().joined(separator: ".")
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "-") + (direction == .request ? "-Body" : "")
    }
}

/// What a type asked its decoder for.
private final class Notes {
    enum Shape { case keyed, unkeyed, single }
    var shape = Shape.single
    var properties: [String: JSONValue] = [:]
    var optional: Set<String> = []
    /// Of arrays and dictionaries; of single values their own.
    var element: JSONValue?
    var isNullable = false
}

private struct Recorder: Decoder {
    let book: SchemaBook
    let notes: Notes
    let direction: SchemaBook.Direction
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        notes.shape = .keyed
        return KeyedDecodingContainer(Members<Key>(recorder: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        notes.shape = .unkeyed
        return Elements(recorder: self)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Alone(recorder: self) }

    func describe<Value: Decodable>(_ type: Value.Type) throws -> (schema: JSONValue, sample: Value) {
        try book.describe(type, direction)
    }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let recorder: Recorder
        var codingPath: [any CodingKey] { [] }
        private static var any: String { "*" }

        /// Only what takes any key asks which there are.
        var allKeys: [Key] { Key(stringValue: Self.any).map { [$0] } ?? [] }

        /// Asked before what may be left out is decoded.
        func contains(_ key: Key) -> Bool {
            recorder.notes.optional.insert(key.stringValue)
            return true
        }

        func decodeNil(forKey key: Key) -> Bool { false }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            let (schema, sample) = try recorder.describe(type)
            if key.stringValue == Self.any {
                recorder.notes.element = schema
            } else {
                recorder.notes.properties[key.stringValue] = schema
            }
            return sample
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw SchemaBook.Fault.unsupported("nested containers") }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw SchemaBook.Fault.unsupported("nested containers")
        }
        func superDecoder() throws -> any Decoder { throw SchemaBook.Fault.unsupported("classes") }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaBook.Fault.unsupported("classes") }
    }

    private struct Elements: UnkeyedDecodingContainer {
        let recorder: Recorder
        var codingPath: [any CodingKey] { [] }
        var count: Int? { 1 }
        var currentIndex = 0
        var isAtEnd: Bool { currentIndex > 0 }

        init(recorder: Recorder) { self.recorder = recorder }

        mutating func decodeNil() -> Bool { false }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            currentIndex = 1
            let (schema, sample) = try recorder.describe(type)
            recorder.notes.element = schema
            return sample
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> { throw SchemaBook.Fault.unsupported("nested containers") }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            throw SchemaBook.Fault.unsupported("nested containers")
        }
        mutating func superDecoder() throws -> any Decoder { throw SchemaBook.Fault.unsupported("classes") }
    }

    private struct Alone: SingleValueDecodingContainer {
        let recorder: Recorder
        var codingPath: [any CodingKey] { [] }

        func decodeNil() -> Bool {
            recorder.notes.isNullable = true
            return false
        }

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            let (schema, sample) = try recorder.describe(type)
            recorder.notes.element = schema
            return sample
        }
    }
}
