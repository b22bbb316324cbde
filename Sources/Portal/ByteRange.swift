/// What a `Range` header asks of a file (RFC 9110 §14).
enum ByteRange: Equatable {
    /// None, or a form that need not be honoured: several ranges, another unit, bad syntax (§14.2).
    case whole
    case part(Range<Int64>)
    /// A 416 with the file's size.
    case unsatisfiable

    init(header: String?, size: Int64) {
        self = .whole
        guard let header, header.utf8.count <= 64, header.lowercased().hasPrefix("bytes=") else { return }
        let bounds = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, bounds.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return
        }
        switch (Int64(bounds[0]), Int64(bounds[1])) {
        case (let first?, let last?):
            guard first <= last else { return }
            self = first < size ? .part(first..<(min(last, size - 1) + 1)) : .unsatisfiable
        case (let first?, nil):
            guard bounds[1].isEmpty else { return }
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (nil, let suffix?):
            guard bounds[0].isEmpty else { return }
            self = suffix > 0 && size > 0 ? .part(max(0, size - suffix)..<size) : .unsatisfiable
        case (nil, nil):
            return
        }
    }
}
