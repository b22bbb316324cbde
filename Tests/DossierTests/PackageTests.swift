import Foundation
import Testing

@testable import Dossier

@Suite struct PackageTests {
    private let scratch: Scratch
    private let profile: DossierProfile
    private let schemas: SchemaLibrary

    init() throws {
        scratch = try Scratch()
        profile = try Sample.profile(scratch)
        schemas = try Sample.schemas()
    }

    private func emit(_ kind: PackageKind, _ change: (inout Dossier) -> Void = { _ in }) throws -> EmittedPackage {
        var dossier = try Sample.dossier(scratch, for: kind)
        change(&dossier)
        return try dossier.write(
            kind, to: try scratch.folder("out-\(UUID().uuidString)"), under: profile, schemas)
    }

    @Test func aSubmissionPackageIsLaidOutAsTheRulesSay() throws {
        let package = try emit(.submission)
        #expect(package.objectID == "uuid-9C13E70E-08B2-4C54-8BAF-979B35D01B4D")
        #expect(package.directory.hasSuffix("/uuid-9C13E70E-08B2-4C54-8BAF-979B35D01B4D"))
        let stem = "H57.2026.12-GB_UBND"
        #expect(
            try Sample.files(package.directory) == [
                "METS.xml", "documentation/README.txt", "metadata/descriptive/EAD.xml", "representations/rep1/METS.xml",
                "representations/rep1/data/\(stem).1.mp4", "representations/rep1/data/\(stem).2.pdf",
                "representations/rep1/metadata/descriptive/EAD_doc_\(stem).2.xml",
                "representations/rep1/metadata/descriptive/EAD_media_\(stem).1.xml",
                "schemas/DILCISExtensionMETS.xsd", "schemas/DILCISExtensionSIPMETS.xsd", "schemas/EAD.xsd",
                "schemas/EAD_doc.xsd", "schemas/EAD_media.xsd", "schemas/METS.xsd", "schemas/xlink.xsd",
            ])
        #expect(package.files == 15)
        let mets = try Sample.elements(package.directory + "/METS.xml").all
        let header = try #require(mets.first { $0.name == "metsHdr" })
        #expect(header.attributes["OAISPACKAGETYPE"] == "SIP")
        #expect(!mets.contains { $0.name == "amdSec" })
        #expect(mets.filter { $0.name == "file" }.allSatisfy { $0.attributes["CHECKSUMTYPE"] == "SHA-256" })
        let fields = try Sample.fields(
            "\(package.directory)/representations/rep1/metadata/descriptive/EAD_doc_\(stem).2.xml")
        #expect(fields["subject"] == "Báo cáo tình hình <mưa lũ> & công tác ứng phó")
        #expect(fields["typeName"] == "14")
        #expect(fields["issuedDate"] == "23/11/2026")
    }

    @Test func identifiersAreCapitalsAndUnlike() throws {
        let package = try emit(.archival)
        for path in ["METS.xml", "representations/rep1/METS.xml"] {
            let ids = try Sample.elements("\(package.directory)/\(path)").all.compactMap { $0.attributes["ID"] }
            #expect(ids.count > 8)
            #expect(Set(ids).count == ids.count)
            let form = /(uuid|ID)-[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}/
            #expect(ids.allSatisfy { $0.wholeMatch(of: form) != nil })
        }
    }

    @Test func anArchivalPackageTellsWhatWasDone() throws {
        let package = try emit(.archival)
        #expect(package.objectID == "urn:P.UBND:uuid:9C13E70E-08B2-4C54-8BAF-979B35D01B4D")
        #expect(package.directory.hasSuffix("/urn_P.UBND_uuid_9C13E70E-08B2-4C54-8BAF-979B35D01B4D"))
        let root = try Sample.elements(package.directory + "/metadata/preservation/PREMIS.xml").all
        #expect(root.filter { $0.name == "eventType" }.map(\.text) == ["information package creation"])
        #expect(root.filter { $0.name == "agentName" }.map(\.text) == ["Causeway", "FFmpeg", "Nguyễn Thị Hòa"])
        #expect(root.filter { $0.name == "linkingAgentRole" }.map(\.text) == ["executing program", "implementer"])
        let path = package.directory + "/representations/rep1/metadata/preservation/PREMIS_rep1.xml"
        let premis = try Sample.elements(path).all
        #expect(
            premis.filter { $0.name == "eventType" }.map(\.text) == [
                "migration", "message digest calculation", "fixity check",
            ])
        #expect(premis.filter { $0.name == "formatRegistryKey" }.map(\.text) == ["fmt/199", "fmt/276"])
        #expect(premis.filter { $0.name == "creatingApplicationName" }.map(\.text) == ["FFmpeg"])
        #expect(premis.filter { $0.name == "size" }.map(\.text) == ["200000", "14"])
        // No path of this machine is in it.
        let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        #expect(!text.contains(scratch.path) && !text.contains("/srv"))
        #expect(text.contains(">master.mkv<"))
        #expect(try Sample.files(package.directory).contains("metadata/descriptive/dc.xml"))
    }

    @Test func aPackageForUseAnswersARequest() throws {
        let package = try emit(.dissemination)
        let fields = try Sample.fields(package.directory + "/metadata/descriptive/EAD.xml")
        #expect(
            fields == [
                "requestID": "YC.2026.0007", "requestDate": "25/11/2026", "purpose": "02",
                "purposeContent": "Phục vụ công tác thanh tra", "feeObjectType": "10", "researchTopic": "",
                "description": "",
            ])
        #expect(try Sample.files(package.directory).contains("documentation/authentication-sheet.pdf"))
        let media = package.directory + "/representations/rep1/metadata/descriptive/EAD_media_H57.2026.12-GB_UBND.1.xml"
        #expect(try Sample.fields(media)["arcDocCode"] == "LTLS.46.H57.2026.12-GB/UBND.0000001")
        #expect(throws: DossierFault.requestMissing) { try emit(.dissemination) { $0.request = nil } }
        #expect(throws: DossierFault.stateSecret) { try emit(.dissemination) { $0.access = .secret } }
        #expect(throws: DossierFault.sheetNotArchival) {
            try emit(.dissemination) { $0.request?.sheet = Data("%PDF-1.7".utf8) }
        }
    }

    @Test(arguments: PackageKind.allCases) func theSameDossierGivesTheSameOctets(_ kind: PackageKind) throws {
        let (one, other) = (try emit(kind), try emit(kind))
        for path in try Sample.files(one.directory) {
            #expect(
                FileManager.default.contents(atPath: "\(one.directory)/\(path)")
                    == FileManager.default.contents(atPath: "\(other.directory)/\(path)"), "\(path)")
        }
    }

    @Test func hostileTextsMakeValidPackages() throws {
        let hostile = "]]> <!-- &\u{0}\u{8}\u{1B}\" ' Ho\u{300}a \u{FFFE} \u{1F600} </simpledc>\r\n../../x"
        let package = try emit(.archival) { dossier in
            dossier.title = hostile
            dossier.event = hostile
            dossier.fileCode = "../../ Ế\u{0}/" + hostile.prefix(20)
            dossier.keywords = [hostile]
            dossier.note = hostile
            dossier.recordings[0].title = hostile
            dossier.recordings[0].place = hostile
            dossier.agents[2].name = hostile
            dossier.events[0].note = hostile
            dossier.papers[0].file.originalName = hostile
        }
        let fields = try Sample.fields(package.directory + "/metadata/descriptive/EAD.xml")
        #expect(fields["title"] == "]]> <!-- &\" ' H\u{F2}a  \u{1F600} </simpledc>\r\n../../x")
        #expect(try Sample.files(package.directory).allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } })
    }

    @Test func whatTheDossierSaysWronglyIsNotEmitted() throws {
        let out = try scratch.folder("out")
        func refused(
            _ expected: (DossierFault) -> Bool, _ kind: PackageKind = .submission, _ change: (inout Dossier) -> Void
        )
            throws
        {
            var dossier = try Sample.dossier(scratch, for: kind)
            change(&dossier)
            do throws(DossierFault) {
                _ = try dossier.write(kind, to: out, under: profile, schemas)
                Issue.record("it was emitted")
            } catch { #expect(expected(error), "\(error)") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: out).isEmpty)
        }
        try refused({ if case .sourceChanged = $0 { true } else { false } }) {
            $0.recordings[0].file.sha256 = String(repeating: "0", count: 64)
        }
        try refused({ if case .sourceChanged = $0 { true } else { false } }) { $0.papers[0].file.size += 1 }
        try refused({ if case .inputOutput = $0 { true } else { false } }) { $0.papers[0].file.path += "x" }
        try refused({ if case .formatNotListed = $0 { true } else { false } }) {
            $0.recordings[0].file.mime = "video/matroska"
        }
        try refused({ $0 == .missing(field: "recorder", form: "sip-media") }) { $0.recordings[0].recorder = "" }
        try refused({ $0 == .missing(field: "recorder", form: "sip-media") }) { $0.recordings[0].recorder = "\u{1}" }
        try refused({ $0 == .tooLong(field: "movieTitle", form: "sip-media", limit: 500) }) {
            $0.recordings[0].title = String(repeating: "x", count: 501)
        }
        try refused({ $0 == .nothingToPackage }) {
            $0.recordings = []
            $0.papers = []
        }
        try refused({ if case .contradiction = $0 { true } else { false } }) { $0.endedAt = $0.startedAt - 1 }
        try refused({ if case .contradiction = $0 { true } else { false } }) { $0.agents.removeAll() }
        try refused({ if case .contradiction = $0 { true } else { false } }) { $0.agents[1].id = "causeway" }
        try refused({ $0 == .noCode(field: "purpose", form: "dip-request", meaning: "curiosity") }, .dissemination) {
            $0.request?.purpose = "curiosity"
        }
    }

    @Test func aSiteThatIsNotNamedEmitsNothing() throws {
        let dossier = try Sample.dossier(scratch)
        let blank = try DossierProfile.load(Sample.profilePath)
        let out = try scratch.folder("out")
        #expect(throws: DossierFault.missing(field: "agencyName", form: "site")) {
            try dossier.write(.submission, to: out, under: blank, schemas)
        }
        let noFonds = try Sample.profile(scratch, #"{"site": {"agencyName": "Văn phòng"}}"#)
        #expect(throws: DossierFault.missing(field: "fondsCode", form: "site")) {
            try dossier.write(.archival, to: out, under: noFonds, schemas)
        }
    }

    @Test func aPackageIsNotWrittenOver() throws {
        let out = try scratch.folder("out")
        let dossier = try Sample.dossier(scratch)
        let package = try dossier.write(.submission, to: out, under: profile, schemas)
        #expect(throws: DossierFault.alreadyThere(package.directory)) {
            try dossier.write(.submission, to: out, under: profile, schemas)
        }
    }

    @Test func changedMissingAndExtraFilesAreFound() throws {
        let data = "representations/rep1/data/H57.2026.12-GB_UBND.1.mp4"
        func defects(_ change: (String) throws -> Void) throws -> [PackageDefect] {
            let directory = try emit(.archival).directory
            #expect(try PackageInspection(directory, profile, schemas).defects.isEmpty)
            try change(directory)
            return try PackageInspection(directory, profile, schemas).defects
        }
        func edit(_ path: String, _ change: (inout Data) -> Void) throws {
            var data = try #require(FileManager.default.contents(atPath: path))
            change(&data)
            try data.write(to: URL(fileURLWithPath: path))
        }
        #expect(try defects { try edit($0 + "/" + data) { $0[100_000] ^= 1 } } == [.init(path: data, kind: .checksum)])
        #expect(
            try defects { try edit($0 + "/" + data) { $0.removeLast() } }
                == [.init(path: data, kind: .size(listed: 200_000, found: 199_999))])
        #expect(
            try defects { try FileManager.default.removeItem(atPath: "\($0)/\(data)") }
                == [.init(path: data, kind: .missing)])
        #expect(
            try defects { try Data().write(to: URL(fileURLWithPath: "\($0)/metadata/x.txt")) }
                == [.init(path: "metadata/x.txt", kind: .unlisted)])
        #expect(
            try defects {
                try FileManager.default.createSymbolicLink(
                    atPath: "\($0)/representations/rep1/data/link", withDestinationPath: "/etc/passwd")
            } == [.init(path: "representations/rep1/data/link", kind: .notAFile)])
        // The description too is listed: what is changed in it shows.
        let form = "metadata/descriptive/EAD.xml"
        #expect(
            try defects { try edit("\($0)/\(form)") { $0.replace("lụt bão", with: "lụt bảo") } }.map(\.path) == [form])
    }

    @Test func aListingThatLeadsOutIsFound() throws {
        let directory = try emit(.submission).directory
        let path = directory + "/METS.xml"
        var text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        text = text.replacingOccurrences(of: "documentation/README.txt", with: "../../../etc/passwd")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let defects = try PackageInspection(directory, profile, schemas).defects
        #expect(
            defects == [
                .init(path: "../../../etc/passwd", kind: .badListing),
                .init(path: "documentation/README.txt", kind: .unlisted),
            ])
    }

    @Test func anInvalidMETSIsRefusedWithTheSchemasWords() throws {
        let directory = try emit(.submission).directory
        let path = directory + "/METS.xml"
        var text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        text = text.replacingOccurrences(of: "OAISPACKAGETYPE=\"SIP\" ", with: "OAISPACKAGETYPE=\"SIP\"")
            .replacingOccurrences(of: "CHECKSUMTYPE=\"SHA-256\"", with: "CHECKSUMTYPE=\"SHA-255\"")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        do throws(DossierFault) {
            _ = try PackageInspection(directory, profile, schemas)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains("SHA-255") && "\(error)".contains("METS.xml"), "\(error)")
        }
    }

    @Test func progressEndsAtTheWhole() throws {
        var last: (Int64, Int64) = (0, 0)
        let dossier = try Sample.dossier(scratch)
        _ = try dossier.write(
            .submission, to: try scratch.folder("out"), under: profile, schemas,
            progress: { done, total in
                #expect(done >= last.0 && done <= total)
                last = (done, total)
            })
        #expect(last.0 == last.1 && last.1 == 2 * 200_014)
    }

    @Test(arguments: [1, 2, 3]) func whatIsCancelledLeavesNothing(_ pieces: Int) throws {
        let out = try scratch.folder("out")
        let dossier = try Sample.dossier(scratch)
        var asked = 0
        #expect(throws: DossierFault.cancelled) {
            try dossier.write(
                .submission, to: out, under: profile, schemas,
                isCancelled: {
                    asked += 1
                    return asked == pieces
                })
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: out).isEmpty)
    }

    @Test func theRecordOfDublinCoreIsValid() throws {
        let dossier = try Sample.dossier(scratch)
        let record = DublinCore.record(of: dossier, profile.site)
        try schemas.validateDublinCore(record, named: "dc.xml")
        let read = try XMLElements(record, named: "dc.xml").all
        #expect(read.filter { $0.name == "date" }.map(\.text) == ["2026-11-24"])
        #expect(read.filter { $0.name == "type" }.map(\.text) == ["Collection", "MovingImage", "Text"])
        #expect(read.filter { $0.name == "title" }.map(\.attributes) == [["lang": "vi"]])
        let broken = Data(
            String(decoding: record, as: UTF8.self).replacingOccurrences(of: "dc:rights", with: "dc:price").utf8)
        #expect(throws: DossierFault.self) { try schemas.validateDublinCore(broken, named: "dc.xml") }
    }
}

extension Data {
    fileprivate mutating func replace(_ old: String, with new: String) {
        self = Data(String(decoding: self, as: UTF8.self).replacingOccurrences(of: old, with: new).utf8)
    }
}
