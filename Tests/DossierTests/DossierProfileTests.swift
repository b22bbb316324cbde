import Foundation
import Testing

@testable import Dossier

@Suite struct DossierProfileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func fault(_ corrections: String) throws -> ProfileFault? {
        do {
            _ = try Sample.profile(scratch, corrections)
            return nil
        } catch let error as ProfileFault { return error }
    }

    @Test func theInstalledProfileHasTheFormsOfTheRules() throws {
        let profile = try DossierProfile.load(Sample.profilePath)
        let file = try #require(profile.forms["sip-dossier"])
        #expect(
            file.fields.map(\.name) == [
                "fileCode", "title", "maintenance", "mode", "language", "startDate", "endDate", "keyword", "totalDoc",
                "numberOfPaper", "numberOfPage", "format", "inforSign", "confidenceLevel", "paperFileCode",
                "riskRecovery", "riskRecoveryStatus", "description",
            ])
        let media = try #require(profile.forms["sip-media"])
        #expect(
            media.fields.map(\.name) == [
                "docCode", "maintenance", "typeMedia", "archivesNumber", "inforSign", "eventName", "movieTitle",
                "recorder", "recordPlace", "recordDate", "language", "playTime", "docAttached", "mode", "quality",
                "format", "riskRecovery", "riskRecoveryStatus", "description",
            ])
        #expect(profile.sheet.items.count == 11)
        #expect(profile.codes["feeObjectType"]?.count == 10)
        #expect(profile.code("purpose", meaning: "official-duty")?.code == "02")
    }

    @Test func aSiteSaysOnlyWhatDiffers() throws {
        let profile = try Sample.profile(
            scratch, #"{"site": {"fondsCode": "P9"}, "supply": {"videoKilobits": 2500}, "name": "khác"}"#)
        #expect(profile.site.fondsCode == "P9")
        #expect(profile.site.agencyCode == "")
        #expect(profile.supply.videoKilobits == 2500)
        #expect(profile.supply.leastVideoKilobits == 1500)
        #expect(profile.forms.count == 9)
    }

    @Test func faultsSayWhere() throws {
        #expect(try fault(#"{"site": {"fondsCode": 3}}"#).map { "\($0)".contains("site.fondsCode") } == true)
        #expect(try fault(#"{"site": null}"#).map { "\($0)".contains("site: it is missing") } == true)
        guard case .malformed = try fault("{") else {
            Issue.record("what is not JSON was taken")
            return
        }
        #expect(throws: ProfileFault.unreadable(path: "/nowhere.json")) {
            try DossierProfile.load("/nowhere.json")
        }
    }

    @Test(arguments: [
        #"{"codes": {"mode": [{"code": "01", "means": "open", "vi": "", "en": ""}]}}"#,
        #"{"codes": {"typeMedia": [{"code": "1", "means": "sound", "vi": "", "en": ""}, {"code": "1", "means": "film", "vi": "", "en": ""}]}}"#,
        #"{"forms": {"sip-media": {"fields": [{"name": "a b", "from": "title", "vi": "", "en": "", "kind": "text"}]}}}"#,
        #"{"forms": {"sip-media": {"fields": [{"name": "x", "vi": "", "en": "", "kind": "text"}]}}}"#,
        #"{"forms": {"sip-media": {"fields": [{"name": "mode", "vi": "", "en": "", "kind": "code", "codes": "nolist"}]}}}"#,
        #"{"forms": {"sip-media": {"fields": [{"name": "mode", "vi": "", "en": "", "kind": "code"}]}}}"#,
        #"{"forms": {"sip-media": {"schema": "../EAD.xsd"}}}"#,
        #"{"forms": {"sip-media": {"schema": "EAD.xsd"}}}"#,
        #"{"packages": {"sip": {"dossier": "nothing"}}}"#,
        #"{"packages": {"aip": null}}"#,
        #"{"packages": {"dip": {"objectID": "../{uuid}"}}}"#,
        #"{"packages": {"dip": {"objectID": "always-the-same"}}}"#,
        #"{"sheet": {"items": [{"mark": "a", "value": "price", "vi": "", "en": ""}]}}"#,
        #"{"supply": {"leastVideoKilobits": 9000}}"#,
    ])
    func contradictionsAreFoundWhenItIsLoaded(_ corrections: String) throws {
        guard case .inconsistent = try fault(corrections) else {
            Issue.record("it was taken: \(corrections)")
            return
        }
    }

    @Test func aSiteRenamesAndAddsElements() throws {
        let profile = try Sample.profile(
            scratch,
            #"""
            {"forms": {"sip-dossier": {"root": "hoSo", "fields": [
              {"name": "maHoSo", "from": "fileCode", "vi": "Mã", "en": "Code", "kind": "text", "required": true},
              {"name": "phienBan", "fixed": "2", "vi": "Phiên bản", "en": "Edition", "kind": "text"}]}}}
            """#)
        let document = try profile.document("sip-dossier", ["fileCode": .text("A.1")])
        let read = try XMLElements(document, named: "EAD.xml").all
        #expect(read.map(\.name) == ["hoSo", "maHoSo", "phienBan"])
        #expect(read.map(\.text).suffix(2) == ["A.1", "2"])
        let form = try #require(profile.forms["sip-dossier"])
        try XMLSchema(profile.schema(of: form), named: "EAD.xsd").validate(document, named: "EAD.xml")
    }
}
