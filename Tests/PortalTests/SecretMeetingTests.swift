import Conference
import Foundation
import HTTPTypes
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// Of a state secret nothing is shown outside its list: each route of the portal is asked, by each role.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct SecretMeetingTests {
    private static let title = "Kế hoạch phòng thủ Đông Xuân"
    private static let paper = "Phương án tác chiến.pdf"
    private static let live = "20261126-080000-coyeu-zz99"
    private static let recording = "20261125-080000-coyeu-yy88"

    private struct Secret {
        var meeting: String
        var sitting: String
        var paper: String
        /// What is nowhere to be read.
        var marks: [String] {
            [title, SecretMeetingTests.paper, meeting, live, recording, "999/KH", "Đại tá Trần Văn C", "Mục một"]
        }
    }

    /// A secret that sits now, did yesterday, and will. It is on the list of whoever has ``PortalHarness/administratorToken``.
    private func prepare(_ portal: PortalHarness) async throws -> Secret {
        var room = RoomEntry(id: "coyeu", title: "Phòng cơ yếu")
        room.cipherLine = "12/CY"
        try await portal.office.apply(
            [.add(.room(room)), .add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
        var draft = PortalHarness.meeting(points: ["so-yt"], title: Self.title)
        draft.room = "coyeu"
        draft.confidentiality = .secret
        draft.document.number = "999/KH"
        draft.chair?.name = "Đại tá Trần Văn C"
        draft.agenda = [.init(title: "Mục một")]
        let meeting = try await portal.office.schedule(draft, by: "(Quản trị)").meeting
        let sitting = try #require(meeting.sittings.first?.id)
        let pieces = AsyncThrowingStream<Data, any Error> { stream in
            stream.yield(Data("%PDF-1.7".utf8))
            stream.finish()
        }
        let paper = try await portal.office.addPaper(Self.paper, to: meeting.id, by: "test", pieces: pieces)
        _ = try await portal.sealed(
            Self.recording, masterBytes: 10, title: Self.title, sitting: sitting, confidentiality: "secret")
        var live = LiveMeeting(id: Self.live, room: "coyeu", title: Self.title, openedAt: StubBridge.startedAt)
        live.convening = LiveConvening(sitting: sitting, confidentiality: "secret")
        await portal.bridge.hold(live)
        return Secret(meeting: meeting.id, sitting: sitting, paper: "\(paper.id)")
    }

    /// A route's address with what it names filled in; nil where it is not of meetings and changes something.
    private func address(_ path: String, _ secret: Secret, isNamed: Bool) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2 else { return nil }
        let known = [
            "meetings": Self.live, "schedule": secret.meeting, "sittings": secret.sitting, "recordings": Self.recording,
            "rooms": "coyeu", "points": "so-yt",
        ]
        let own = parts.count > 2 ? known[parts[2]] : nil
        return "/"
            + parts.map { part in
                switch part {
                case ":id", "{id}": isNamed ? own ?? "so-yt" : parts[2] == "rooms" ? "khong-co" : "nothing-here"
                case ":paper", "{paper}": secret.paper
                case ":point", "{point}": "so-yt"
                case ":device", "{device}": "linphone"
                case "**": "master.mkv"
                default: part
                }
            }.joined(separator: "/")
    }

    private static let bodies = [
        "orders": #"{"order": "mute", "point": "so-tc"}"#, "move": #"{"point": "so-tc", "room": "giaoban"}"#,
        "so-yt": #"{"check": "line", "isPassed": true, "note": ""}"#,
        "waiver": #"{"officer": "Nguyễn Văn A", "reason": "thử"}"#,
    ]

    @Test func eachRouteHoldsItBackFromEachRoleAsIfItWereNotThere() async throws {
        try await PortalHarness.run { portal in
            let secret = try await prepare(portal)
            let ofMeetings = ["meetings", "schedule", "sittings", "recordings"]
            let routes = portal.server.router(.https).routes.map { ("\($0.path)", $0.method) }
                .filter { $0.0.hasPrefix("/api/v1/") && !$0.0.hasPrefix("/api/v1/session") && $0.1 != .head }
            #expect(routes.count > 40)
            var asked = 0
            for (path, method) in routes {
                let isOfMeetings = ofMeetings.contains(String(path.split(separator: "/")[2]))
                let isNamed = path.contains("id")
                guard method == .get || (isOfMeetings && isNamed) || path.hasSuffix("/call"),
                    let address = address(path, secret, isNamed: true),
                    let unknown = self.address(path, secret, isNamed: false)
                else { continue }
                asked += 1
                let body = Self.bodies[String(address.split(separator: "/").last ?? "")]
                for way in Role.allCases.map({ PortalHarness.Way.https(token: PortalHarness.token(of: $0)) })
                    + [.socket]
                {
                    let answer = try await portal.ask(address, way, method: method.rawValue, body: body)
                    var text = String(decoding: answer.body, as: UTF8.self)
                    if isOfMeetings, isNamed {
                        // Nobody can tell it from one that is not there.
                        let other = try await portal.ask(unknown, way, method: method.rawValue, body: body)
                        for id in [Self.live, Self.recording, secret.sitting, secret.meeting] {
                            text = text.replacing(id, with: "nothing-here")
                        }
                        #expect(answer.status == other.status, "\(method) \(path) \(way)")
                        #expect(text == String(decoding: other.body, as: UTF8.self), "\(method) \(path) \(way)")
                        #expect(answer.status >= 400)
                    }
                    for mark in secret.marks { #expect(!text.contains(mark), "\(method) \(path) \(way): \(mark)") }
                }
            }
            #expect(asked > 40, "\(asked)")
            #expect(await portal.bridge.orders.isEmpty)
            #expect(await portal.bridge.ended.isEmpty)
        }
    }

    @Test func whoIsOnItsListSeesItEverywhere() async throws {
        try await PortalHarness.run { portal in
            let secret = try await prepare(portal)
            let way = PortalHarness.Way.https(token: PortalHarness.administratorToken)
            for path in [
                "meetings", "meetings/\(Self.live)/control", "schedule", "schedule/\(secret.meeting)", "recordings",
                "recordings?text=phong%20thu", "recordings/\(Self.recording)", "recordings/\(Self.recording)/report",
            ] {
                let answer = try await portal.ask("/api/v1/\(path)", way)
                #expect(String(decoding: answer.body, as: UTF8.self).contains(Self.title), "\(path)")
            }
            #expect(try await portal.ask("/api/v1/meetings/\(Self.live)/quality", way).status == 200)
            #expect(
                String(decoding: try await portal.ask("/api/v1/status", way).body, as: UTF8.self).contains(Self.live))
            func counted(_ way: PortalHarness.Way) async throws -> Int {
                let answer = try await portal.ask("/api/v1/statistics", way)
                let total = try #require(
                    (JSONSerialization.jsonObject(with: answer.body) as? [String: Any])?["total"] as? [String: Any])
                return try #require(total["meetings"] as? Int)
            }
            #expect(try await counted(way) == 1)
            #expect(try await counted(.https(token: PortalHarness.token(of: .auditor))) == 0)
            let order = #"{"order": "mute", "point": "so-tc"}"#
            #expect(
                try await portal.ask("/api/v1/meetings/\(Self.live)/orders", way, method: "POST", body: order).status
                    == 204)
        }
    }

    @Test func thePlaceIsTakenButNotByWhat() async throws {
        try await PortalHarness.run { portal in
            let secret = try await prepare(portal)
            let convener = PortalHarness.Way.https(token: PortalHarness.token(of: .convener))
            var draft = PortalHarness.meeting(points: ["so-yt"])
            draft.room = "coyeu"
            let body = String(decoding: try PortalJSON.encode(draft), as: UTF8.self)
            for (path, status) in [("schedule/judge", 200), ("schedule", 409)] {
                let answer = try await portal.ask("/api/v1/\(path)", convener, method: "POST", body: body)
                let text = String(decoding: answer.body, as: UTF8.self)
                #expect(answer.status == status && text.contains("—"), "\(text)")
                for mark in secret.marks { #expect(!text.contains(mark), "\(path): \(mark)") }
            }
        }
    }

    @Test func whatTheScheduleNoLongerHasStaysSecret() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.sealed(
                Self.recording, masterBytes: 10, title: Self.title, sitting: "gone-1.20261125-0800",
                confidentiality: "level-of-tomorrow")
            let answer = try await portal.ask("/api/v1/recordings", .https(token: PortalHarness.archivistToken))
            #expect(!String(decoding: answer.body, as: UTF8.self).contains(Self.title))
            #expect(try await portal.ask("/api/v1/recordings/\(Self.recording)").status == 404)
        }
    }
}
