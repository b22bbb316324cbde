import Foundation
import Preservation
import Vietnamese

/// What a meeting left, as an archive describes it: the one source of every package that is made of it.
public struct Dossier: Hashable, Sendable {
    /// Who may use it without more ado.
    public enum Access: String, Hashable, Sendable { case open, conditional, secret }

    /// From the year after the work ended.
    public enum Retention: Hashable, Sendable {
        case permanent
        case years(Int)
    }

    /// A second copy for the case of loss.
    public enum InsuranceCopy: String, Hashable, Sendable {
        case made
        /// Ordered and not made yet.
        case notMade = "not-made"
    }

    /// Names each package that is made of it; of one dossier the same as long as its contents are.
    public var id: UUID
    /// When this edition of it was put together: the date of its packages.
    public var createdAt: Date
    /// *Mã hồ sơ*: agency, year, number and symbol of the file.
    public var fileCode: String
    /// Of the agreement by which it is submitted; the code of the file where there is none.
    public var submission: String?
    public var title: String
    /// What it is the material of.
    public var event: String
    public var startedAt: Date
    public var endedAt: Date
    public var access: Access
    public var retention: Retention
    /// Languages (BCP 47), the main one first.
    public var languages: [String]
    public var keywords: [String]
    /// *Ký hiệu thông tin*.
    public var informationSign: String?
    public var insuranceCopy: InsuranceCopy?
    public var note: String?
    public var recordings: [Recording]
    public var papers: [DossierPaper]
    /// The programs and people that had a hand in it. The first program made the packages.
    public var agents: [PreservationAgent]
    /// In order of time.
    public var events: [PreservationEvent]
    /// For a package for use.
    public var request: SupplyRequest?

    /// The identifier of one edition of what a meeting left: always the same for the same.
    public static func identifier(meeting: String, _ kind: PackageKind, createdAt: Date) -> UUID {
        let text = PackageIdentifiers.uuid(naming: "\(meeting)\n\(kind.rawValue)\n\(IndochinaTime.text(createdAt))")
        return UUID(uuidString: text) ?? UUID()
    }

    public init(
        id: UUID, createdAt: Date, fileCode: String, submission: String? = nil, title: String, event: String? = nil,
        startedAt: Date, endedAt: Date, access: Access, retention: Retention, languages: [String] = ["vi"],
        keywords: [String] = [], informationSign: String? = nil, insuranceCopy: InsuranceCopy? = nil,
        note: String? = nil, recordings: [Recording], papers: [DossierPaper] = [], agents: [PreservationAgent],
        events: [PreservationEvent] = [], request: SupplyRequest? = nil
    ) {
        self.id = id
        self.createdAt = createdAt
        self.fileCode = fileCode
        self.submission = submission
        self.title = title
        self.event = event ?? title
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.access = access
        self.retention = retention
        self.languages = languages
        self.keywords = keywords
        self.informationSign = informationSign
        self.insuranceCopy = insuranceCopy
        self.note = note
        self.recordings = recordings
        self.papers = papers
        self.agents = agents
        self.events = events
        self.request = request
    }
}

/// A file on disk, and what it has to be.
public struct DossierFile: Hashable, Sendable {
    /// Where it lies now.
    public var path: String
    public var size: Int64
    /// In hexadecimal digits.
    public var sha256: String
    /// RFC 6838; parameters do not count.
    public var mime: String
    public var createdAt: Date
    /// What made it.
    public var madeBy: Program?
    /// As it was called where it comes from.
    public var originalName: String?

    public typealias Program = PreservationProgram

    /// A file as it lies there now: reads it whole, on the caller's thread.
    public init(
        reading path: String, mime: String, createdAt: Date, madeBy: Program? = nil, originalName: String? = nil
    ) throws(DossierFault) {
        let sum = try FileStream.sum(path)
        self.init(
            path: path, size: sum.size, sha256: sum.sha256, mime: mime, createdAt: createdAt, madeBy: madeBy,
            originalName: originalName)
    }

    public init(
        path: String, size: Int64, sha256: String, mime: String, createdAt: Date, madeBy: Program? = nil,
        originalName: String? = nil
    ) {
        self.path = path
        self.size = size
        self.sha256 = sha256
        self.mime = mime
        self.createdAt = createdAt
        self.madeBy = madeBy
        self.originalName = originalName
    }
}

/// A film or a sound recording of the meeting.
public struct Recording: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case film, sound }

    /// What of a point was not recorded, measured.
    public struct PointLoss: Hashable, Sendable {
        public var point: String
        public var seconds: Double
        public init(point: String, seconds: Double) {
            self.point = point
            self.seconds = seconds
        }
    }

    public var file: DossierFile
    public var kind: Kind
    public var title: String
    /// Who recorded it.
    public var recorder: String
    public var place: String?
    public var recordedAt: Date
    public var duration: Duration
    /// *Số lưu trữ*.
    public var archivesNumber: String?
    /// Of each point that is in it; nil where nothing was measured.
    public var losses: [PointLoss]?
    /// What recorded it died and could not count what it lacks.
    public var isUncounted = false
    public var note: String?

    public init(
        file: DossierFile, kind: Kind, title: String, recorder: String, place: String? = nil, recordedAt: Date,
        duration: Duration, archivesNumber: String? = nil, losses: [PointLoss]? = nil, note: String? = nil
    ) {
        self.file = file
        self.kind = kind
        self.title = title
        self.recorder = recorder
        self.place = place
        self.recordedAt = recordedAt
        self.duration = duration
        self.archivesNumber = archivesNumber
        self.losses = losses
        self.note = note
    }
}

/// A paper of the meeting.
public struct DossierPaper: Hashable, Sendable {
    public var file: DossierFile
    public var subject: String
    public var issuedAt: Date
    public var issuedBy: String?
    /// `report`, `minutes`, …: what the profile's codes mean.
    public var typeMeaning: String
    public var number: String?
    public var symbol: String?
    public var pages: Int?
    /// False where nobody knows whether it was paper once.
    public var isBornDigital = false
    public var note: String?

    public init(
        file: DossierFile, subject: String, issuedAt: Date, issuedBy: String? = nil, typeMeaning: String = "other",
        number: String? = nil, symbol: String? = nil, pages: Int? = nil, isBornDigital: Bool = false,
        note: String? = nil
    ) {
        self.file = file
        self.subject = subject
        self.issuedAt = issuedAt
        self.issuedBy = issuedBy
        self.typeMeaning = typeMeaning
        self.number = number
        self.symbol = symbol
        self.pages = pages
        self.isBornDigital = isBornDigital
        self.note = note
    }
}
