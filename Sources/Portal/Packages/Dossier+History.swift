import Archive
import Dossier
import Evidence
import Foundation
import Preservation

extension Dossier {
    /// How the recording came to be, by the meeting's own record: when it was begun and ended and by whose order, and when the film
    /// was composed of it, each with the program that did it as it was then.
    mutating func takeHistory(_ log: [EventRecord], of sealed: SealedFiles) {
        let (master, film) = (sealed.paths.master, sealed.paths.accessCopy)
        var history = PackageHistory(agents: agents)
        if let made = sealed.made(master) {
            history.takeRecording(log, of: made)
            history.takeDecoding(log, of: made)
        }
        if let made = sealed.made(film) {
            history.takeMaking(of: made, "dựng phim để xem từ bản gốc", from: master)
        }
        agents = history.agents
        events += history.events
    }

    /// In order of time; what happened at one moment stays as it was told.
    mutating func sortEvents() {
        events = events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}

extension SealedFiles {
    /// A file of the package, as its history names it.
    fileprivate func made(_ path: String) -> PackageHistory.File? {
        file(path).map { PackageHistory.File(name: path, program: $0.madeBy, createdAt: $0.createdAt) }
    }
}
