import Archive
import Foundation
import OfficeStore

/// Writes down each use of a grant before anything is given out: in the supply register, and in the Office's journal. A film is
/// fetched in many pieces: those of one person are one viewing, until half an hour later.
final class SupplyJournal: Sendable {
    enum Use: String, CaseIterable {
        case watched, downloaded, refused
        /// A package was made for it.
        case packaged

        /// In the Office's journal.
        var deed: String {
            switch self {
            case .watched: "watch copy"
            case .downloaded: "download copy"
            case .refused: "refuse copy"
            case .packaged: "make package"
            }
        }
    }

    private struct Key: Hashable {
        var by: String
        var use: Use
        var grant: Int64
    }

    private let archive: Archive
    private let office: OfficeStore
    private let recent = OnceInAWhile<Key>()

    init(archive: Archive, office: OfficeStore) {
        self.archive = archive
        self.office = office
    }

    /// - Parameter isOnce: whether the same need not be written again soon.
    func note(
        _ use: Use, of grant: Int64, _ detail: String = "", by visitor: Visitor, isOnce: Bool,
        at now: ContinuousClock.Instant = .now
    ) async throws {
        let key = Key(by: visitor.identity, use: use, grant: grant)
        guard recent.isNew(key, at: now) || !isOnce else { return }
        do {
            try await archive.noteAccess(use.rawValue, of: grant, detail)
            try await office.note(use.deed, of: "\(grant) \(detail)", by: visitor.signature)
        } catch {
            recent.forget(key)
            throw error
        }
    }

    /// What is done about copies, and is no use of one.
    func note(_ deed: String, of subject: String, by visitor: Visitor) async throws {
        try await office.note(deed, of: subject, by: visitor.signature)
    }
}
