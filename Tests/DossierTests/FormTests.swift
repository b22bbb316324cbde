import Foundation
import Testing

@testable import Dossier

@Suite struct FormTests {
    private let scratch: Scratch
    private let profile: DossierProfile
    private let dossier: Dossier

    init() throws {
        scratch = try Scratch()
        profile = try Sample.profile(scratch)
        dossier = try Sample.dossier(scratch)
    }

    private func fields(_ form: String, _ values: FormValues) throws -> [String: String] {
        let document = try profile.document(form, values)
        let schema = try XMLSchema(profile.schema(of: try #require(profile.forms[form])), named: form)
        try schema.validate(document, named: form)
        return Dictionary(
            try XMLElements(document, named: form).all.dropFirst().map { ($0.name, $0.text) },
            uniquingKeysWith: { first, _ in first })
    }

    @Test func theFileIsDescribedByCodesAndDatesOfVietnam() throws {
        let fields = try fields("sip-dossier", dossier.fileValues(profile))
        #expect(fields["fileCode"] == "H57.2026.12-GB/UBND")
        #expect(fields["maintenance"] == "05")
        #expect(fields["mode"] == "02")
        #expect(fields["language"] == "01")
        #expect(fields["startDate"] == "24/11/2026")
        #expect(fields["keyword"] == "giao ban; lụt bão")
        #expect(fields["totalDoc"] == "2")
        #expect(fields["numberOfPage"] == "7")
        // Whether the paper was born digital nobody knows, and so not of the file either.
        #expect(fields["confidenceLevel"] == "")
        var digital = dossier
        digital.papers[0].isBornDigital = true
        #expect(try self.fields("sip-dossier", digital.fileValues(profile))["confidenceLevel"] == "01")
        #expect(fields["riskRecovery"] == "1")
        #expect(fields["riskRecoveryStatus"] == "01")
        #expect(
            try self.fields("aip-dossier", dossier.fileValues(profile))["arcFileCode"] == "LTLS.46.H57.2026.12-GB/UBND")
    }

    @Test func aDayIsThatOfVietnam() {
        // 2026-11-24 17:00 UTC is midnight in Huế.
        #expect(RecordDate.text(Date(timeIntervalSince1970: 1_795_539_599)) == "24/11/2026")
        #expect(RecordDate.text(Date(timeIntervalSince1970: 1_795_539_600)) == "25/11/2026")
    }

    @Test(arguments: [
        (Dossier.Retention.permanent, "01"), (.years(70), "02"), (.years(50), "03"), (.years(30), "04"),
        (.years(20), "05"), (.years(10), "06"), (.years(15), "07"), (.years(5), "07"),
    ])
    func retentionHasItsCode(_ retention: Dossier.Retention, _ code: String) throws {
        var dossier = dossier
        dossier.retention = retention
        let fields = try fields("sip-dossier", dossier.fileValues(profile))
        #expect(fields["maintenance"] == code)
        if case .years(let years) = retention { #expect(fields["description"]?.contains("\(years) năm") == true) }
    }

    @Test func aRecordingSaysWhatWasLost() throws {
        let recording = try #require(dossier.recordings.first)
        let fields = try fields("sip-media", dossier.values(of: recording, 1, profile))
        #expect(fields["docCode"] == "H57.2026.12-GB/UBND.0000001")
        #expect(fields["typeMedia"] == "02")
        #expect(fields["playTime"] == "01:59:07")
        #expect(fields["quality"] == "mất 12,3 s ở 1/2 điểm cầu")
        #expect(fields["description"] == "Số giây bị mất theo điểm cầu: Phường Thuận Hóa 12,3 s.")
        #expect(fields["docAttached"] == "1")
    }

    @Test func qualityAndItsNoteFitForAnyMeeting() throws {
        var recording = try #require(dossier.recordings.first)
        recording.losses = (0..<500).map {
            .init(point: "Điểm cầu Ủy ban nhân dân phường số \($0)", seconds: 1e8 + Double($0))
        }
        let fields = try fields("sip-media", dossier.values(of: recording, 1, profile))
        #expect(fields["description"]?.hasSuffix("điểm cầu khác.") == true)
        recording.losses = []
        #expect(try self.fields("sip-media", dossier.values(of: recording, 1, profile))["quality"]?.isEmpty == false)
        recording.losses = nil
        #expect(try self.fields("sip-media", dossier.values(of: recording, 1, profile))["quality"] == "chưa đo")
        recording.isUncounted = true
        #expect(
            try self.fields("sip-media", dossier.values(of: recording, 1, profile))["quality"]?
                .hasPrefix("không đếm được") == true)
        recording.isUncounted = false
        recording.losses = [.init(point: "a", seconds: .nan), .init(point: "b", seconds: .infinity)]
        #expect(
            try self.fields("sip-media", dossier.values(of: recording, 1, profile))["quality"]?.contains("?") == true)
    }

    @Test func lengthsAreBounded() {
        #expect(RecordDate.playTime(.seconds(-5)) == "00:00:00")
        #expect(RecordDate.playTime(.milliseconds(59_500)) == "00:01:00")
        #expect(RecordDate.playTime(.seconds(Int64.max)) == "99:59:59")
    }

    @Test func brokenValuesGiveTypedErrors() throws {
        var values = dossier.fileValues(profile)
        values["title"] = .text(" \u{1}".trimmingCharacters(in: .whitespaces))
        #expect(throws: DossierFault.missing(field: "title", form: "sip-dossier")) {
            try profile.document("sip-dossier", values)
        }
        values["title"] = .text(String(repeating: "ế", count: 1001))
        #expect(throws: DossierFault.tooLong(field: "title", form: "sip-dossier", limit: 1000)) {
            try profile.document("sip-dossier", values)
        }
        values["title"] = .text(String(repeating: "e\u{302}\u{301}", count: 1000))
        #expect(try profile.document("sip-dossier", values).count > 3000)
        values["riskRecoveryStatus"] = nil
        #expect(throws: DossierFault.missing(field: "riskRecoveryStatus", form: "sip-dossier")) {
            try profile.document("sip-dossier", values)
        }
        values["mode"] = .meanings(["public"])
        #expect(throws: DossierFault.noCode(field: "mode", form: "sip-dossier", meaning: "public")) {
            try profile.document("sip-dossier", values)
        }
    }

    @Test func severalLanguagesAreSeveralCodes() throws {
        var dossier = dossier
        dossier.languages = ["vi", "en", "la", "en"]
        #expect(try fields("sip-dossier", dossier.fileValues(profile))["language"] == "01;02;11")
    }

    @Test func theSchemasRefuseWhatTheFormsDoNotAllow() throws {
        let form = try #require(profile.forms["sip-dossier"])
        let schema = try XMLSchema(profile.schema(of: form), named: "EAD.xsd")
        let good = String(decoding: try profile.document("sip-dossier", dossier.fileValues(profile)), as: UTF8.self)
        for (old, new) in [
            ("<maintenance>05<", "<maintenance>08<"), ("<startDate>24/11/2026<", "<startDate>2026-11-24<"),
            ("<language>01<", "<language>01,02<"), ("<totalDoc>2<", "<totalDoc>two<"),
            ("<title>", "<x/><title>"), ("<riskRecovery>1<", "<riskRecovery>yes<"), ("<mode>02</mode>", ""),
        ] {
            let bad = good.replacingOccurrences(of: old, with: new)
            #expect(bad != good)
            #expect(throws: DossierFault.self, "\(new)") { try schema.validate(Data(bad.utf8), named: "EAD.xml") }
        }
    }
}
