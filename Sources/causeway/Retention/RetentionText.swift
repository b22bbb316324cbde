import Foundation
import PortalAPI

/// Terms, holds and proposals as text.
enum RetentionText {
    static func list(_ list: RetentionList, width: Int?) -> [String] {
        guard !list.recordings.isEmpty else { return ["No recording matches."] }
        var table = TextTable([
            .init(title: "ID"), .init(title: "TITLE", givesWay: true), .init(title: "CLASS"),
            .init(title: "KEPT UNTIL"), .init(title: "SUBMIT BY"), .init(title: "HOLDS", alignment: .right),
            .init(title: "STATE"),
        ])
        for recording in list.recordings {
            let next = recording.submissions.first { $0.submittedAt == nil }
            table.add([
                recording.recording, recording.title, recording.retentionClass.code,
                recording.keptUntil ?? "for ever", next.map { "\($0.due) \($0.archive)" } ?? "-",
                String(recording.holds.filter { $0.releasedAt == nil }.count),
                recording.proposal.map { "proposal \($0)" } ?? recording.state,
            ])
        }
        let more = list.next.map { ["", "There are more: --after \(DisplayWidth.harmless($0))"] } ?? []
        return table.lines(width: width) + more
    }

    static func facts(_ status: RetentionStatus) -> [String] {
        var facts = Facts()
        facts.add("recording", status.recording)
        facts.add("title", status.title)
        add(status, to: &facts)
        return facts.lines
    }

    /// What the details of a recording have of it.
    static func add(_ status: RetentionStatus, to facts: inout Facts) {
        facts.add("class", "\(status.retentionClass.code), \(status.retentionClass.vietnamese)")
        facts.add("kept until", status.keptUntil ?? "for ever")
        for submission in status.submissions {
            let made = submission.submittedAt.map { "submitted \(Formats.time($0)), \(submission.document ?? "")" }
            facts.add("\(submission.archive) archive", made ?? "submit by \(submission.due)")
        }
        for hold in status.holds where hold.releasedAt == nil {
            facts.add("held", "\(hold.id): \(hold.reason), by \(hold.placedBy), \(Formats.time(hold.placedAt))")
        }
        facts.add("proposed", status.proposal.map { "for destruction, proposal \($0)" })
        facts.add("destroyed", status.destroyedAt.map(Formats.time))
    }

    static func proposals(_ proposals: [DestructionStatus], width: Int?) -> [String] {
        guard !proposals.isEmpty else { return ["No proposal matches."] }
        var table = TextTable([
            .init(title: "NUMBER", alignment: .right), .init(title: "STATE"),
            .init(title: "RECORDINGS", alignment: .right), .init(title: "BY"), .init(title: "AT"),
            .init(title: "REASON", givesWay: true),
        ])
        for proposal in proposals {
            table.add([
                String(proposal.id), proposal.state, String(proposal.recordings.count + proposal.hidden),
                proposal.proposer, Formats.time(proposal.proposedAt), proposal.reason,
            ])
        }
        return table.lines(width: width)
    }

    static func facts(_ status: DestructionStatus) -> [String] {
        var facts = Facts()
        facts.add("proposal", String(status.id))
        facts.add("state", status.state)
        facts.add("reason", status.reason)
        facts.add("proposed by", "\(status.proposer), \(Formats.time(status.proposedAt))")
        facts.add("decided by", status.reviewer.map { "\($0), \(status.reviewedAt.map(Formats.time) ?? "")" })
        facts.add("verdict", status.verdict)
        for id in status.recordings { facts.add("recording", id) }
        return facts.lines
    }

    static func round(_ result: RetentionRoundResult) -> String {
        let done =
            result.isElsewhere
            ? "Another bridge is at it."
            : result.destroyed.count > 0 ? "Destroyed: \(result.destroyed.text)." : "Nothing was to be destroyed."
        return done + " For persons: \(result.over) whose term is over and that nobody proposed, "
            + "\(result.proposals) proposals that nobody decided on."
    }

    static func judgement(_ judgement: DestructionJudgement) -> [String] {
        guard !judgement.obstacles.isEmpty else { return ["Nothing stands in the way."] }
        return judgement.obstacles.sorted { $0.key < $1.key }.map { id, reasons in
            DisplayWidth.harmless("\(id): \(reasons.joined(separator: ", "))")
        }
    }
}
