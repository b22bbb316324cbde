import Archive
import Dossier
import Evidence
import Foundation
import NIOCore
import NIOPosix
import PortalAPI

/// The files of a sealed meeting, which are used for nothing before they were found to be what was sealed.
struct SealedFiles: Sendable {
    private let archive: Archive
    private let meeting: MeetingRecord
    private let files: [String: PackageFile]
    private let opened: OpenedPackage

    /// Close it by a `defer`: of an encrypted package clear copies are there until then.
    /// - Parameter isWanted: which files are used, by their paths in the package.
    init(
        _ archive: Archive, of meeting: MeetingRecord,
        _ isWanted: @escaping @Sendable (String) -> Bool
    ) async throws(ArchiveError) {
        self.archive = archive
        self.meeting = meeting
        opened = try await archive.open(meeting, isWanted)
        let directory = opened.paths.directory
        files = Dictionary(try await archive.files(of: meeting).map { ("\(directory)/\($0.path)", $0) }) { $1 }
    }

    /// What people saw and heard.
    static func isComposed(_ path: String) -> Bool { path.hasSuffix("access.webm") || path.hasSuffix("audio.opus") }
    /// What is said of a recording.
    static func isDescription(_ path: String) -> Bool {
        path.hasSuffix("events.jsonl") || path.hasSuffix("gaps.json") || path.hasPrefix("data/reports/")
            || path.hasPrefix("data/papers/")
    }

    var paths: PackagePaths { opened.paths }

    func close() { opened.close() }

    /// As it was sealed; not looked at yet. Nil of what the seal does not have, whether or not it lies there.
    func file(_ path: String) -> DossierFile? {
        guard let file = files[path], let sha256 = file.sha256 else { return nil }
        return DossierFile(
            path: path, size: file.size, sha256: sha256, mime: file.mime,
            createdAt: file.madeAt ?? meeting.sealedAt ?? meeting.openedAt, madeBy: DossierFile.Program(file.madeBy),
            originalName: file.path)
    }

    /// Reads the whole file, and throws where it is not what was sealed.
    func checked(_ path: String) async throws -> DossierFile? {
        guard let sealed = file(path) else { return nil }
        try await NIOSingletons.posixBlockingThreadPool.runIfActive { try Self.check(sealed) }
        return sealed
    }

    private static func check(_ sealed: DossierFile) throws(DossierFault) {
        let found = try DossierFile(reading: sealed.path, mime: sealed.mime, createdAt: sealed.createdAt)
        guard found.size == sealed.size else {
            throw .sourceChanged(path: sealed.path, what: "it has \(found.size) octets, not \(sealed.size)")
        }
        guard found.sha256.lowercased() == sealed.sha256.lowercased() else {
            throw .sourceChanged(path: sealed.path, what: "it has another checksum")
        }
    }

    /// What stands in a file, of at most `limit` octets; the same octets were found to be what was sealed.
    func contents(of path: String, limit: Int) async throws -> Data? {
        guard let sealed = file(path) else { return nil }
        return try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            let data = try FileDigest.contents(of: path, limit: limit)
            guard Hex.sha256(data) == sealed.sha256.lowercased() else {
                throw DossierFault.sourceChanged(path: path, what: "it has another checksum")
            }
            return data
        }
    }

    /// The papers that were sealed with the meeting. Packages of the first layout have none: the Office's stand for them.
    /// - Parameter isOfEachTheLast: of a paper that was brought again, the last version alone.
    func papers(orElse others: [DossierPaper], isOfEachTheLast: Bool = false) async throws -> [DossierPaper] {
        guard meeting.layout != .flat else { return others }
        guard let data = try await contents(of: paths.payload("papers/papers.json"), limit: 16 << 20) else { return [] }
        let entries = try PortalJSON.decode(PackagedPapers.self, from: data).papers
        let last = Dictionary(entries.map { ($0.title, $0.version) }, uniquingKeysWith: max)
        return entries.compactMap { entry in
            if isOfEachTheLast, entry.version != last[entry.title] { return nil }
            guard var file = file(paths.payload("papers/\(entry.file)")) else { return nil }
            (file.mime, file.createdAt, file.originalName) = (entry.mime, entry.at, entry.title)
            return DossierPaper(
                file: file, subject: (entry.title as NSString).deletingPathExtension, issuedAt: entry.at,
                note: DossierPaper.dateOfReceipt)
        }
    }

    /// What everybody saw and heard: the composed film, or its sound alone. The master is neither: its tracks are one point's
    /// each, and the first of them is not the meeting.
    func composed() async throws -> DossierFile {
        for path in [paths.accessCopy, paths.payload("audio.opus")] {
            if let file = try await checked(path) { return file }
        }
        throw DossierFault.noAccessCopy
    }
}

extension DossierPaper {
    /// Of papers only when they were brought is known; the form demands a date.
    static let dateOfReceipt = "Ngày ghi là ngày nộp vào hệ thống; ngày ban hành xem trong tài liệu."
}
