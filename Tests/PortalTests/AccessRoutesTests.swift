import Archive
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct AccessRoutesTests {
    private static var terms: AccessTerms { AccessTerms(validUntil: Date().addingTimeInterval(86_400)) }

    @Test func anAgencyAsksAnArchivistGrantsAndTakesBackAndTheRegisterHasIt() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed(masterBytes: 10)
            let reader = try await SignedIn(portal, "lan", [.agencyReader], unit: "vpubnd")
            let archivist = try await SignedIn(portal, "minh", [.archivist])
            let wish = AccessWish(recording: meeting.id, reason: "=Trả lời công dân", from: 0, to: 1)
            let made = try await reader.post("access/requests", wish)
            try #require(made.status == 201)
            let request = try made.decoded(AccessRequestStatus.self)
            #expect(request.agency == "Văn phòng UBND tỉnh" && request.title == nil, "its title is not told yet")
            let waiting = try await archivist.get("access/requests?state=waiting").decoded([AccessRequestStatus].self)
            #expect(waiting.map(\.number) == [1] && waiting[0].title == meeting.title)

            let granted = try await archivist.post("access/requests/1/grant", Self.terms)
            try #require(granted.status == 201, "\(String(decoding: granted.body, as: UTF8.self))")
            let own = try await reader.get("access/grants").decoded([AccessGrantStatus].self)
            #expect(own.map(\.state) == ["in-force"] && own[0].title == meeting.title && own[0].uses == nil)
            #expect(try await archivist.post("access/requests/1/grant", Self.terms).status == 409)

            #expect(
                try await archivist.post("access/grants/1/revoke", AccessReason(reason: "cấp nhầm")).status == 200)
            let after = try await reader.get("access/grants/1").decoded(AccessGrantStatus.self)
            #expect(after.state == "revoked" && after.title == nil && after.revokeReason == "cấp nhầm")

            let register = try await archivist.get("access/register.csv")
            let text = String(decoding: register.body, as: UTF8.self)
            #expect(text.hasPrefix("\u{FEFF}\"Số\",") && text.contains("\"'=Trả lời công dân\""))
            #expect(text.contains("\"Đã thu hồi\"") && text.contains(": cấp nhầm\""))
            let journal = try await portal.office.journal(limit: 50).map(\.action)
            for action in ["request access", "grant access", "revoke access"] { #expect(journal.contains(action)) }
        }
    }

    @Test func nobodySeesOrDecidesWhatIsNotTheirs() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed(masterBytes: 10)
            let reader = try await SignedIn(portal, "lan", [.agencyReader])
            let other = try await SignedIn(portal, "hoa", [.agencyReader])
            let auditor = try await SignedIn(portal, "thu", [.auditor])
            let technician = try await SignedIn(portal, "tam", [.technician])
            _ = try await reader.post("access/requests", AccessWish(recording: meeting.id, reason: "a"))
            #expect(try await other.get("access/requests").decoded([AccessRequestStatus].self).isEmpty)
            #expect(try await other.post("access/requests/1/withdraw").status == 403)
            for person in [reader, other, auditor, technician] {
                #expect(try await person.post("access/requests/1/grant", Self.terms).status == 403)
                #expect(try await person.post("access/requests/1/refuse", AccessReason(reason: "a")).status == 403)
            }
            #expect(try await technician.get("access/requests").status == 403)
            #expect(try await reader.get("access/register.csv").status == 403)
            _ = try await portal.archive.grantAccess(
                to: 1, .init(until: Date().addingTimeInterval(86_400)), by: "test")
            #expect(try await other.get("access/grants/1").status == 404, "as if there were none")
            #expect(try await reader.post("access/grants/1/revoke", AccessReason(reason: "a")).status == 403)
            // An auditor reads everything about access, and no title by it.
            let seen = try await auditor.get("access/grants/1").decoded(AccessGrantStatus.self)
            #expect(seen.uses == [] && seen.title == nil)
            #expect(try await auditor.get("recordings/\(meeting.id)").status == 403)
        }
    }

    @Test func whatCannotBeReadIsRefused() async throws {
        try await PortalHarness.run { portal in
            let reader = try await SignedIn(portal, "lan", [.agencyReader])
            let archivist = try await SignedIn(portal, "minh", [.archivist])
            for (from, to) in [(-1.0, 5.0), (5, 4), (0, 1e12), (0, 0.5)] {
                let wish = AccessWish(recording: "x", reason: "a", from: from, to: to)
                #expect(try await reader.post("access/requests", wish).status == 400, "\(from) \(to)")
            }
            #expect(try await reader.post("access/requests", AccessWish(reason: "a")).status == 400)
            // Whether there is such a recording is not told to who asks.
            #expect(
                try await reader.post("access/requests", AccessWish(recording: "khong-co", reason: "a")).status == 201)
            #expect(try await archivist.post("access/requests/1/grant", Self.terms).status == 404)
            #expect(try await archivist.post("access/requests/99/grant", Self.terms).status == 404)
            #expect(try await archivist.post("access/requests/x/grant", Self.terms).status == 400)
            var terms = Self.terms
            terms.level = "everything"
            #expect(try await archivist.post("access/requests/1/grant", terms).status == 400)
            #expect(try await archivist.get("access/requests?state=a").status == 400)
        }
    }

    @Test func theRegisterIsWholeHoweverLongItIs() async throws {
        try await PortalHarness.run { portal in
            for number in 1...603 {
                _ = try await portal.archive.requestAccess(
                    .init(description: "Họp \(number)", reason: "tra cứu"),
                    by: AccessPerson(id: "p\(number)", name: "Lan", agency: "Sở Tư pháp"))
            }
            func lines(_ answer: PortalHarness.Answer) -> [Substring] {
                String(decoding: answer.body, as: UTF8.self).split(separator: "\r\n")
            }
            let whole = lines(try await portal.ask("/api/v1/access/register.csv"))
            #expect(whole.count == 604 && whole[1].hasPrefix("\"603\"") && whole[603].hasPrefix("\"1\","))

            var paged: [Substring] = []
            var path: String? = "/api/v1/access/register.csv?limit=201"
            while let asked = path {
                let page = try await portal.ask(asked)
                paged += lines(page).dropFirst()
                path = page.headers["link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
                try #require(paged.count <= 603)
            }
            #expect(paged == Array(whole.dropFirst()))
        }
    }
}
