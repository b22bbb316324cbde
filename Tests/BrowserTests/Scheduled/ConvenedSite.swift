import BrowserDriver
import Foundation
import InteropSupport
import Office
import PortalAPI

/// What an Office has made ready: agencies, points, a room, people, and a meeting that it called together.
struct ConvenedSite: Sendable {
    /// A point of the meeting, and what stands there.
    struct Place: Sendable {
        enum Device: Sendable {
            /// baresip; with a film of one colour, or without a camera.
            case room(Colour?)
            /// The join page; its camera is Chromium's, which is green.
            case browser
            /// Nobody is there.
            case empty
        }
        var id: String
        var name: String
        var device: Device
        /// Hz.
        var tone: Int

        var colour: Colour {
            switch device {
            case .room(let film): film ?? .none
            case .browser: .green
            case .empty: .none
            }
        }
    }

    static let places = [
        Place(id: "vanphong", name: "Văn phòng UBND tỉnh", device: .room(.red), tone: 440),
        Place(id: "soyte", name: "Sở Y tế", device: .room(.blue), tone: 600),
        Place(id: "sotaichinh", name: "Sở Tài chính", device: .room(.yellow), tone: 760),
        Place(id: "phuloc", name: "Xã Phú Lộc", device: .room(nil), tone: 920),
        Place(id: "aluoi", name: "Xã A Lưới", device: .room(nil), tone: 1_080),
        Place(id: "namdong", name: "Xã Nam Đông", device: .room(.magenta), tone: 1_240),
        Place(id: "huongthuy", name: "Phường Hương Thủy", device: .browser, tone: 1_400),
        Place(id: "quangdien", name: "Xã Quảng Điền", device: .browser, tone: 1_400),
        Place(id: "phongdien", name: "Phường Phong Điền", device: .empty, tone: 1_560),
    ]
    static let chair = places[0]
    static let title = "Họp trực tuyến về phòng, chống dịch"
    static let guest = RunningDaemon.Point("khach", "Khách không mời")

    let site: JoinSite
    /// For endpoints' files.
    let folder: String
    /// Of the points' accounts, as the import printed them.
    let passwords: [String: String]

    private static var media: String { get throws { try RunningDaemon.binaries() + "/interop-media" } }

    /// In memory where there is room: points elsewhere do not wait for the disk to which a recording is synced all the time.
    private static var scratch: URL {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let system = try? FileManager.default.attributesOfFileSystem(forPath: memory.path)
        let free = (system?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        let isUsable = free > 2 << 30 && FileManager.default.isWritableFile(atPath: memory.path)
        return isUsable ? memory : FileManager.default.temporaryDirectory
    }

    /// A daemon, a browser, and a register that was imported.
    static func with(_ body: (ConvenedSite) async throws -> Void) async throws {
        let tone = try await TestMedia.tone(1_400, in: media)
        let spoken = try await SpokenAnnouncements.folder(in: media)
        let folder = Self.scratch.appendingPathComponent(
            "cw-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await JoinSite.with(
            // A full picture thirty times a second from each page's camera takes what the others need of a small machine.
            flags: ["--use-file-for-fake-audio-capture=\(tone)", "--use-fake-device-for-media-stream=fps=8"],
            {
                $0.points = [guest]
                $0.rooms = ["{id: giaoban, title: Giao ban, points: [khach]}"]
                $0.languages = ["vi"]
                $0.announcements = spoken
                $0.accessCopySize = "320x180"
                // Of a point that is killed; 30 s otherwise.
                $0.silenceLimit = "8s"
            },
            { site in
                let passwords = try await Self.register(site, folder)
                try await body(ConvenedSite(site: site, folder: folder, passwords: passwords))
            })
    }

    private static func register(_ site: JoinSite, _ folder: String) async throws -> [String: String] {
        let units = ["Mã;Tên;Thứ tự"] + places.enumerated().map { "\($1.id);\($1.name);\(10 * ($0 + 1))" }
        let points =
            ["Mã;Tên;Đơn vị;Thứ tự"] + places.enumerated().map { "\($1.id);\($1.name);\($1.id);\(10 * ($0 + 1))" }
        func imported(_ kind: String, _ lines: [String]) async throws -> ImportReport {
            let file = "\(folder)/\(kind).csv"
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            return try PortalJSON.decode(
                ImportReport.self, from: Data(try await office(site, kind, "import", file, "--json").utf8))
        }
        _ = try await imported("units", units)
        let report = try await imported("points", points)
        _ = try await office(site, "rooms", "add", "hop", "--title", "Phòng họp trực tuyến", "--linger", "20")
        return Dictionary(report.issued.passwords.map { ($0.point, $0.password) }) { first, _ in first }
    }

    /// Runs `causeway`; throws where that is refused.
    @discardableResult
    static func office(_ site: JoinSite, _ arguments: String...) async throws -> String {
        let answer = try await site.daemon.causeway(arguments)
        guard answer.status == 0 else { throw ToolFailure("causeway \(arguments): \(answer.output)") }
        return answer.output
    }

    // MARK: The convening

    /// Calls the meeting together, so many seconds ahead, with a paper; the rehearsal goes on from now.
    func convene(in seconds: Double, chairPerson: String) async throws -> MeetingDetail {
        let draft = ScheduledMeeting(
            title: Self.title, room: "hop", convener: "Chủ tịch UBND tỉnh",
            document: .init(number: "120/GM-UBND", date: "2026-01-20"), field: "y tế", confidentiality: .restricted,
            chair: .init(name: "Lê Thị Hương", person: chairPerson, point: Self.chair.id),
            starts: Date(timeIntervalSinceNow: seconds), minutes: 30,
            invited: Self.places.map {
                .init(point: $0.id, necessity: $0.id == "quangdien" ? .optional : .required)
            },
            agenda: [
                .init(title: "Tình hình dịch bệnh", speaker: "Sở Y tế", minutes: 1),
                .init(title: "Kinh phí", speaker: "Giám đốc Sở Tài chính", minutes: 5),
                .init(title: "Ý kiến các xã, phường"),
            ], rehearsalMinutes: 30)
        let file = folder + "/meeting.json"
        try PortalJSON.encode(draft).write(to: URL(fileURLWithPath: file))
        let answer = try await Tool.run(
            "curl",
            [
                "-sSf", "--unix-socket", site.daemon.socketPath, "-H", "Content-Type: application/json",
                "--data-binary",
                "@" + file, "http://causeway/api/v1/schedule",
            ])
        let detail = try PortalJSON.decode(MeetingDetail.self, from: Data(answer.utf8))
        let paper = folder + "/bao-cao.txt"
        try "Báo cáo tình hình dịch bệnh".write(toFile: paper, atomically: true, encoding: .utf8)
        try await Self.office(site, "schedule", "attach", detail.meeting.id, paper)
        return detail
    }

    /// Of the sitting to come.
    func isGreen() async throws -> Bool {
        let items = try PortalJSON.decode(
            [ScheduleItem].self, from: Data(try await Self.office(site, "schedule", "list", "--json").utf8))
        return items.first { $0.title == Self.title }?.isGreen ?? false
    }

    // MARK: Endpoints

    /// Starts a room's endpoint, which registers and answers by itself.
    func endpoint(_ place: Place, _ film: Colour?) async throws -> Baresip {
        var setup = Baresip.Setup(
            username: place.id, password: passwords[place.id] ?? "",
            sound: try await TestMedia.tone(place.tone, in: Self.media))
        if let film {
            let source = "color=\(film.rawValue):size=352x288:rate=25"
            // Longer than the meeting, for baresip pauses before it plays a film again.
            setup.film = try await TestMedia.film(
                "long-\(film.rawValue)", source: source, seconds: 600, in: Self.media)
        }
        setup.certificateAuthority = site.daemon.authority
        setup.registrationInterval = 60
        setup.domain = "127.0.0.1:\(site.daemon.tlsPort)"
        return try await Baresip(setup, in: folder + "/" + String(UInt32.random(in: 0 ... .max), radix: 36))
    }

    /// Who is not invited dials nevertheless.
    func refusedGuest() async throws -> String? {
        var setup = Baresip.Setup(
            username: Self.guest.id, password: Self.guest.password,
            sound: try await TestMedia.tone(300, in: Self.media))
        setup.certificateAuthority = site.daemon.authority
        let endpoint = try await Baresip(setup, in: folder + "/guest")
        var reason: String?
        do { try await endpoint.dial(site.daemon.address(of: "hop")) } catch let refused as Baresip.CallRefused {
            reason = refused.reason
        } catch {
            await endpoint.stop()
            throw error
        }
        await endpoint.stop()
        return reason
    }

    /// A join page that is let in, to the waiting room at first.
    func page(_ place: Place) async throws -> Page {
        let page = try await site.opened("hop", width: 900, height: 640)
        try await site.signIn(page, place.id, passwords[place.id] ?? "")
        try await page.waitToSee("#meeting", within: .seconds(30))
        return page
    }
}
