import Archive
import Foundation
import Hummingbird
import Matroska
import NIOCore
import NIOPosix
import Synchronization

/// Answers with a span of a file that is cut out while it is sent: no more than a cluster of it is in memory, and whoever goes
/// away ends it.
final class ExcerptDesk: Sendable {
    static let maximumAtOnce = 64

    private let running = Mutex(0)

    private final class Source: Sendable {
        private let excerpt: Mutex<MatroskaExcerpt>
        let type: MatroskaInfo.DocumentType

        init(
            _ file: StoredFile, _ span: Range<Int64>, isWanted: @Sendable (MatroskaTrack) -> Bool
        ) throws(MatroskaError) {
            let excerpt = try MatroskaExcerpt(
                file, from: span.lowerBound * 1_000_000, to: span.upperBound * 1_000_000, choose: isWanted)
            type = excerpt.documentType
            self.excerpt = Mutex(excerpt)
        }

        func next() throws -> [UInt8]? { try excerpt.withLock { try $0.next() } }
    }

    /// - Parameters:
    ///   - open: opens the file, on a thread that may block.
    ///   - span: milliseconds of the file.
    ///   - isWanted: which tracks are offered as one picture and one sound.
    func response(
        _ open: @escaping @Sendable () throws(ArchiveError) -> StoredFile, _ span: Range<Int64>,
        isWanted: @escaping @Sendable (MatroskaTrack) -> Bool
    ) async throws -> Response {
        // Its place is taken when the answer begins: a client that is gone by then takes none.
        guard running.withLock({ $0 < Self.maximumAtOnce }) else {
            throw Refusal(.serviceUnavailable, "Too many recordings are being watched.", hint: "Ask again in a minute.")
        }
        let source: Source
        do {
            source = try await NIOSingletons.posixBlockingThreadPool.runIfActive {
                try Source(try open(), span, isWanted: isWanted)
            }
        } catch MatroskaError.unknownTrack {
            throw Refusal(.notFound, "The recording has nothing of that.", hint: "Its time line lists what it has.")
        } catch ArchiveError.inputOutput {
            throw Refusal(.notFound, "The recording has no such file.", hint: "Its details list the files that it has.")
        } catch let error as MatroskaError where error.isDamage {
            throw Refusal(.conflict, "The recording's file is damaged.", hint: "Have the recording verified.")
        }
        return Response(
            status: .ok,
            headers: [.contentType: source.type == .webm ? "video/webm" : "video/matroska", .acceptRanges: "none"],
            body: ResponseBody { [self] writer in
                running.withLock { $0 += 1 }
                defer { running.withLock { $0 -= 1 } }
                while let piece = try await NIOSingletons.posixBlockingThreadPool.runIfActive({ try source.next() }) {
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
            })
    }
}
