import Foundation
import Hummingbird
import OfficeStore

/// Writes into the Office's journal who saw and who took what of a recording or a meeting, before they get it. A film is fetched in many
/// pieces: those of one person are one line, until half an hour later.
final class ViewingJournal: Sendable {
    enum Act: String, CaseIterable {
        /// The recording's page.
        case open = "open recording"
        /// The film, or one point, began to play.
        case play = "play recording"
        /// A span was played, as the player tells.
        case watch = "watch recording"
        case fetch = "fetch file"
        case verify = "verify recording"
        case package = "package recording"
        case report = "read report"
        /// Of a meeting on the schedule.
        case paper = "read paper"
    }

    private struct Key: Hashable {
        var by: String
        var act: Act
        var subject: String
    }

    private let office: OfficeStore
    private let recent = OnceInAWhile<Key>()

    init(office: OfficeStore) {
        self.office = office
    }

    /// The recording that a line of the journal is about; nil where it is about something else.
    static func recording(_ line: OfficeStore.JournalLine) -> String? {
        guard let act = Act(rawValue: line.action), act != .paper else { return nil }
        return String(line.subject.prefix { $0 != " " })
    }

    /// - Parameter isOnce: whether the same need not be written again soon.
    func note(
        _ act: Act, of recording: String, _ what: String = "", by visitor: Visitor, isOnce: Bool = false,
        at now: ContinuousClock.Instant = .now
    ) async throws {
        let key = Key(by: visitor.signature, act: act, subject: what.isEmpty ? recording : "\(recording) \(what)")
        if isOnce, !recent.isNew(key, at: now) { return }
        do { try await office.note(act.rawValue, of: key.subject, by: key.by) } catch {
            recent.forget(key)
            throw error
        }
    }

    /// A file that is asked for: played where a player asks, looked at where a page shows it as a picture, else taken.
    func note(file: String, of recording: String, _ request: Request, by visitor: Visitor) async throws {
        switch request.headers[.fetchDestination] {
        case "video", "audio": try await note(.play, of: recording, file, by: visitor, isOnce: true)
        case "image": try await note(.open, of: recording, by: visitor, isOnce: true)
        default:
            try await note(.fetch, of: recording, file, by: visitor, isOnce: request.continuesFile)
        }
    }
}

extension Request {
    /// Asks for a part of a file that does not begin at its beginning.
    var continuesFile: Bool {
        if case .part(let range) = ByteRange(header: headers[.range], size: .max) {
            range.lowerBound > 0
        } else {
            false
        }
    }
}
