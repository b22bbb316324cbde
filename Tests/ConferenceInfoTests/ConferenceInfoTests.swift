import Foundation
import Testing

@testable import ConferenceInfo

/// RFC 4575: documents and what subscribers make of them.
struct ConferenceInfoTests {
    /// A meeting with all there can be in one.
    private func meeting() -> ConferenceInfo {
        var info = ConferenceInfo(entity: "sips:giao-ban@example.vn")
        info.description.subject = "Giao ban tuần 48 & kế hoạch <2027>"
        info.description.uris = [.init("tel:+842431234567", displayText: "Gọi vào", purpose: "participation")]
        info.description.maximumUserCount = 300
        info.description.availableMedia = [
            .init(label: "34567", displayText: "main audio", kind: .audio, status: .sendrecv),
            .init(label: "34569", kind: .video, status: .sendrecv),
        ]
        info.state = .init(userCount: 2, isActive: true, isLocked: false)
        info.users = [
            .init(
                entity: "sip:so-y-te@example.vn", displayText: "Điểm cầu Sở Y tế", roles: ["chair"],
                endpoints: [
                    .init(
                        entity: "sip:so-y-te@10.0.0.7", displayText: "Phòng họp 2", status: .connected,
                        joiningMethod: .dialedIn,
                        media: [
                            .init(id: "1", kind: .audio, label: "34567", sourceID: "432424", status: .sendrecv),
                            .init(id: "2", kind: .video, label: "34569", sourceID: "432425", status: .sendonly),
                        ]),
                    .init(entity: "sip:so-y-te@10.0.0.8", status: .onHold, joiningMethod: .dialedOut),
                ]),
            .init(entity: "sip:ubnd@example.vn", displayText: "Văn phòng UBND"),
        ]
        return info
    }

    private func text(_ document: ConferenceInfoDocument?, version: UInt32 = 1) throws -> String {
        String(decoding: try #require(document).octets(version: version), as: UTF8.self)
    }

    @Test func aFullDocumentIsReadAsItWasMeant() throws {
        var view = SubscriberView()
        try view.take(ConferenceInfoDocument.full(meeting()).octets(version: 7))
        #expect(view.info == meeting() && view.version == 7)
    }

    @Test func namesAreWrittenInUTF8AndMarkupIsNot() throws {
        let text = try text(.full(meeting()), version: 3)
        #expect(text.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<conference-info xmlns="))
        #expect(text.contains(" entity=\"sips:giao-ban@example.vn\" state=\"full\" version=\"3\">"))
        #expect(text.contains("<display-text>Điểm cầu Sở Y tế</display-text>"))
        #expect(text.contains("<subject>Giao ban tuần 48 &amp; kế hoạch &lt;2027&gt;</subject>"))
    }

    @Test func whatNoDocumentCanHoldIsReplaced() throws {
        var info = ConferenceInfo(entity: "sip:a\"<&\n@b")
        info.description.subject = "a\u{0}b\u{1B}[31m\u{FFFF}\rc"
        var view = SubscriberView()
        try view.take(ConferenceInfoDocument.full(info).octets(version: 1))
        #expect(view.info?.entity == info.entity)
        #expect(view.info?.description.subject == "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}\rc")
    }

    @Test func whereNothingChangedThereIsNothingToTell() {
        #expect(ConferenceInfoDocument.update(from: meeting(), to: meeting()) == nil)
    }

    @Test func onlyUsersThatChangedAreTold() throws {
        var new = meeting()
        new.users.remove(at: 1)
        new.users.append(.init(entity: "sip:moi@example.vn"))
        let text = try text(.update(from: meeting(), to: new), version: 2)
        #expect(text.contains("state=\"partial\" version=\"2\"><users state=\"partial\">"))
        #expect(text.contains("<user entity=\"sip:ubnd@example.vn\" state=\"deleted\"/>"))
        #expect(text.contains("<user entity=\"sip:moi@example.vn\" state=\"full\"/>"))
        #expect(!text.contains("so-y-te") && !text.contains("conference-state") && !text.contains("description"))
    }

    @Test func ofAUserOnlyEndpointsThatChangedAreTold() throws {
        var new = meeting()
        new.users[0].endpoints[0].status = .mutedViaFocus
        new.users[0].endpoints.remove(at: 1)
        let text = try text(.update(from: meeting(), to: new))
        #expect(text.contains("<user entity=\"sip:so-y-te@example.vn\" state=\"partial\"><endpoint"))
        #expect(text.contains("<endpoint entity=\"sip:so-y-te@10.0.0.8\" state=\"deleted\"/>"))
        #expect(text.contains("<endpoint entity=\"sip:so-y-te@10.0.0.7\" state=\"full\">"))
        #expect(text.contains("<status>muted-via-focus</status>") && !text.contains("roles"))
        var renamed = meeting()
        renamed.users[0].displayText = "Sở Y tế"
        #expect(try self.text(.update(from: meeting(), to: renamed)).contains("roles"), "then all of it is told")
    }

    @Test func whatIsTakenAwayFromDescriptionAndStateIsGone() throws {
        var new = meeting()
        new.description = .init()
        new.state = .init()
        var view = SubscriberView()
        try view.take(ConferenceInfoDocument.full(meeting()).octets(version: 1))
        try view.take(try #require(ConferenceInfoDocument.update(from: meeting(), to: new)).octets(version: 2))
        #expect(view.info == new)
    }

    @Test func anotherConferenceIsToldInFullAndOneThatIsNoMoreInAWord() throws {
        var other = meeting()
        other.entity = "sip:other@example.vn"
        #expect(ConferenceInfoDocument.update(from: meeting(), to: other)?.scope == .full)
        var view = SubscriberView()
        try view.take(ConferenceInfoDocument.full(meeting()).octets(version: 1))
        try view.take(ConferenceInfoDocument.deleted(entity: meeting().entity).octets(version: 2))
        #expect(view.info == nil)
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    func whoAppliesEachChangeKnowsWhatIs(seed: UInt64) throws {
        var conference = RandomConference(seed: seed)
        var view = SubscriberView()
        var told = conference.info
        var version: UInt32 = 1
        try view.take(ConferenceInfoDocument.full(told).octets(version: version))
        for step in 0..<60 {
            for _ in 0...(step % 4) { conference.happen() }
            guard let update = ConferenceInfoDocument.update(from: told, to: conference.info) else { continue }
            version += 1
            try view.take(update.octets(version: version))
            told = conference.info
            #expect(update.scope == .partial)
            #expect(view.info.map(Self.sorted) == Self.sorted(told))
        }
    }

    /// Without the order of users and endpoints, which means nothing.
    private static func sorted(_ info: ConferenceInfo) -> ConferenceInfo {
        var info = info
        info.users.sort { $0.entity < $1.entity }
        for index in info.users.indices { info.users[index].endpoints.sort { $0.entity < $1.entity } }
        return info
    }

    // MARK: The schema

    private static let xmllint = ["/usr/bin/xmllint", "/usr/local/bin/xmllint"].first(
        where: FileManager.default.isExecutableFile(atPath:))

    @Test(.enabled(if: xmllint != nil)) func everyDocumentIsValid() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("conference-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var files: [String] = []
        func write(_ document: ConferenceInfoDocument) throws {
            let file = folder.appendingPathComponent("\(files.count).xml")
            try Data(document.octets(version: UInt32(files.count))).write(to: file)
            files.append(file.path)
        }
        try write(.full(meeting()))
        try write(.deleted(entity: "sip:a@b"))
        for seed in 0..<20 as Range<UInt64> {
            var conference = RandomConference(seed: seed)
            for _ in 0..<10 {
                let before = conference.info
                try write(.full(before))
                for _ in 0..<3 { conference.happen() }
                if let update = ConferenceInfoDocument.update(from: before, to: conference.info) { try write(update) }
            }
        }
        let schema = try #require(
            Bundle.module.url(forResource: "conference-info", withExtension: "xsd", subdirectory: "Vectors"))
        #expect(try await Self.validate(files, schema: schema.path) == "")
        // The schema does refuse something.
        let wrong = folder.appendingPathComponent("wrong.xml")
        let valid = String(decoding: ConferenceInfoDocument.full(meeting()).octets(version: 1), as: UTF8.self)
        try Data(valid.replacingOccurrences(of: "sendrecv", with: "both").utf8).write(to: wrong)
        #expect(try await Self.validate([wrong.path], schema: schema.path) != "")
    }

    /// What xmllint has to say against files.
    private static func validate(_ files: [String], schema: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: xmllint ?? "")
        process.arguments = ["--nonet", "--noout", "--schema", schema] + files
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent("xmllint-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.standardError = try FileHandle(forWritingTo: errors)
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return status == 0 ? "" : try String(contentsOf: errors, encoding: .utf8)
    }
}
