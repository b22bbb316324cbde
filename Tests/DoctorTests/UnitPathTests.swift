import ChildProcesses
import Foundation
import SiteConfiguration
import Testing

@testable import Doctor

/// Against the units of the package, with drop-ins of the test's own.
struct UnitPathTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cw-units-\(UUID().uuidString)")
        .path
    private var own: String { folder + "/etc" }
    private static let ours = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../systemd").standardizedFileURL.path

    private func with(_ body: (inout Configuration) throws -> Void) throws -> Examination {
        var configuration = Configuration()
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        try body(&configuration)
        var examination = Examination(of: configuration, daemon: nil)
        examination.units = .of(folders: [own, Self.ours])
        return examination
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ text: String, to name: String) throws {
        let path = own + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Does what was advised, in the folder of the test, where there is no systemd to be told.
    private func follow(_ advice: String) async throws {
        let here = advice.replacing("/etc/systemd/system", with: own)
        let script = "systemctl() { :; }; install() { :; }; \(here)"
        let outcome = try await ChildProcess("/bin/sh", ["-euc", script]).run()
        #expect(outcome.isSuccess, "\(script)")
    }

    @Test func whatIsSetWithoutAWordIsReached() async throws {
        defer { remove() }
        let found = try await with { $0.archive.fixity.by = .timer }.unitPaths()
        #expect(found.map(\.verdict) == [.good])
        #expect(found.first?.says.contains("causeway-jobs.service") == true)
        #expect(found.first?.says.contains("causeway-fixity.service") == true)
    }

    /// What is advised helps: it is done, and looked at again.
    @Test(arguments: [
        "/srv/cw-%@/lưu trữ", "/mnt/cw-%@/100% \"a\" \\ 'b':c", "/home/cw-%@/kho", "/root/cw-%@", "/tmp/cw-%@",
    ])
    func anArchiveElsewhereIsReachedOnceTheAdviceIsFollowed(place: String) async throws {
        defer { remove() }
        let archive = place.replacing("%@", with: UUID().uuidString)
        let examination = try with {
            $0.archive.directory = archive
            $0.recording.second = archive + "-2"
            $0.archive.secondLocation.path = archive + "-3"
            $0.sip.pointAuthority = archive + "-ca.pem"
        }
        let found = await examination.unitPaths()
        let broken = found.filter { $0.verdict == .bad }
        #expect(broken.count == 2)
        #expect(broken[0].says.contains("causewayd.service") && broken[0].says.contains("(archive.directory)"))
        #expect(
            broken[0].says.contains("(recording.second)") && broken[0].says.contains("(archive.secondLocation.path)"))
        #expect(broken[0].advice?.contains("install -d -o causeway") == true)
        #expect(broken[1].says.contains("causeway-jobs.service"))
        // Where it sees the archive, or would, it would see what it has no business with.
        #expect(found.filter { $0.verdict == .warning }.count == 1)
        for finding in found { try await follow(#require(finding.advice)) }
        #expect(await examination.unitPaths().map(\.verdict) == [.good])
        let unit = try #require(await examination.units.unit("causeway-jobs.service"))
        let view = try #require(FileView(unit.unit))
        #expect(view.sight(of: archive + "/packages") == .writes)
        #expect(view.sight(of: archive + "/keys/seal.key") == .nothing)
        #expect(view.sight(of: archive + "/catalogue.sqlite-wal") == .nothing)
        #expect(view.sight(of: "/var/lib/causeway/archive/packages") == .writes)
    }

    /// What docs/operating.md shows for the runner is enough.
    @Test func theDropInOfTheHandbookIsEnough() async throws {
        defer { remove() }
        let examination = try with { $0.archive.directory = "/mnt/archive" }
        try write("[Service]\nReadWritePaths=/mnt/archive\n", to: "causewayd.service.d/archive.conf")
        #expect(await examination.unitPaths().contains { $0.verdict == .bad })
        let handbook = try String(contentsOfFile: Self.ours + "/../docs/operating.md", encoding: .utf8)
        let shown = try #require(
            handbook.firstMatch(of: /```ini\n# systemctl edit causeway-jobs.service\n(.*?)```/.dotMatchesNewlines()))
        try write(String(shown.1), to: "causeway-jobs.service.d/archive.conf")
        #expect(await examination.unitPaths().map(\.verdict) == [.good])
    }

    @Test func aPathThatNoUnitCanNameIsNotWrittenIntoOne() async throws {
        defer { remove() }
        let found = try await with { $0.archive.directory = "/srv/a\n[Service]\nUser=root" }.unitPaths()
        #expect(found.contains { $0.verdict == .bad })
        for finding in found { #expect(finding.advice?.contains("printf") != true) }
        #expect(Examination.unitWord("/srv/a\u{7f}") == nil)
    }

    /// Their indices of the search have names of their own.
    @Test func ofSeveralBridgesNoneShowsItsSearchToEncoders() async throws {
        defer { remove() }
        let examination = try with { $0.cluster.name = "b1" }
        let found = await examination.unitPaths()
        #expect(found.map(\.verdict) == [.warning])
        #expect(found.first?.advice?.contains("/var/lib/causeway/archive/search-b1.sqlite-wal") == true)
        for finding in found { try await follow(#require(finding.advice)) }
        #expect(await examination.unitPaths().map(\.verdict) == [.good])
    }

    @Test func aTimerThatAsksElsewhereIsNoticed() async throws {
        defer { remove() }
        let examination = try with {
            $0.portal.socket = "/run/causeway/hội $nghị 1%.sock"
            $0.archive.fixity.by = .timer
            $0.archive.retention.by = .timer
        }
        let found = await examination.unitPaths()
        #expect(found.map(\.verdict) == [.bad, .bad])
        #expect(found.first?.says.contains("causeway-fixity.service asks at /run/causeway/causewayd.sock") == true)
        for finding in found { try await follow(#require(finding.advice)) }
        #expect(await examination.unitPaths().map(\.verdict) == [.good])
        let hidden = try await with {
            $0.portal.socket = "/var/lib/causeway/s/d.sock"
            $0.archive.fixity.by = .timer
        }.unitPaths()
        #expect(hidden.contains { $0.verdict == .bad && $0.says.contains("does not see") })
    }

    @Test func unitsThatAreNotThereAreNotJudged() async throws {
        defer { remove() }
        var examination = try with { _ in }
        examination.units = .of(folders: [own, folder + "/nowhere"])
        #expect(await examination.unitPaths().map(\.verdict) == [.skipped])
        try write("[Service]\nRootDirectory=/srv/root\n", to: "causewayd.service")
        #expect(await examination.unitPaths().map(\.verdict) == [.skipped])
    }

    @Test func dropInsGoInTheirOrderAndAnEmptyValueBeginsAnew() async throws {
        defer { remove() }
        let units = try with { _ in }.units
        let view = { () async throws -> FileView in
            let found = try #require(await units.unit("causewayd.service"))
            return try #require(FileView(found.unit))
        }
        try write("[Service]\nReadWritePaths=/srv/a /srv/b\n", to: "causewayd.service.d/20-a.conf")
        #expect(try await view().sight(of: "/srv/a/x") == .writes)
        #expect(try await view().sight(of: "/srv/ab") == .reads)
        try write("[Service]\nReadWritePaths=\nReadWritePaths=/srv/c\n", to: "causewayd.service.d/30-b.conf")
        #expect(try await view().sight(of: "/srv/a") == .reads)
        #expect(try await view().sight(of: "/srv/c") == .writes)
        try write("[Service]\nReadWritePaths=/srv/d\n", to: "causewayd.service.d/10-c.conf")
        #expect(try await view().sight(of: "/srv/d") == .reads)
        try FileManager.default.removeItem(atPath: own + "/causewayd.service.d/30-b.conf")
        // One that is masked says nothing.
        try FileManager.default.createSymbolicLink(
            atPath: own + "/causewayd.service.d/30-b.conf", withDestinationPath: "/dev/null")
        #expect(try await view().sight(of: "/srv/a") == .writes)
    }

    @Test func whatIsNearestDecides() throws {
        let unit = UnitFile([
            """
            # ReadWritePaths=/nowhere
            [Service]
            ProtectSystem = strict
            ProtectHome=read-only
            PrivateTmp=yes
            StateDirectory=one two:three
            TemporaryFileSystem=/srv:ro,mode=0755
            BindPaths=/mnt/x:/srv/x:rbind -/srv/y \\
            ; within
              "/srv/z z"
            BindReadOnlyPaths=/srv/x/fixed
            InaccessiblePaths=/srv/x/keys
            ReadWritePaths=/srv/lost +/home/a %S/b /e%%f
            ReadOnlyPaths=/home/a/fixed
            [Unit]
            ReadWritePaths=/usr
            """
        ])
        let view = try #require(FileView(unit))
        for (path, sight): (String, FileView.Sight) in [
            ("/usr/x", .reads), ("/home/b", .reads), ("/home/a/b", .writes), ("/home/a/fixed/b", .reads),
            ("/tmp", .nothing), ("/var/tmp/x", .nothing), ("/var/lib/one/x", .writes), ("/var/lib/two", .writes),
            ("/var/lib/onetwo", .reads), ("/srv", .nothing), ("/srv/x/a", .writes), ("/srv/x/fixed/a", .reads),
            ("/srv/x/keys", .nothing), ("/srv//y/./a/", .writes), ("/srv/z z/a", .writes), ("/srv/lost", .nothing),
            ("/var/lib/b", .writes), ("/e%f", .writes), ("/e/../e%f", .nothing), ("relative", .nothing),
        ] {
            #expect(view.sight(of: path) == sight, "\(path)")
        }
        let dynamic = try #require(FileView(UnitFile(["[Service]\nDynamicUser=yes"])))
        #expect(dynamic.sight(of: "/srv") == .reads)
        #expect(dynamic.sight(of: "/tmp/x") == .nothing)
        let free = try #require(FileView(UnitFile(["[Service]\nExecStart=/bin/true"])))
        #expect(free.sight(of: "/srv") == .writes)
    }

    @Test func linksAreFollowed() throws {
        defer { remove() }
        try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder + "/b", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/b")
        func view(_ text: String) throws -> FileView {
            try #require(FileView(UnitFile(["[Service]\nProtectSystem=strict\n" + text])))
        }
        #expect(try view("ReadWritePaths=\(folder)/a").sight(of: folder + "/link/x") == .reads)
        #expect(try view("ReadWritePaths=\(folder)/b").sight(of: folder + "/link/x") == .writes)
        #expect(try view("ReadWritePaths=\(folder)/link").sight(of: folder + "/b/x") == .writes)
        #expect(try view("InaccessiblePaths=\(folder)/b").sight(of: folder + "/link/x") == .nothing)
    }

    @Test func hostileFilesAreSurvived() async throws {
        defer { remove() }
        let units = try with { _ in }.units
        var texts = [
            "", "\\", "[", "]", "[Service", "=", "=\n=\n", "[Service]\nReadWritePaths=\"/a",
            "[Service]\nBindPaths=:::\n",
            "[Service]\nBindPaths=/a:\nTemporaryFileSystem=:\nStateDirectory=::", "[Service]\nReadWritePaths=-+-+",
            "[Service]\nReadWritePaths=%", "[Service]\nReadWritePaths=/%9 %%% \\", "[Service]\nInaccessiblePaths=/",
            "\u{0}\u{1}\u{feff}[Service]\r\nProtectSystem=strict\r\n",
            "[Service]\nReadWritePaths=" + String(repeating: "/a", count: 100_000),
            String(repeating: "[Service]\\\n", count: 50_000), String(repeating: "x=\n", count: 50_000),
        ]
        // Each cut anywhere.
        texts += stride(from: 0, to: 4_000, by: 97).map {
            String(
                decoding: (try? Data(contentsOf: URL(fileURLWithPath: Self.ours + "/causeway-jobs.service")))?.prefix(
                    $0) ?? Data(), as: UTF8.self)
        }
        for text in texts { _ = FileView(UnitFile([text]))?.sight(of: "/var/lib/causeway/archive") }
        // What is no file, or never ends, or is no text.
        let dropIns = own + "/causewayd.service.d"
        try FileManager.default.createDirectory(atPath: dropIns + "/10.conf", withIntermediateDirectories: true)
        #expect(mkfifo(dropIns + "/20.conf", 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: dropIns + "/30.conf", withDestinationPath: "/dev/zero")
        try FileManager.default.createSymbolicLink(atPath: dropIns + "/40.conf", withDestinationPath: "40.conf")
        try Data([0xff, 0xfe, 0x00, 0x5b]).write(to: URL(fileURLWithPath: dropIns + "/50.conf"))
        try write("[Service]\nReadWritePaths=/srv/a\n", to: "causewayd.service.d/60.conf")
        let unit = try #require(await units.unit("causewayd.service"))
        #expect(FileView(unit.unit)?.sight(of: "/srv/a") == .writes)
    }
}
