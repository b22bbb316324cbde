import Archive
import Foundation
import Hummingbird
import Logging
import OfficeStore
import PortalAPI

/// What a timer asks for, and persons may too: that what is due in the archive now be done. Answered line by line while it is, and done whether or
/// not who asked waits for it.
struct RoundRoutes: Sendable {
    let archive: Archive
    let office: OfficeStore
    let discretion: Discretion
    let logger: Logger
    /// So often a line comes, whether or not there is news.
    private static let heartbeat = Duration.seconds(10)
    /// So many recordings are named at most.
    private static let mostNamed = 100

    func add(to group: RouterGroup<PortalContext>) {
        group.post("fixity/due") { _, context in
            let visitor = try context.require(.verifyRecording)
            try await office.note("check due packages", of: "-", by: visitor.signature)
            try await archive.noteRound(.fixity)
            return response { tell throws(ArchiveError) in
                let found = try await archive.checkDuePackages(progress: tell)
                return FixityRoundResult(
                    packages: found.packages, restored: try await named(found.restored, visitor),
                    damaged: try await named(found.damaged, visitor), unread: try await named(found.unread, visitor),
                    isElsewhere: found.isElsewhere)
            }
        }
        group.post("retention/due") { _, context in
            let visitor = try context.require(.changeRetention)
            try await office.note("carry out destructions", of: "-", by: visitor.signature)
            try await archive.noteRound(.retention)
            return response { tell throws(ArchiveError) in
                let (found, failures) = try await archive.carryOutRetention(progress: tell)
                for (id, failure) in failures {
                    logger.error("destruction failed", metadata: ["meeting": "\(id)", "error": "\(failure)"])
                }
                return RetentionRoundResult(
                    destroyed: try await named(found.destroyed, visitor),
                    overdue: try await named(found.overdue, visitor), proposals: found.proposals, over: found.over,
                    isElsewhere: found.isElsewhere)
            }
        }
    }

    /// - Parameter work: begun before the answer is, so that it is done whatever becomes of that.
    private func response<Outcome: Codable & Sendable & Equatable>(
        _ work: @escaping @Sendable (@escaping @Sendable (RoundProgress) -> Void) async throws(ArchiveError) -> Outcome
    ) -> Response {
        // Of progress that a slow client does not take, only the newest is worth keeping.
        let (lines, writer) = AsyncStream.makeStream(
            of: RoundLine<Outcome>.self, bufferingPolicy: .bufferingNewest(2))
        Task {
            let latest = RoundTelling()
            let beating = Task {
                while true {
                    try await Task.sleep(for: Self.heartbeat)
                    if let standing = latest.standing { writer.yield(RoundLine(progress: standing)) }
                }
            }
            do throws(ArchiveError) {
                let outcome = try await work { progress in
                    if let standing = latest.take(progress) { writer.yield(RoundLine(progress: standing)) }
                }
                writer.yield(RoundLine(outcome: outcome))
            } catch {
                writer.yield(RoundLine(failure: Refusal(error).body))
            }
            beating.cancel()
            writer.finish()
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody { body in
                for await line in lines {
                    var data = try PortalJSON.encode(line)
                    data.append(UInt8(ascii: "\n"))
                    try await body.write(ByteBuffer(bytes: data))
                }
                try await body.finish(nil)
            })
    }

    private func named(_ ids: [String], _ visitor: Visitor) async throws(ArchiveError) -> NamedRecordings {
        var records: [MeetingRecord] = []
        for id in ids.prefix(Self.mostNamed) {
            if let record = try await archive.find(id) { records.append(record) }
        }
        // Of whom it is not known whether the visitor may know, no name is told.
        let visible = (try? await discretion.visible(records, to: visitor)) ?? []
        return NamedRecordings(recordings: visible.map(\.id), count: ids.count)
    }
}
