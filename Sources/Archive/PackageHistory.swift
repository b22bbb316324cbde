import Foundation
import Preservation

/// What was done to a meeting's material before its seal, and by what program and by whose order, as the meeting's own record tells it.
/// Packages' descriptions, the sealed one's and those that are made of it, are all made of this.
public struct PackageHistory {
    /// A file of the package.
    public struct File {
        /// By which the events name it.
        public var name: String
        /// What made it.
        public var program: PreservationProgram?
        public var createdAt: Date
        public init(name: String, program: PreservationProgram?, createdAt: Date) {
            self.name = name
            self.program = program
            self.createdAt = createdAt
        }
    }

    /// Who is known already, and who had a hand in what was taken.
    public private(set) var agents: [PreservationAgent]
    /// In the order in which they were taken.
    public private(set) var events: [PreservationEvent] = []

    public init(agents: [PreservationAgent] = []) { self.agents = agents }

    /// How the master came to be: when it was begun and ended and by whose order, and that two recordings became one.
    public mutating func takeRecording(_ log: [EventRecord], of master: File) {
        guard let began = log.recordingBegan else { return }
        var doers = doers(of: master)
        let order = log.first { $0.name == "recording-started" }
        if let person = order?.fields["orderedBy"], !person.isEmpty {
            enter(PreservationAgent(id: "orderer", kind: .person, name: person))
            doers.append(PreservationEvent.Link("orderer", role: "authorizer"))
        }
        let document = order?.fields["document"].map { $0.isEmpty ? "" : ": \($0)" } ?? ""
        let made = [PreservationEvent.Link(master.name, role: "outcome")]
        events.append(
            PreservationEvent(
                type: "creation", at: began, detail: "bắt đầu ghi\(document)", agents: doers, objects: made))
        if let ended = log.recordingEnded {
            events.append(
                PreservationEvent(
                    type: "creation", at: ended, detail: "kết thúc ghi", agents: self.doers(of: master), objects: made))
        }
        for merge in log where merge.name == "recordings-merged" {
            events.append(
                PreservationEvent(
                    type: "modification", at: merge.at, detail: "ghép hai bản ghi thành một bản gốc theo từng gói RTP",
                    outcome: "success",
                    note: "chỉ bản thứ nhất có: \(merge.fields["firstAlone"] ?? "?") gói; "
                        + "chỉ bản thứ hai có: \(merge.fields["secondAlone"] ?? "?") gói",
                    agents: self.doers(of: master), objects: made))
        }
    }

    /// When a file was made, and of which other.
    public mutating func takeMaking(of file: File, _ detail: String, from source: String? = nil) {
        events.append(
            PreservationEvent(
                type: "creation", at: file.createdAt, detail: detail, agents: doers(of: file),
                objects: (source.map { [PreservationEvent.Link($0, role: "source")] } ?? [])
                    + [PreservationEvent.Link(file.name, role: "outcome")]))
    }

    /// That the master was decoded end to end, and what that showed. The last time counts.
    public mutating func takeDecoding(_ log: [EventRecord], of master: File) {
        let all = log.filter { $0.name == "master-decoded" }
        guard let last = all.last else { return }
        func sum(_ field: String) -> Int {
            all.filter { $0.at == last.at }.reduce(0) { $0 &+ (Int($1.fields[field] ?? "") ?? 0) }
        }
        let refused = sum("refused")
        events.append(
            PreservationEvent(
                type: "validation", at: last.at, detail: "giải mã toàn bộ bản gốc",
                outcome: refused == 0 ? "success" : "warning",
                note: "\(refused) trong \(sum("blocks")) khối không giải mã được", agents: doers(of: master),
                objects: [PreservationEvent.Link(master.name, role: "source")]))
    }

    /// The program as it was when it made a file: of another version than one that is known it is an agent of its own.
    private mutating func doers(of file: File) -> [PreservationEvent.Link] {
        guard let program = file.program else { return [] }
        return [PreservationEvent.Link(enter(program), role: "executing program")]
    }

    /// The identifier of a program among the agents.
    @discardableResult
    public mutating func enter(_ program: PreservationProgram) -> String {
        let version = program.version.isEmpty ? nil : program.version
        let known = agents.first { $0.kind == .software && $0.name == program.name && $0.version == version }
        if let known { return known.id }
        let agent = PreservationAgent(
            id: "program-\(agents.count)", kind: .software, name: program.name, version: version)
        agents.append(agent)
        return agent.id
    }

    private mutating func enter(_ agent: PreservationAgent) {
        if !agents.contains(where: { $0.id == agent.id }) { agents.append(agent) }
    }
}
