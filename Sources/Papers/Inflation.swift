import CZlib

/// Unpacks a deflated stretch of a file (RFC 1950, RFC 1951) piece by piece, never more than was allowed.
struct Inflation {
    enum Wrapper {
        /// RFC 1951, as in ZIP files.
        case none
        /// RFC 1950, as in PDF.
        case zlib
    }

    enum Ending: Equatable {
        case whole
        /// There would be more.
        case tooMuch
        case malformed
    }

    private static let pieceSize = 16 << 10

    /// Octets that may be read and written still, by everything that is unpacked in turn.
    struct Budget {
        var input: Int
        var output: Int
    }

    /// - Parameters:
    ///   - range: of the file; what follows the stream in it is left.
    ///   - onPiece: hears what was unpacked.
    static func run(
        _ file: FileOctets, _ range: Range<Int>, _ wrapper: Wrapper, _ budget: inout Budget,
        onPiece: ([UInt8]) -> Void = { _ in }
    ) -> Ending {
        var stream = z_stream()
        let bits: Int32 = wrapper == .zlib ? MAX_WBITS : -MAX_WBITS
        guard inflateInit2_(&stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return .malformed
        }
        defer { inflateEnd(&stream) }
        var at = range.lowerBound
        while at < range.upperBound {
            var input = file.read(at: at, min(pieceSize, range.upperBound - at))
            guard !input.isEmpty else { return .malformed }
            at += input.count
            budget.input -= input.count
            guard budget.input >= 0 else { return .tooMuch }
            let ending: Ending? = input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                repeat {
                    var status = Z_OK
                    let output = [UInt8](unsafeUninitializedCapacity: pieceSize) { output, filled in
                        stream.next_out = output.baseAddress
                        stream.avail_out = UInt32(output.count)
                        status = inflate(&stream, Z_NO_FLUSH)
                        filled = output.count - Int(stream.avail_out)
                    }
                    budget.output -= output.count
                    guard budget.output >= 0 else { return .tooMuch }
                    if !output.isEmpty { onPiece(output) }
                    switch status {
                    case Z_STREAM_END: return .whole
                    case Z_OK: break
                    // No more input, or nothing came of it.
                    case Z_BUF_ERROR: return nil
                    default: return .malformed
                    }
                } while stream.avail_in > 0 || stream.avail_out == 0
                return nil
            }
            if let ending { return ending }
        }
        return .malformed
    }
}
