/// A column of the index: what a position in a meeting is part of.
enum IndexColumn: Int, CaseIterable, Sendable {
    case title, about, people, agenda, speech, chapter, paper, report

    /// These are in the small table too, which is asked first: what they say of a meeting counts most.
    static let heads: [IndexColumn] = [.title, .about, .people]

    var name: String { "\(self)" }

    var kind: PassageKind {
        switch self {
        case .title, .about, .people: .meeting
        case .agenda: .agenda
        case .speech: .speech
        case .chapter: .chapter
        case .paper: .paper
        case .report: .report
        }
    }

    init(_ kind: PassageKind) {
        switch kind {
        case .meeting: self = .about
        case .agenda: self = .agenda
        case .speech: self = .speech
        case .chapter: self = .chapter
        case .paper: self = .paper
        case .report: self = .report
        }
    }

    /// What an occurrence is worth.
    var weight: Double {
        switch self {
        case .title: 6
        case .about: 4
        case .people, .agenda: 3
        case .speech, .chapter: 1.5
        case .paper, .report: 1
        }
    }
}
