/// Reads clusters of a file that `MatroskaWriter` wrote, by where they lie.
public final class ClusterReader {
    /// A cluster larger than this is taken for damage.
    private static let mostOctets: UInt64 = 512 << 20
    private let cursor: FileCursor

    public init(path: String) throws(MatroskaError) { cursor = try FileCursor(path: path) }

    /// The data of each block of the cluster in `length` octets at `offset`, as they lie in it; nil where there is none whose
    /// checksum holds.
    public func blocks(at offset: UInt64, length: UInt64) throws(MatroskaError) -> [ArraySlice<UInt8>]? {
        guard length <= Self.mostOctets, offset <= cursor.size, length <= cursor.size - offset else { return nil }
        cursor.seek(to: offset)
        guard let element = try cursor.element(), element.id == EBMLID.cluster, element.end == offset + length,
            let body = try cursor.bytes(Int(clamping: element.size ?? 0))
        else { return nil }
        var blocks: [ArraySlice<UInt8>] = []
        var isIntact = false
        for child in EBMLChildren(body) {
            switch child.id {
            case EBMLID.crc32:
                let stored = child.data.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                isIntact = CRC32.of(body[child.data.endIndex...]) == stored
            case EBMLID.simpleBlock:
                var rest = child.data
                guard EBMLChildren.vint(&rest, mostOctets: 8, keepsMarker: false) != nil, rest.count >= 3 else {
                    return nil
                }
                blocks.append(rest.dropFirst(3))
            default: break
            }
        }
        return isIntact ? blocks : nil
    }
}
