import Foundation
import Testing

@testable import SiteConfiguration

@Suite struct ReferenceTests {
    private static func sample() throws -> String {
        try String(decoding: Data(contentsOf: URL(fileURLWithPath: samplePath)), as: UTF8.self)
    }

    /// The sample with every key that is commented out put in force: `#key: value` and `#- key: value`, no space after `#`.
    private static func everythingInForce(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let indent = line.prefix { $0 == " " }
            let rest = line.dropFirst(indent.count)
            guard rest.hasPrefix("#"), let next = rest.dropFirst().first, next.isLetter || next == "-" else {
                return String(line)
            }
            return String(indent) + rest.dropFirst()
        }.joined(separator: "\n")
    }

    @Test func sampleLoads() throws {
        let site = try Configuration.load(path: samplePath)
        #expect(site.points.map(\.id) == ["vanphong", "soyte", "phuloc"])
        #expect(site.rooms.map(\.id) == ["giaoban"])
        #expect(site.rooms[0].recording.order == .standing)
    }

    @Test func everyKeyIsInTheSample() throws {
        let text = Self.everythingInForce(try Self.sample())
        let (_, reader) = try Configuration.read(Array(text.utf8), file: samplePath)
        #expect(reader.errors.isEmpty, "\(reader.errors)")
        let missing = Configuration.keyPaths.filter { !reader.readPaths.contains($0) }
        #expect(missing.isEmpty)
    }

    @Test func commentedKeysShowTheDefaults() throws {
        let text = try Self.sample()
        let (bare, _) = try Configuration.read(Array(text.utf8), file: samplePath)
        let (full, _) = try Configuration.read(Array(Self.everythingInForce(text).utf8), file: samplePath)
        // These have no default; what the sample shows of them is a form.
        let forms = [
            "sip.pointAuthority", "media.advertised", "portal.tokens", "portal.url", "portal.webSocket",
            "certificates.chain", "certificates.key", "announcements.directory", "portal.support",
            "portal.telephone", "archive.holidays", "archive.organization", "archive.secondLocation.path",
            "archive.secondLocation.remote", "archive.secondLocation.rcloneConfig",
            "archive.retention.table", "archive.retention.class", "papers.clamd", "archive.harvest.email",
            "archive.harvest.name", "archive.encryption.formerCredential",
            "archive.seal.certificate", "archive.seal.key",
            "archive.seal.timeStampURL", "archive.seal.timeStampAuthorities",
            "portal.telephone", "archive.holidays", "archive.dossierProfile", "recording.second",
            "portal.openID.issuer", "portal.openID.client", "portal.openID.secretFile", "portal.openID.name",
            "portal.openID.authority", "cluster.name", "cluster.database", "cluster.passwordFile",
            "cluster.control.advertised", "cluster.trunk", "cluster.trunkSecretFile",
            "trunks.name", "trunks.secretFile", "trunks.bridges", "trunks.homes",
        ]
        let differences = Configuration.differences(bare, full).map(\.path)
        #expect(Set(differences) == Set(forms + ["sip.listeners", "points", "rooms"]))
        var rooms = full.rooms
        for index in rooms.indices {
            (rooms[index].pin, rooms[index].chair, rooms[index].retentionClass) = (nil, nil, nil)
        }
        #expect(bare.rooms == rooms)
    }

    @Test func limitsThatTheInterfacesPageTellsAreTheDefaults() throws {
        let text = try String(decoding: Data(contentsOf: root.appendingPathComponent("docs/api.md")), as: UTF8.self)
        let limits = Configuration().portal.limits
        let kinds = [
            ("anything", limits.anything), ("search", limits.search), ("download", limits.download),
            ("accessRequest", limits.accessRequest), ("signIn", limits.signIn),
            ("signInFromAddress", limits.signInFromAddress),
        ]
        for (name, number) in kinds { #expect(text.contains("\n| `\(name)` | \(number) | "), "\(name)") }
    }

    @Test func keyPathsAreUniqueAndDocumented() {
        let paths = Configuration.keyPaths
        #expect(Set(paths).count == paths.count)
        let text = Configuration.referenceText()
        for path in paths { #expect(text.contains("\(path)\n    "), "\(path)") }
    }

    @Test func referenceShowsBoundsDefaultAndWhenItApplies() {
        let text = Configuration.referenceText()
        #expect(
            text.contains(
                """
                media.silenceLimit
                    A point from which nothing came for this long is taken out of the meeting.
                    (a duration such as 30s, 5m or 2h, from 5s to 10m; default 30s; takes a restart)
                """))
        #expect(
            text.contains(
                """
                log.level
                    The least important messages that are written.
                    (one of trace, debug, info, notice, warning, error, critical; default info; applied by a reload)
                """))
    }

    /// What the reference calls a default can be written into a file and gives the default.
    @Test func writtenDefaultsAreReadBackAsTheyWere() throws {
        func lines(_ keys: [KeyReference], _ indent: String) -> [String] {
            keys.flatMap { key -> [String] in
                if !key.below.isEmpty {
                    if key.isList { return [] }
                    let below = lines(key.below, indent + "  ")
                    return below.isEmpty ? [] : ["\(indent)\(key.name):"] + below
                }
                return key.writtenDefault.map { ["\(indent)\(key.name): \($0)"] } ?? []
            }
        }
        let written = lines(Configuration.reference, "")
        #expect(written.count > 25)
        #expect(try parse(written.joined(separator: "\n")) == Configuration())
    }
}

@Suite struct ChangesTests {
    private let base = "points: [{id: a, name: A, password: x}]\nrooms: [{id: r}]\n"

    @Test func sameFileChangesNothing() throws {
        #expect(Configuration.changes(from: try parse(base), to: try parse(base)).isEmpty)
    }

    @Test func whatAReloadAppliesIsToldFromWhatTakesARestart() throws {
        let old = try parse(base)
        let new = try parse(
            """
            points: [{id: a, name: A, password: y}]
            rooms: [{id: r, title: T}]
            log: {level: debug, format: json}
            media: {srtp: {engine: openssl}, workers: 3}
            portal: {port: 9443, limits: {search: 50, shutOut: 10m}, tokens: [{name: n, role: archivist, sha256: \(String(repeating: "0", count: 64))}]}
            certificates: {names: [a.vn]}
            sip: {listeners: [{transport: udp, address: 127.0.0.1, port: 5070}]}
            """)
        let changes = Configuration.changes(from: old, to: new)
        #expect(
            changes.applied == [
                "portal.tokens", "portal.limits.search", "portal.limits.shutOut", "certificates.names", "log.level",
                "points", "rooms",
            ])
        #expect(
            changes.needRestart == ["sip.listeners", "media.workers", "media.srtp.engine", "portal.port", "log.format"])

        let running = old.reloaded(with: new)
        #expect(Configuration.changes(from: old, to: running).needRestart.isEmpty)
        #expect(Configuration.changes(from: running, to: new).applied.isEmpty)
    }
}
