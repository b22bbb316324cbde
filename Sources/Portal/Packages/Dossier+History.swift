import Archive
import Dossier
import Evidence
import Foundation

extension Dossier {
    /// How the recording came to be, by the meeting's own record: when it was begun and ended and by whose order, and when the film
    /// was composed of it, each with the program that did it as it was then.
    mutating func takeHistory(_ log: [EventRecord], of sealed: SealedFiles) {
        let (master, film) = (sealed.paths.master, sealed.paths.accessCopy)
        if let file = sealed.file(master), let began = log.recordingBegan {
            var doers = recorder(of: file)
            let order = log.first { $0.name == "recording-started" }
            if let person = order?.fields["orderedBy"], !person.isEmpty {
                agents.append(PreservationAgent(id: "orderer", kind: .person, name: person))
                doers.append(PreservationEvent.Link("orderer", role: "authorizer"))
            }
            let document = order?.fields["document"].map { $0.isEmpty ? "" : ": \($0)" } ?? ""
            let made = [PreservationEvent.Link(master, role: "outcome")]
            events.append(
                PreservationEvent(
                    type: "creation", at: began, detail: "bắt đầu ghi\(document)", agents: doers, objects: made))
            if let ended = log.recordingEnded {
                events.append(
                    PreservationEvent(
                        type: "creation", at: ended, detail: "kết thúc ghi", agents: recorder(of: file), objects: made))
            }
        }
        if let file = sealed.file(film) {
            events.append(
                PreservationEvent(
                    type: "creation", at: file.createdAt, detail: "dựng phim để xem từ bản gốc",
                    agents: recorder(of: file),
                    objects: [
                        PreservationEvent.Link(master, role: "source"), PreservationEvent.Link(film, role: "outcome"),
                    ]))
        }
    }

    /// In order of time; what happened at one moment stays as it was told.
    mutating func sortEvents() {
        events = events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// The program as it was when it made a file: of another version than what makes the package it is an agent of its own.
    private mutating func recorder(of file: DossierFile) -> [PreservationEvent.Link] {
        guard let program = file.madeBy else { return [] }
        let version = program.version.isEmpty ? nil : program.version
        let known = agents.first { $0.kind == .software && $0.name == program.name && $0.version == version }
        let agent =
            known
            ?? PreservationAgent(
                id: "program-\(agents.count)", kind: .software, name: program.name, version: version)
        if known == nil { agents.append(agent) }
        return [PreservationEvent.Link(agent.id, role: "executing program")]
    }
}
