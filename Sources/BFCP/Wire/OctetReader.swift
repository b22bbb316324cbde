/// Reads big-endian numbers off octets; nil where too few are left.
struct OctetReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { rest = octets }

    var count: Int { rest.count }

    mutating func octet() -> UInt8? { rest.popFirst() }

    mutating func half() -> UInt16? {
        guard let octets = take(2) else { return nil }
        return octets.reduce(0) { $0 << 8 | UInt16($1) }
    }

    mutating func word() -> UInt32? {
        guard let octets = take(4) else { return nil }
        return octets.reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Skips as many of `count` octets as there are.
    mutating func skip(atMost count: Int) { rest = rest.dropFirst(max(0, count)) }

    mutating func takeRest() -> ArraySlice<UInt8> {
        defer { rest = [] }
        return rest
    }
}

extension [UInt8] {
    mutating func append(half: UInt16) { self += [UInt8(half >> 8), UInt8(truncatingIfNeeded: half)] }
    mutating func append(word: UInt32) {
        append(half: UInt16(word >> 16))
        append(half: UInt16(truncatingIfNeeded: word))
    }
    /// Zeros up to the next multiple of 4.
    mutating func pad() { self += [UInt8](repeating: 0, count: -count & 3) }
}
