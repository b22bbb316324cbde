import Archive
import Foundation
import Office
import OfficeStore
import PortalAPI
import Vietnamese

/// How a meeting's papers stand in its package, `papers/papers.json`: a number a title, and of each title every version.
///
///     {"papers": [{"file": "001-to-trinh-v2.pdf", "title": "Tờ trình.pdf", "version": 2, "by": "Trần Thị B",
///                  "at": "2026-11-24T08:10:00.000+07:00", "size": 18233, "mime": "application/pdf", "sha256": "9f…"}]}
public struct PackagedPapers: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        /// Beside `papers.json`; ASCII.
        public var file: String
        /// As whoever brought it called it.
        public var title: String
        /// From 1, of those with one title, in the order of their coming.
        public var version: Int
        public var by: String
        public var at: Date
        public var size: Int64
        public var mime: String
        public var sha256: String
        /// It has scripts, macros or files within it, or may have; left out where it has none.
        public var hasCode: Bool?
    }

    private static let longestName = 60
    private static let longestEnding = 8

    public var papers: [Entry]

    /// - Parameter papers: in the order of their coming.
    public init(_ papers: [Paper]) {
        var versions: [String: (number: Int, count: Int)] = [:]
        self.papers = papers.map { paper in
            var known = versions[paper.name] ?? (versions.count + 1, 0)
            known.count += 1
            versions[paper.name] = known
            return Entry(
                file: Self.file(paper.name, number: known.number, version: known.count), title: paper.name,
                version: known.count, by: paper.by, at: paper.at, size: paper.size, mime: paper.mime,
                sha256: paper.sha256, hasCode: paper.hasCode ? true : nil)
        }
    }

    private static func file(_ title: String, number: Int, version: Int) -> String {
        let parts = title.split(separator: ".", omittingEmptySubsequences: false)
        let ending = parts.count > 1 ? VietnameseText.slug(String(parts[parts.count - 1]), fallback: "") : ""
        let hasEnding = (1...longestEnding).contains(ending.utf8.count)
        let stem = hasEnding ? parts.dropLast().joined(separator: ".") : title
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
            + "-\(VietnameseText.slug(stem, limit: longestName, fallback: "tai-lieu"))"
            + (version > 1 ? "-v\(version)" : "") + (hasEnding ? ".\(ending)" : "")
    }
}

/// Puts the Office's papers of a meeting into its package.
public struct PaperDesk: Sendable {
    private let archive: Archive
    private let office: OfficeStore

    public init(archive: Archive, office: OfficeStore) {
        self.archive = archive
        self.office = office
    }

    /// Copies all papers that the Office has now into a package that is about to be sealed; those that cannot be had are noted
    /// on the meeting. Can be done again: what was copied before gives way. A meeting that nobody convened has none.
    public func keep(_ id: String) async throws {
        let meeting = try await archive.details(of: id).meeting
        guard let sitting = meeting.sitting else { return }
        let scheduled = ScheduledMeeting.id(ofSitting: sitting)
        let papers = try await office.papers(of: scheduled)
        try archive.removeFolder("papers", from: meeting)
        guard !papers.isEmpty else { return }
        let packaged = PackagedPapers(papers)
        var kept: [PackagedPapers.Entry] = []
        for (paper, entry) in zip(papers, packaged.papers) {
            do {
                let (_, path) = try await office.paper(paper.id, of: scheduled)
                try await archive.addCopy(of: path, as: "papers/" + entry.file, sha256: entry.sha256, to: meeting)
                kept.append(entry)
            } catch ArchiveError.cancelled {
                throw ArchiveError.cancelled
            } catch {
                try await archive.addNote(
                    id, .fault, "the paper \"\(entry.title)\" is not in the package: \(error)")
            }
        }
        var list = packaged
        list.papers = kept
        try archive.add(try PortalJSON.encode(list), as: "papers/papers.json", to: meeting)
    }
}
