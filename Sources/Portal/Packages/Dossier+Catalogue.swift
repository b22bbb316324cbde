import Archive
import Dossier
import Foundation
import Preservation
import Vietnamese

extension Dossier {
    /// What the catalogue and the schedule know of a meeting. Recordings are added by who makes or finds them. What a meeting
    /// leaves is used by who has an account; nothing of it is open to all by itself.
    init(
        _ meeting: MeetingRecord, _ kind: PackageKind, _ profile: DossierProfile,
        _ background: PackageConfiguration.Background, isStateSecret: Bool, began: Date?, version: String,
        by person: String,
        at now: Date
    ) throws(DossierFault) {
        guard let fileCode = meeting.fileCode(agency: profile.site.agencyCode) else {
            throw .missing(field: "agencyCode", form: "site")
        }
        let ended =
            meeting.closedAt
            ?? meeting.openedAt.addingTimeInterval(Double(meeting.durationMilliseconds ?? 0) / 1000)
        let start = began ?? meeting.openedAt
        self.init(
            id: Self.identifier(meeting: meeting.id, kind, createdAt: now), createdAt: now,
            fileCode: fileCode, title: meeting.title,
            startedAt: start, endedAt: max(start, ended),
            access: isStateSecret ? .secret : .conditional,
            retention: profile.site.retentionYears.map { .years($0) } ?? .permanent,
            languages: profile.site.languages ?? ["vi"], keywords: background.keywords,
            note: Self.note(meeting, background), recordings: [], papers: background.papers,
            agents: [
                PreservationAgent(id: "causeway", kind: .software, name: "Causeway", version: version),
                PreservationAgent(id: "archivist", kind: .person, name: person),
            ],
            events: meeting.sealedAt.map {
                [
                    PreservationEvent(
                        type: "message digest calculation", at: $0,
                        detail: meeting.layout == .flat
                            ? "SHA-256, manifest-sha256.txt" : "SHA-512, manifest-sha512.txt",
                        outcome: "success", agents: [PreservationEvent.Link("causeway", role: "executing program")])
                ]
            } ?? [])
    }

    private static func note(_ meeting: MeetingRecord, _ background: PackageConfiguration.Background) -> String? {
        let parts = [
            (meeting.convener ?? background.convener).map { "Triệu tập: \($0)" },
            meeting.document.map { "Văn bản triệu tập: \($0)" },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ". ") + "."
    }
}

extension SupplyRequest {
    private static let longestReason = 500

    /// What was asked, and granted.
    init(_ request: AccessRequest, _ grant: AccessGrant, at now: Date) {
        self.init(
            id: "YC.\(request.number)", requestedAt: request.requestedAt, purpose: request.wish.purpose,
            purposeInWords: String(request.wish.reason.prefix(Self.longestReason)), note: request.remark,
            recipient: [grant.holder.name, grant.holder.agency].filter { !$0.isEmpty }.joined(separator: ", "),
            authenticationCode: "CC.\(grant.number)", issuedAt: now, validUntil: grant.validUntil)
    }
}
