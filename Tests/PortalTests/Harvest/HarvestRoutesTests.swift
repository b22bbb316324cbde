import Archive
import Foundation
import Office
import OfficeStore
import Testing

@testable import Portal

/// `/oai` as harvesters meet it, over HTTPS.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct HarvestRoutesTests {
    private static let archivist = PortalHarness.Way.https(token: PortalHarness.archivistToken)

    private static func run(_ body: (PortalHarness) async throws -> Void) async throws {
        try await PortalHarness.run(
            {
                $0.harvest = HarvestConfiguration(
                    repositoryName: "Kho lưu trữ", domain: "causeway.test", email: "luutru@example.vn",
                    organization: "Văn phòng UBND tỉnh")
            }, body)
    }

    /// The answer to a query, which is valid.
    private func ask(_ portal: PortalHarness, _ query: String, _ way: PortalHarness.Way = archivist) async throws
        -> String
    {
        let answer = try await portal.ask("/oai?\(query)", way)
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "text/xml; charset=UTF-8")
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(throws: Never.self, "\(query): \(text)") { try OAISchema().validate(answer.body) }
        return text
    }

    private func values(_ element: String, in text: String) -> [String] {
        guard let regex = try? Regex("<\(element)[^>]*>([^<]*)</\(element)>") else { return [] }
        return text.matches(of: regex).compactMap { $0[1].substring.map(String.init) }
    }

    @Test func thereIsNothingUnlessItIsConfigured() async throws {
        try await PortalHarness.run { (portal) async throws in
            #expect(try await portal.ask("/oai?verb=Identify", Self.archivist).status == 404)
        }
    }

    @Test func onlyWhoMayHarvestDoes() async throws {
        try await Self.run { (portal) async throws in
            for (role, status) in [
                (Role.administrator, 200), (.archivist, 200), (.agencyReader, 200), (.convener, 403),
                (.technician, 403),
                (.auditor, 403),
            ] {
                let way = PortalHarness.Way.https(token: PortalHarness.token(of: role))
                #expect(try await portal.ask("/oai?verb=Identify", way).status == status, "\(role)")
            }
            #expect(try await portal.ask("/oai?verb=Identify", .https(token: nil)).status == 401)
            #expect(try await portal.ask("/oai?verb=Identify", .https(token: "nobody")).status == 401)
            let basic = Data("harvester:\(PortalHarness.archivistToken)".utf8).base64EncodedString()
            #expect(
                try await portal.ask(
                    "/oai?verb=Identify", .https(token: nil), headers: ["Authorization": "Basic \(basic)"]
                )
                .status == 200)
            // By name and password nobody gets anything else.
            #expect(
                try await portal.ask(
                    "/api/v1/recordings", .https(token: nil), headers: ["Authorization": "Basic \(basic)"]
                ).status == 401)
        }
    }

    @Test func everyVerbIsAnsweredByGetAndPost() async throws {
        try await Self.run { portal in
            let empty = try await ask(portal, "verb=ListRecords&metadataPrefix=oai_dc")
            #expect(empty.contains("code=\"noRecordsMatch\""))
            #expect(try await ask(portal, "verb=ListSets").contains("code=\"noRecordsMatch\""))
            let meeting = try await portal.sealed(title: "Họp <giao ban> & \"sơ kết\"")
            let identity = try await ask(portal, "verb=Identify")
            #expect(values("deletedRecord", in: identity) == ["persistent"])
            #expect(values("adminEmail", in: identity) == ["luutru@example.vn"])
            #expect(values("baseURL", in: identity) == ["https://hop.example.vn/oai"])
            let formats = try await ask(portal, "verb=ListMetadataFormats")
            #expect(values("metadataPrefix", in: formats) == ["oai_dc"])
            let sets = try await ask(portal, "verb=ListSets")
            #expect(values("setSpec", in: sets) == ["unit-so-tai-chinh"])
            #expect(values("setName", in: sets) == ["Sở Tài chính"])
            let identifier = "oai:causeway.test:\(meeting.id)"
            let record = try await ask(portal, "verb=GetRecord&metadataPrefix=oai_dc&identifier=\(identifier)")
            #expect(values("identifier", in: record) == [identifier])
            #expect(values("dc:title", in: record) == ["Họp &lt;giao ban&gt; &amp; &quot;sơ kết&quot;"])
            #expect(values("dc:publisher", in: record) == ["Văn phòng UBND tỉnh"])
            #expect(values("dc:contributor", in: record) == ["Sở Tài chính"])
            #expect(
                values("dc:identifier", in: record).contains("https://hop.example.vn/api/v1/recordings/\(meeting.id)"))
            let headers = try await ask(portal, "verb=ListIdentifiers&metadataPrefix=oai_dc")
            #expect(values("identifier", in: headers) == [identifier])
            #expect(!headers.contains("metadata>"))
            #expect(!headers.contains("resumptionToken"))
            let unknown = try await ask(portal, "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:causeway.test:x")
            #expect(unknown.contains("code=\"idDoesNotExist\""))
            let posted = try await portal.ask(
                "/oai", Self.archivist, method: "POST", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: "verb=ListRecords&metadataPrefix=oai_dc")
            #expect(posted.status == 200)
            #expect(values("identifier", in: String(decoding: posted.body, as: UTF8.self)) == [identifier])
            // Whoever harvested what is in the journal, once for a list.
            #expect(
                try await portal.office.journal(limit: 50).contains { $0.action == "harvest" && $0.by == "Lưu trữ" })
        }
    }

    @Test func onlyWhatIsOrdinaryIsThereAndWhatBecomesRestrictedIsTakenBack() async throws {
        try await Self.run { portal in
            try await portal.office.apply([.add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
            let scheduled = try await portal.office.schedule(PortalHarness.meeting(points: ["so-yt"]), by: "test")
                .meeting
            let sitting = try #require(scheduled.sittings.first?.id)
            let shown = try await portal.sealed("20261124-093000-giaoban-k3f9", masterBytes: 10, sitting: sitting)
            for (id, level) in [("a-restricted", "restricted"), ("b-secret", "secret"), ("c-unknown", "mystery")] {
                _ = try await portal.sealed(id, masterBytes: 10, title: "Kín", confidentiality: level)
            }
            _ = try await portal.closed("d-not-sealed", masterBytes: 10)
            let identifier = "oai:causeway.test:\(shown.id)"
            let list = "verb=ListRecords&metadataPrefix=oai_dc"
            let first = try await ask(portal, list)
            #expect(values("identifier", in: first) == [identifier])
            #expect(!first.contains("Kín"))
            #expect(values("dc:subject", in: first) == ["y tế"])
            for id in ["a-restricted", "b-secret", "c-unknown", "d-not-sealed"] {
                let one = try await ask(
                    portal, "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:causeway.test:\(id)")
                #expect(one.contains("idDoesNotExist"), "\(id)")
            }
            let stamp = try #require(values("datestamp", in: first).first)
            // The level is set after it was harvested.
            var changed = scheduled
            changed.confidentiality = .restricted
            _ = try await portal.office.reschedule(changed, by: "test")
            let second = try await ask(portal, list + "&from=\(stamp)")
            #expect(second.contains("status=\"deleted\""))
            #expect(values("identifier", in: second) == [identifier])
            #expect(!second.contains("dc:title"))
            #expect(try #require(values("datestamp", in: second).first) >= stamp)
            let bySet = try await ask(portal, list + "&set=field-y-te")
            #expect(values("identifier", in: bySet) == [identifier])
            // And back.
            changed.confidentiality = .ordinary
            _ = try await portal.office.reschedule(changed, by: "test")
            let third = try await ask(portal, list)
            #expect(!third.contains("status=\"deleted\""))
            #expect(third.contains("dc:title"))
        }
    }

    @Test func longListsGoOnByTokens() async throws {
        try await Self.run { portal in
            let count = HarvestDesk.pageLength * 2 + 5
            for index in 0..<count {
                _ = try await portal.sealed(
                    "m-\(1000 + index)", masterBytes: 1,
                    opened: Date(timeIntervalSince1970: 1_795_487_400 + Double(index)))
            }
            var found: [String] = []
            var query = "verb=ListIdentifiers&metadataPrefix=oai_dc"
            var pages = 0
            while true {
                let page = try await ask(portal, query)
                found += values("identifier", in: page)
                pages += 1
                #expect(page.contains("completeListSize=\"\(count)\""))
                let token = values("resumptionToken", in: page).first ?? ""
                guard !token.isEmpty, pages < 10 else { break }
                query = "verb=ListIdentifiers&resumptionToken=\(token)"
            }
            #expect(pages == 3)
            #expect(found.count == count)
            #expect(Set(found).count == count)
            // Another verb's token is none.
            let first = try await ask(portal, "verb=ListRecords&metadataPrefix=oai_dc")
            let token = try #require(values("resumptionToken", in: first).first)
            let wrong = try await ask(portal, "verb=ListIdentifiers&resumptionToken=\(token)")
            #expect(wrong.contains("badResumptionToken"))
        }
    }
}
