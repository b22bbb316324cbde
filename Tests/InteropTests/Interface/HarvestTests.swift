import Crypto
import Foundation
import InteropSupport
import Testing

/// Harvesters that others wrote, against the real daemon.
@Suite(
    .serialized,
    .enabled(if: FileManager.default.isExecutableFile(atPath: APISite.harvester), "make .build/harvest/bin/python"))
struct HarvestTests {
    private static let sickle = """
        import json, sys
        from sickle import Sickle
        url, token, authority = sys.argv[1:]
        sickle = Sickle(url, headers={'Authorization': 'Bearer ' + token}, verify=authority)
        identity = sickle.Identify()
        records = list(sickle.ListRecords(metadataPrefix='oai_dc'))
        headers = list(sickle.ListIdentifiers(metadataPrefix='oai_dc'))
        one = sickle.GetRecord(identifier=headers[0].identifier, metadataPrefix='oai_dc')
        print(json.dumps({
            'name': identity.repositoryName, 'formats': [f.metadataPrefix for f in sickle.ListMetadataFormats()],
            'sets': [s.setSpec for s in sickle.ListSets()],
            'records': [r.header.identifier for r in records], 'titles': [r.metadata['title'][0] for r in records],
            'headers': [h.identifier for h in headers], 'one': one.metadata['title'][0],
            'inSet': len(list(sickle.ListIdentifiers(metadataPrefix='oai_dc', set='unit-so-y-te'))),
            'new': len(list(sickle.ListIdentifiers(metadataPrefix='oai_dc', **{'from': records[-1].header.datestamp}))),
        }))
        """
    /// It sends a name and a password.
    private static let scythe = """
        import json, os, sys
        from oaipmh_scythe import Scythe
        url, token, authority = sys.argv[1:]
        os.environ['SSL_CERT_FILE'] = authority
        with Scythe(url, auth=('harvester', token)) as scythe:
            print(json.dumps({'records': [r.header.identifier for r in scythe.list_records(metadata_prefix='oai_dc')]}))
        """

    private struct Harvest: Decodable {
        var name: String?
        var formats: [String]?
        var sets: [String]?
        var records: [String]
        var titles: [String]?
        var headers: [String]?
        var one: String?
        var inSet: Int?
        var new: Int?
    }

    @Test func harvestersGetEverythingThatMayBeKnownAndNothingElse() async throws {
        let site = try await APISite(
            ordinary: 230, restricted: 3, keys: ", harvest: {email: luutru@example.vn, name: Kho lưu trữ}")
        try await site.run { daemon in
            let url = "https://127.0.0.1:\(daemon.httpsPort)/oai"
            let expected = Set(site.meetings.map { "oai:causeway.test:\($0)" })
            let harvest = try await harvest(Self.sickle, url, daemon)
            #expect(harvest.name == "Kho lưu trữ")
            #expect(harvest.formats == ["oai_dc"])
            #expect(harvest.sets == ["unit-so-y-te"])
            #expect(harvest.records.count == expected.count)
            #expect(Set(harvest.records) == expected)
            #expect(harvest.titles?.contains("Họp kín") == false)
            #expect(harvest.headers == harvest.records)
            #expect(harvest.one?.hasPrefix("Họp số ") == true)
            #expect(harvest.inSet == expected.count)
            #expect((harvest.new ?? 0) >= 1)
            #expect(Set(try await self.harvest(Self.scythe, url, daemon).records) == expected)
        }
    }

    private func harvest(_ script: String, _ url: String, _ daemon: RunningDaemon) async throws -> Harvest {
        let said = try await Tool.run(
            "env", [APISite.harvester, "-c", script, url, APISite.token("archivist"), daemon.authority])
        return try JSONDecoder().decode(Harvest.self, from: Data(said.utf8))
    }
}

/// A daemon on an archive with meetings, with a token of each role that is asked for.
struct APISite {
    static let harvester = checkout + "/.build/harvest/bin/python"
    static let schemathesis = checkout + "/.build/schemathesis/bin/st"
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../..").standardizedFileURL.path

    let folder: String
    let meetings: [String]
    private let keys: String

    static func token(_ role: String) -> String { "thu-\(role)-5b1d" }

    init(ordinary: Int, restricted: Int, keys: String = "") async throws {
        folder = FileManager.default.temporaryDirectory.path + "/causeway-api-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        meetings = try await KeptMeetings.make(in: folder + "/archive", ordinary: ordinary, restricted: restricted)
        self.keys = keys
    }

    func run(_ body: (RunningDaemon) async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var setup = RunningDaemon.Setup(points: TestSite.points)
        setup.archiveKeys = keys
        setup.tokens = ["administrator", "archivist", "agency-reader"].map { role in
            (role, SHA256.hash(data: Data(Self.token(role).utf8)).map { String(format: "%02x", $0) }.joined())
        }
        let daemon = try await RunningDaemon(setup, in: folder)
        do {
            try await body(daemon)
        } catch {
            let said = daemon.log.suffix(2_000)
            await daemon.stop()
            throw ToolFailure("\(error)\n— the daemon said:\n\(said)")
        }
        await daemon.stop()
    }
}
