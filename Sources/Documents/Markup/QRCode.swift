import CQREncode

/// A QR code (ISO/IEC 18004), of the smallest version that holds its text, with correction of a quarter (level Q) while that
/// is no larger than paper bears.
public struct QRCode: Hashable, Sendable {
    /// Dark or light, row by row.
    public let modules: [Bool]
    public let width: Int

    /// Codes beyond this do not scan from a print of 4 cm.
    private static let largestComfortableWidth = 61

    /// Nil where the text is empty, has a zero in it, or is longer than a code holds (1,273 octets at most).
    public init?(_ text: String) {
        guard !text.isEmpty, !text.utf8.contains(0), text.utf8.count <= 1273 else { return nil }
        let codes = [QR_ECLEVEL_Q, QR_ECLEVEL_M].lazy.compactMap { Self.encode(text, $0) }
        guard let code = codes.first(where: { $0.width <= Self.largestComfortableWidth }) ?? codes.last else {
            return nil
        }
        (modules, width) = code
    }

    private static func encode(_ text: String, _ level: QRecLevel) -> (modules: [Bool], width: Int)? {
        guard let code = text.withCString({ QRcode_encodeString8bit($0, 0, level) }) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard width > 0, let data = code.pointee.data else { return nil }
        return (UnsafeBufferPointer(start: data, count: width * width).map { $0 & 1 == 1 }, width)
    }

    /// Drawn with the quiet zone of four modules that the standard asks for (§9.1).
    public func svg(describedAs description: String) -> Markup {
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                let length = modules[(row * width + column)..<(row + 1) * width].prefix { $0 }.count
                if length > 0 { path += "M\(column + 4) \(row + 4)h\(length)v1h-\(length)z" }
                column += max(1, length)
            }
        }
        let side = width + 8
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" role="img" aria-label="\(description)" \
            shape-rendering="crispEdges"><rect width="\(side)" height="\(side)" fill="#fff"/><path d="\(path)"/></svg>
            """
    }
}
