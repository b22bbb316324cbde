import Archive
import Crypto
import Foundation
import Hummingbird
import Office
import PortalAPI
import Testing
import Vietnamese

@testable import Portal

func sha256(_ text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
}

@Suite struct AuthenticationTests {
    @Test(.enabled(if: PortalHarness.hasOpenSSL)) func theSocketNeedsNoTokenAndHTTPSDoes() async throws {
        try await PortalHarness.run { portal in
            #expect(try await portal.ask("/api/v1/status").status == 200)
            let refused = try await portal.ask("/api/v1/status", .https(token: nil))
            #expect(refused.status == 401)
            #expect(refused.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
            #expect(refused.error?.hint.isEmpty == false)
            let token = PortalHarness.archivistToken
            #expect(try await portal.ask("/api/v1/status", .https(token: token)).status == 200)
        }
    }

    @Test(.enabled(if: PortalHarness.hasOpenSSL)) func eachRoleMayDoWhatTheTableSays() async throws {
        try await PortalHarness.run({ $0.tracing = TracedCalls() }) { portal in
            let recording = try await portal.sealed(masterBytes: 10)
            try await portal.office.apply([.add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
            let draft = PortalHarness.meeting(points: ["so-yt"])
            let sitting = try #require(try await portal.office.schedule(draft, by: "test").meeting.sittings.first?.id)
            // One whose term is over, proposed by somebody else.
            let old = try await portal.sealed(
                "20100524-093000-giaoban-aaaa", masterBytes: 10, opened: Date(timeIntervalSince1970: 1_274_668_200))
            try await portal.archive.setRetentionClass("1N", of: old.id)
            let proposal = try await portal.archive.proposeDestruction(
                of: [old.id], reason: "hết hạn", by: RetentionOfficer(id: "lan", name: "Lan"))
            let past = try await PortalHarness.missed("so-yt", portal)
            let requests: [(PortalAction, String, String)] = [
                (.readStatus, "GET", "/status"), (.drain, "PUT", "/drain"), (.drain, "DELETE", "/drain"),
                (.readMeetings, "GET", "/meetings"),
                (.endMeeting, "POST", "/meetings/live-1/end"), (.callPoints, "POST", "/rooms/giaoban/call"),
                (.movePoint, "POST", "/meetings/live-1/move"), (.invitePoint, "POST", "/points/so-yt/invitation"),
                (.watchMeeting, "GET", "/meetings/live-1/control"),
                (.orderInMeeting, "POST", "/meetings/live-1/orders"),
                (.readChecks, "GET", "/checks"), (.readMeetings, "GET", "/meetings/live-1/quality"),
                (.listRecordings, "GET", "/recordings"),
                (.readRecording, "GET", "/recordings/\(recording.id)"),
                (.fetchFile, "GET", "/recordings/\(recording.id)/files/master.mkv"),
                (.verifyRecording, "POST", "/recordings/\(recording.id)/verify"),
                (.readFixity, "GET", "/fixity"),
                (.packageRecording, "POST", "/recordings/\(recording.id)/packages"),
                (.readJobs, "GET", "/recordings/\(recording.id)/job"),
                (.readRegister, "GET", "/units"), (.changeRegister, "PUT", "/units/soyte"),
                (.issuePointPassword, "POST", "/points/so-yt/password"), (.readPeople, "GET", "/people"),
                (.changePeople, "PUT", "/people/lan"), (.readJournal, "GET", "/journal"),
                (.readSchedule, "GET", "/schedule"), (.schedule, "POST", "/schedule/judge"),
                (.rehearse, "PUT", "/sittings/\(sitting)/rehearsal/so-yt"),
                (.waiveRehearsal, "PUT", "/sittings/\(sitting)/rehearsal/so-yt/waiver"),
                (.readGuide, "GET", "/guides/so-yt/linphone"),
                (.provisionPoint, "POST", "/guides/so-yt/linphone"),
                (.provisionPoint, "POST", "/points/so-yt/provisioning"),
                (.readRetentionTable, "GET", "/retention/classes"), (.readRetention, "GET", "/retention"),
                (.readRetention, "GET", "/retention/proposals"),
                (.readRetention, "GET", "/retention/proposals/\(proposal.id)"),
                (.readRetention, "GET", "/recordings/\(recording.id)/retention"),
                (.changeRetention, "PUT", "/recordings/\(recording.id)/retention"),
                (.proposeDestruction, "POST", "/retention/proposals/judge"),
                (.reviewDestruction, "POST", "/retention/proposals/\(proposal.id)/judge"),
                (.listReports, "GET", "/reports"),
                (.readReport, "GET", "/recordings/\(recording.id)/report"),
                (.readReport, "GET", "/recordings/\(recording.id)/report.csv"),
                (.readReport, "GET", "/recordings/\(recording.id)/minutes.html"),
                (.readStatistics, "GET", "/statistics"),
                (.noteAbsence, "PUT", "/recordings/\(past.id)/absences/so-yt"),
                (.search, "GET", "/search?q=hop"),
                (.requestAccess, "POST", "/access/requests"), (.readOwnAccess, "GET", "/access/requests"),
                (.readOwnAccess, "GET", "/access/grants"), (.readAccess, "GET", "/access/register.csv"),
                (.decideAccess, "POST", "/access/requests/NEW/grant"),
                (.decideAccess, "POST", "/access/requests/NEW/refuse"), (.manageTokens, "GET", "/tokens"),
                (.readReviews, "GET", "/access-review"), (.readReviews, "GET", "/security-figures"),
                (.reviewAccess, "POST", "/access-reviews"), (.readJournal, "GET", "/audit/report"),
                (.readJournal, "GET", "/audit/export"), (.traceCalls, "GET", "/trace/calls"),
                (.traceCalls, "GET", "/trace?call=a@x"), (.traceCalls, "GET", "/trace/capture"),
                (.traceKeys, "GET", "/trace/capture?call=a@x&keys=1"),
            ]
            func asked() async throws -> Int64 {
                let person = AccessPerson(id: UUID().uuidString, name: "Lan", agency: "Sở Tư pháp")
                return try await portal.archive.requestAccess(
                    .init(meetingID: recording.id, reason: "nghiên cứu"), by: person
                ).number
            }
            let tomorrow = IndochinaTime.text(Date().addingTimeInterval(86_400))
            let bodies: [PortalAction: String] = [
                .requestAccess: #"{"recording": "\#(recording.id)", "reason": "trả lời công dân"}"#,
                .decideAccess: #"{"level": "reading", "validUntil": "\#(tomorrow)", "reason": "không thuộc diện"}"#,
                .changeRetention: #"{"class": "1N"}"#, .proposeDestruction: #"{"meetings": ["\#(recording.id)"]}"#,
                .packageRecording: #"{"kind": "aip"}"#,
                .schedule: String(decoding: try PortalJSON.encode(draft), as: UTF8.self),
                .rehearse: #"{"check": "line", "isPassed": true, "note": ""}"#,
                .waiveRehearsal: #"{"officer": "Nguyễn Văn A", "reason": "dự phòng điện thoại"}"#,
                .changeRegister: #"{"id": "soyte", "name": "Sở Y tế", "order": 20}"#,
                .changePeople:
                    #"{"id": "lan", "name": "Lan", "position": "", "telephone": "", "roles": ["convener"]}"#,
                .noteAbsence: #"{"reason": "mưa lũ"}"#,
                .orderInMeeting: #"{"order": "mute", "point": "so-tc"}"#,
                .movePoint: #"{"point": "so-tc", "room": "giaoban"}"#,
                .invitePoint: #"{"room": "giaoban", "validSeconds": 60}"#,
            ]
            // What is looked through is what there is at that moment.
            func review() async throws -> String {
                let sheet = try await portal.ask("/api/v1/access-review").decoded(AccessReviewSheet.self)
                return #"{"digest": "\#(sheet.digest)"}"#
            }
            // Archives harvest at an address of its own: `HarvestRoutesTests`.
            let actions = PortalAction.allCases.filter { $0 != .harvest }
            #expect(Set(requests.map { "\($0.0)" }) == Set(actions.map { "\($0)" }))
            for (action, method, path) in requests {
                for role in Role.allCases {
                    let token = PortalHarness.token(of: role)
                    // What is decided once is another each time.
                    let path = path.replacing("NEW", with: path.contains("NEW") ? "\(try await asked())" : "")
                    let answer = try await portal.ask(
                        "/api/v1" + path, .https(token: token), method: method,
                        body: action == .reviewAccess ? try await review() : bodies[action])
                    #expect(
                        role.may(action) == (200...299).contains(answer.status), "\(role) \(path): \(answer.status)")
                    if !role.may(action) { #expect(answer.status == 403) }
                }
                #expect(try await portal.ask("/api/v1" + path, .https(token: nil), method: method).status == 401)
            }
            #expect(Set(await portal.bridge.ended) == ["live-1"])
        }
    }

    @Test func anAuditorReadsNothingOfWhatMeetingsAreAbout() {
        let read = PortalAction.allCases.filter { Role.auditor.may($0) }
        #expect(
            Set(read) == [
                .readStatus, .readRegister, .readPeople, .readJournal, .readReviews, .readRetentionTable,
                .readRetention,
                .readOwnAccess, .readAccess, .readStatistics,
            ])
    }

    @Test func logsHaveNoSecretOfAnAddress() {
        #expect(Request.loggedPath("/provision/aB3-x.y/z") == "/provision/…")
        #expect(Request.loggedPath("/join/checks/tOkEn-123") == "/join/checks/…")
        #expect(Request.loggedPath("/api/v1/recordings/m-1") == "/api/v1/recordings/m-1")
    }

    @Test(.enabled(if: PortalHarness.hasOpenSSL)) func guessingIsShutOutButTheSocketStaysOpen() async throws {
        try await PortalHarness.run { portal in
            for attempt in 0..<RequestLimits().wrongTokens {
                let answer = try await portal.ask("/api/v1/status", .https(token: "guess-\(attempt)"))
                #expect(answer.status == 401)
            }
            let shut = try await portal.ask("/api/v1/status", .https(token: PortalHarness.administratorToken))
            #expect(shut.status == 429)
            #expect(shut.headers["retry-after"].flatMap { Int($0) }.map { (290...300).contains($0) } == true)
            #expect(try await portal.ask("/api/v1/status").status == 200)
        }
    }

    @Test func theLimiterForgetsAfterItsWindow() {
        let limiter = FailureLimiter(allowed: 5, window: .seconds(300))
        let start = ContinuousClock.now
        for _ in 0..<5 { limiter.failed("192.0.2.1", at: start) }
        #expect(limiter.wait("192.0.2.1", at: start) != nil)
        #expect(limiter.wait("192.0.2.2", at: start) == nil)
        #expect(limiter.wait("192.0.2.1", at: start + .seconds(299)) != nil)
        #expect(limiter.wait("192.0.2.1", at: start + .seconds(300)) == nil)
        #expect(limiter.wait("192.0.2.1", at: start) == nil)
    }

    @Test func theLimiterIsBounded() {
        let limiter = FailureLimiter(allowed: 5, window: .seconds(300))
        let start = ContinuousClock.now
        for _ in 0..<5 { limiter.failed("old", at: start) }
        for index in 0..<FailureLimiter.maximumAddresses {
            limiter.failed("\(index)", at: start + .milliseconds(index + 1))
        }
        #expect(limiter.wait("old", at: start + .seconds(10)) == nil)
    }

    @Test func aTokenIsFoundByItsHashOnlyAndNeverShown() throws {
        let tokens = try PortalHarness.tokens()
        #expect(AccessToken.find(PortalHarness.archivistToken, among: tokens)?.role == .archivist)
        #expect(AccessToken.find(sha256(PortalHarness.archivistToken), among: tokens) == nil)
        #expect(AccessToken.find("", among: tokens) == nil)
        #expect(AccessToken(name: "x", role: .archivist, sha256: "abc") == nil)
        #expect(AccessToken(name: "x", role: .archivist, sha256: String(repeating: "g", count: 64)) == nil)
        #expect(!"\(tokens[0])".contains(sha256(PortalHarness.administratorToken).prefix(8)))
    }

    @Test(.enabled(if: PortalHarness.hasOpenSSL)) func answersCarryTheSecurityHeaders() async throws {
        try await PortalHarness.run { portal in
            for path in ["/", "/api/v1/status", "/nowhere"] {
                let answer = try await portal.ask(path, .https(token: PortalHarness.administratorToken))
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                #expect(answer.headers["strict-transport-security"] != nil)
                #expect(answer.headers["x-frame-options"] == "DENY")
                #expect(answer.headers["cache-control"] == (path == "/" ? "no-cache" : "no-store"))
            }
            #expect(try await portal.ask("/").headers["strict-transport-security"] == nil)
        }
    }
}
