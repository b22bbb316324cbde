import CipherFiles
import Evidence
import Foundation
import Vietnamese

@testable import Archive

/// An archive that encrypts, with a second location beside it.
struct SecretSite {
    static let title = "Họp kín về công tác nhân sự"
    static let convener = "Trần Văn Kín"
    static let kek = Data((1...32).map { UInt8($0) })
    static let laterKEK = Data((101...132).map { UInt8($0) })
    static let paper = "tờ trình mật của họp kín"

    let clock = HandClock(morning)
    let workshop: Workshop
    let shelf: String
    let archive: Archive

    init(_ settings: EncryptionSettings? = nil) throws {
        workshop = try Workshop()
        shelf = try Workshop().root
        archive = try Self.open(
            workshop, shelf, clock, settings ?? EncryptionSettings(.required, key: Self.kek))
    }

    static func open(
        _ workshop: Workshop, _ shelf: String, _ clock: HandClock, _ settings: EncryptionSettings
    ) throws -> Archive {
        let table = try RetentionTable(
            parsing: "VV,permanent,Vĩnh viễn,For ever\n10N,10,10 năm,10 years", standard: "10N")
        return try workshop.open(
            sealing: SealingSettings(organization: "Văn phòng UBND tỉnh"),
            fixity: FixitySettings(interval: .seconds(86_400)), second: SecondLocation(.directory(shelf)),
            retention: table, encryption: settings, now: { clock.now })
    }

    /// The archive again, by another daemon.
    func reopened(_ settings: EncryptionSettings) throws -> Archive {
        try archive.close()
        return try Self.open(workshop, shelf, clock, settings)
    }

    static func new(_ tail: String = "k3f9", level: String? = "restricted") -> NewMeeting {
        NewMeeting(
            id: "20261124-093000-giaoban-\(tail)", room: "giaoban", title: title, convener: convener,
            document: "GM 9/UBND-KIN", sitting: level.map { _ in "m.1" }, confidentiality: level, openedAt: morning)
    }

    /// What is in a package before it is sealed, by path.
    struct Held {
        var meeting: MeetingRecord
        var clear: [String: Data] = [:]
    }

    static func held(in archive: Archive, _ new: NewMeeting = Self.new()) async throws -> Held {
        let meeting = try await archive.openMeeting(new)
        try await archive.setState(meeting.id, to: .recording)
        let paths = archive.paths(of: meeting)
        try RecordedMaster.write(to: paths.master, meeting: meeting.id)
        try CipherPattern.octets(300_000).write(to: URL(fileURLWithPath: paths.accessCopy))
        try archive.append(EventRecord(at: new.openedAt, name: "opened", fields: ["by": convener]), to: meeting)
        try archive.add(Data("{\"title\":\"\(title)\"}".utf8), as: "reports/report.json", to: meeting)
        try archive.add(Data(paper.utf8), as: "papers/001-to-trinh-nhan-su.pdf", to: meeting)
        let closed = try await archive.closeMeeting(
            meeting.id, at: new.openedAt.addingTimeInterval(10), durationMilliseconds: 10_000)
        var held = Held(meeting: closed)
        for entry in try PackageFiles.list(paths.directory) where entry.path.hasPrefix("data/") {
            held.clear[entry.path] = FileManager.default.contents(atPath: paths.directory + "/" + entry.path)
        }
        return held
    }

    func held(_ new: NewMeeting = Self.new()) async throws -> Held { try await Self.held(in: archive, new) }

    /// Sealed.
    func sealed(_ new: NewMeeting = Self.new()) async throws -> Held {
        var held = try await held(new)
        held.meeting = try await archive.seal(held.meeting.id)
        return held
    }
}

enum CipherPattern {
    static func octets(_ count: Int) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
    }
}
