import Archive
import Foundation
import Hummingbird
import PortalAPI
import Synchronization

/// Takes requests for verification, a bounded number at once, and answers at the end or, where the client asks for
/// `application/x-ndjson`, with progress on the way.
final class VerificationDesk: Sendable {
    static let maximumAtOnce = 4

    private let archive: Archive
    private let running = Mutex(0)

    init(archive: Archive) {
        self.archive = archive
    }

    func response(to request: Request, recording id: String) async throws -> Response {
        guard let meeting = try await archive.find(id) else { throw ArchiveError.unknownMeeting(id) }
        try meeting.refuseDestroyed()
        guard meeting.state == .sealed else {
            throw ArchiveError.wrongState(meeting: id, state: meeting.state, asked: "verified before it is sealed")
        }
        guard request.headers[.accept]?.contains("application/x-ndjson") == true else {
            guard enter() else { throw Self.busy }
            defer { leave() }
            return try Response.json(VerificationOutcome(try await archive.verify(id)))
        }
        // Its place is taken when the answer begins: a client that is gone by then takes none.
        guard running.withLock({ $0 < Self.maximumAtOnce }) else { throw Self.busy }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody { writer in
                for await line in self.lines(id) {
                    var data = try PortalJSON.encode(line)
                    data.append(UInt8(ascii: "\n"))
                    try await writer.write(ByteBuffer(bytes: data))
                }
                try await writer.finish(nil)
            })
    }

    private static var busy: Refusal {
        Refusal(.serviceUnavailable, "Too many recordings are being verified.", hint: "Ask again in a minute.")
    }

    private func enter() -> Bool {
        running.withLock { running in
            guard running < Self.maximumAtOnce else { return false }
            running += 1
            return true
        }
    }

    private func leave() {
        running.withLock { $0 -= 1 }
    }

    private func lines(_ id: String) -> AsyncStream<VerificationLine> {
        // Of progress that a slow client does not take, only the newest is worth keeping.
        AsyncStream(bufferingPolicy: .bufferingNewest(4)) { continuation in
            let task = Task {
                guard self.enter() else {
                    continuation.yield(VerificationLine(failure: Self.busy.body))
                    return continuation.finish()
                }
                do throws(ArchiveError) {
                    let report = try await self.archive.verify(id) { progress in
                        continuation.yield(
                            VerificationLine(
                                progress: .init(doneBytes: progress.doneBytes, totalBytes: progress.totalBytes)))
                    }
                    continuation.yield(VerificationLine(outcome: VerificationOutcome(report)))
                } catch {
                    continuation.yield(VerificationLine(failure: Refusal(error).body))
                }
                self.leave()
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
