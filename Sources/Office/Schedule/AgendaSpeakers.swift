import Conference
import Vietnamese

extension ScheduledMeeting {
    /// The agenda as the conference's rules take it: each item with the point at which its speaker sits.
    func agendaItems(_ register: OfficeRegister) -> [Convening.AgendaItem] {
        let names = speakerNames(register)
        return agenda.map { item in
            Convening.AgendaItem(
                title: item.title, point: Self.point(of: item.speaker, among: names).map { PointID($0) },
                time: item.minutes > 0 ? .seconds(60 * item.minutes) : nil)
        }
    }

    /// By what a speaker's point may be called: its code, its name, its agency's name; in the order of protocol.
    private func speakerNames(_ register: OfficeRegister) -> [(name: String, point: String)] {
        invited.compactMap { register.point($0.point) }.flatMap { point in
            [point.id, point.name, point.unit.flatMap(register.unit)?.name].compactMap { $0 }
                .map { (VietnameseText.folded($0), point.id) }
        }
    }

    /// A speaker is written as people write: *Sở Y tế*, *Giám đốc Sở Y tế*, *Bà Lê Thị Hương – Sở Y tế*. Of names that fit,
    /// the longest counts, and of equal ones the first.
    private static func point(of speaker: String, among names: [(name: String, point: String)]) -> String? {
        let parts = VietnameseText.folded(speaker).split { ",;–—-()/".contains($0) }
            .map { $0.split(separator: " ").joined(separator: " ") }
        var best: (name: String, point: String)?
        for candidate in names where candidate.name.count > best?.name.count ?? 0 {
            if parts.contains(where: { $0 == candidate.name || $0.hasSuffix(" " + candidate.name) }) {
                best = candidate
            }
        }
        return best?.point
    }
}
