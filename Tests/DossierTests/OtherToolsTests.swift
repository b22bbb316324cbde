import Foundation
import Testing

@testable import Dossier

/// Programs of others that judge packages.
@Suite struct OtherToolsTests {
    private let scratch: Scratch
    private let profile: DossierProfile
    private let schemas: SchemaLibrary

    init() throws {
        scratch = try Scratch()
        profile = try Sample.profile(scratch)
        schemas = try Sample.schemas()
    }

    private struct Report: Decodable {
        struct Results: Decodable {
            var status: String
            var messages: [Message]
        }
        struct Message: Decodable {
            var rule_id: String?
            var severity: String?
            var message: String?
            var location: String?
        }
        struct Metadata: Decodable {
            var schema_results: Results
            var schematron_results: Results
        }
        var structure: Results
        var metadata: Metadata?
    }

    private func report(_ directory: String) throws -> Report {
        let said = try Program.run(Sample.earkPython, [Sample.earkScript, directory])
        return try JSONDecoder().decode(Report.self, from: Data(said.utf8))
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: Sample.earkPython), "make .build/eark/bin/python"),
        arguments: PackageKind.allCases)
    func theEARKValidatorAgrees(_ kind: PackageKind) throws {
        let package = try Sample.dossier(scratch, for: kind).write(
            kind, to: try scratch.folder("out"), under: profile, schemas)
        let report = try report(package.directory)
        #expect(report.structure.status == "WellFormed", "\(report.structure.messages)")
        let metadata = try #require(report.metadata)
        #expect(metadata.schema_results.status == "VALID", "\(metadata.schema_results.messages)")
        let errors = metadata.schematron_results.messages.filter { $0.severity == "Error" }
        #expect(metadata.schematron_results.status == "VALID", "\(errors.map { [$0.rule_id, $0.message] })")
        // And it is not blind.
        let path = package.directory + "/METS.xml"
        let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        try Data(text.replacingOccurrences(of: " LABEL=\"CSIP\"", with: " LABEL=\"PICS\"").utf8)
            .write(to: URL(fileURLWithPath: path))
        #expect(try self.report(package.directory).metadata?.schematron_results.status == "INVALID")
    }

    @Test(.enabled(if: Program.have("xmllint"))) func xmllintAgrees() throws {
        let package = try Sample.dossier(scratch).write(
            .archival, to: try scratch.folder("out"), under: profile, schemas)
        let rep = package.directory + "/representations/rep1"
        for (schema, path) in [
            ("premis.xsd", "\(package.directory)/metadata/preservation/PREMIS.xml"),
            ("premis.xsd", "\(rep)/metadata/preservation/PREMIS_rep1.xml"),
            ("EAD.xsd", "\(package.directory)/metadata/descriptive/EAD.xml"),
            ("EAD_media.xsd", "\(rep)/metadata/descriptive/EAD_media_H57.2026.12-GB_UBND.1.xml"),
            ("EAD_doc.xsd", "\(rep)/metadata/descriptive/EAD_doc_H57.2026.12-GB_UBND.2.xml"),
        ] {
            // By the schema that lies in the package.
            try Program.run(
                "xmllint", ["--nonet", "--noout", "--schema", "\(package.directory)/schemas/\(schema)", path])
        }
        try Program.run(
            "xmllint", ["--nonet", "--noout", "--schema", schemas.folder + "mets.csip.xsd", "\(rep)/METS.xml"])
    }
}
