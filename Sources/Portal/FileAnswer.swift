import Archive
import Foundation
import Hummingbird
import NIOCore
import NIOPosix

/// A package's file, open for sending: never a link, read in pieces off the event loops.
final class OpenFile: Sendable {
    static let pieceSize = 128 << 10

    var size: Int64 { stored.octets }
    var modified: timespec { stored.modified }
    private let stored: StoredFile

    /// What ``Archive/open(_:of:)`` gave.
    init(_ stored: StoredFile) { self.stored = stored }

    /// A file of no package's.
    init(_ path: String) throws(ArchiveError) { stored = try StoredFile(path) }

    /// At most `count` bytes from `offset`; fewer than asked for only where the file ends.
    private func piece(at offset: Int64, count: Int) async throws -> ByteBuffer {
        try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            var buffer = ByteBuffer()
            let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                try self.stored.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
            }
            guard read > 0 else {
                throw ArchiveError.inputOutput(path: self.stored.path, reason: "shorter than it was")
            }
            return buffer
        }
    }

    /// The bytes of `range`; at no time is more than a piece of them in memory.
    /// - Parameter gate: asked before each piece: where it throws, the answer breaks off.
    func body(_ range: Range<Int64>, gate: @escaping @Sendable () throws -> Void) -> ResponseBody {
        ResponseBody(contentLength: Int(range.count)) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                try gate()
                let count = Int(min(Int64(Self.pieceSize), range.upperBound - offset))
                let buffer = try await self.piece(at: offset, count: count)
                offset += Int64(buffer.readableBytes)
                try await writer.write(buffer)
            }
            try await writer.finish(nil)
        }
    }
}

/// The answer to a request for a file: whole, a part, not changed, or a part that is not there (RFC 9110 §13, §14,
/// §15.3.7).
struct FileAnswer {
    let file: OpenFile
    let mime: String
    /// The seal's hash, where there is one.
    let sha256: String?
    let downloadName: String
    /// Shown by the browser rather than kept as a file.
    var isInline = false
    /// Whether the client may keep it for the next time.
    var isKept = true
    var gate: @Sendable () throws -> Void = {}

    private var entityTag: String {
        "\"\(sha256 ?? "\(file.size)-\(file.modified.tv_sec)-\(file.modified.tv_nsec)")\""
    }

    func response(to request: Request) -> Response {
        var headers: HTTPFields = [
            .contentType: mime, .acceptRanges: "bytes", .eTag: entityTag,
            .cacheControl: isKept ? "private, no-cache" : "no-store",
            .contentDisposition: "\(isInline ? "inline" : "attachment"); filename=\"\(downloadName)\"",
        ]
        if let conditions = request.headers[.ifNoneMatch],
            conditions.split(separator: ",").contains(where: { Self.matches($0, entityTag) })
        {
            return Response(status: .notModified, headers: headers)
        }
        switch wantedRange(request) {
        case .whole:
            return Response(status: .ok, headers: headers, body: file.body(0..<file.size, gate: gate))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
            return Response(status: .partialContent, headers: headers, body: file.body(range, gate: gate))
        case .unsatisfiable:
            return Response(
                status: .rangeNotSatisfiable,
                headers: [.contentRange: "bytes */\(file.size)", .acceptRanges: "bytes", .eTag: entityTag])
        }
    }

    /// A range counts only for the very bytes that the client has begun to fetch (RFC 9110 §13.1.5).
    private func wantedRange(_ request: Request) -> ByteRange {
        if let condition = request.headers[.ifRange], condition != entityTag { return .whole }
        return ByteRange(header: request.headers[.range], size: file.size)
    }

    private static func matches(_ condition: Substring, _ tag: String) -> Bool {
        let condition = condition.trimmingCharacters(in: .whitespaces)
        return condition == "*" || condition == tag || condition == "W/" + tag
    }
}
