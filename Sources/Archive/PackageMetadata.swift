import Foundation
import Vietnamese

/// `meeting.json`: what the catalogue knows of a meeting, kept with the package so that the package stands alone.
struct PackageMetadata: Encodable {
    struct Participant: Encodable {
        var point: String
        var name: String
        var unit: String?
        var joinedAt: Date
        var leftAt: Date?
        var leaveReason: String?
        var reconnects: Int
    }
    struct Note: Encodable {
        var at: Date
        var severity: MeetingNote.Severity
        var text: String
    }

    /// What the national rules on electronic records ask for beside the rest; formats and the signature stand in `premis.xml` and `seal/`.
    struct Record: Encodable {
        struct Retention: Encodable {
            var code: String
            var vi: String
            var en: String
            /// From the end of the year in which the meeting was closed; nil for ever.
            var years: Int?
        }

        var archiveCode: String?
        var agencyCode: String?
        var agencyName: String?
        var fonds: String?
        var file: String?
        var languages: [String]
        var retention: Retention

        init(_ meeting: MeetingRecord, _ holder: RecordHolder, _ retention: RetentionClass) {
            func said(_ text: String) -> String? { text.isEmpty ? nil : text }
            archiveCode = said(holder.archiveCode)
            agencyCode = said(holder.agencyCode)
            agencyName = said(holder.agencyName)
            fonds = said(holder.fondsCode)
            file = meeting.fileCode(agency: holder.agencyCode)
            languages = holder.languages
            self.retention = Retention(
                code: retention.code, vi: retention.vietnamese, en: retention.english, years: retention.term.years)
        }
    }

    var format = "causeway-package/2"
    var id: String
    var room: String
    var title: String
    var convener: String?
    var document: String?
    var sitting: String?
    var confidentiality: String?
    var openedAt: Date
    var closedAt: Date?
    var closeReason: String?
    var state: MeetingState
    var durationMilliseconds: Int64?
    var sealedAt: Date?
    var record: Record
    var participants: [Participant]
    var notes: [Note]

    init(_ meeting: MeetingRecord, _ record: Record, participants: [ParticipantRecord], notes: [MeetingNote]) {
        self.record = record
        id = meeting.id
        room = meeting.room
        title = meeting.title
        convener = meeting.convener
        document = meeting.document
        sitting = meeting.sitting
        confidentiality = meeting.confidentiality
        openedAt = meeting.openedAt
        closedAt = meeting.closedAt
        closeReason = meeting.closeReason
        state = meeting.state
        durationMilliseconds = meeting.durationMilliseconds
        sealedAt = meeting.sealedAt
        self.participants = participants.map {
            Participant(
                point: $0.point, name: $0.name, unit: $0.unit, joinedAt: $0.joinedAt, leftAt: $0.leftAt,
                leaveReason: $0.leaveReason, reconnects: $0.reconnects)
        }
        self.notes = notes.map { Note(at: $0.at, severity: $0.severity, text: $0.text) }
    }

    func write(to path: String) throws(ArchiveError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(IndochinaTime.text(date))
        }
        guard var data = try? encoder.encode(self) else {
            throw .inputOutput(path: path, reason: "the metadata cannot be written as JSON")
        }
        data.append(UInt8(ascii: "\n"))
        try DurableFile.replace(path, with: data)
    }
}

extension MeetingRecord {
    /// *Mã hồ sơ*: agency, year and name of the meeting; nil where the agency has no code.
    public func fileCode(agency: String) -> String? {
        agency.isEmpty ? nil : "\(agency).\(IndochinaTime.day(openedAt).prefix(4)).\(id)"
    }
}
