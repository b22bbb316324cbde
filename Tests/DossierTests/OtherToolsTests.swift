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
        #expect(Self.rules(metadata).subtracting(Self.faulty) == [])
        // And it is not blind.
        let path = package.directory + "/METS.xml"
        let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        try Data(text.replacingOccurrences(of: " LABEL=\"CSIP\"", with: " LABEL=\"PICS\"").utf8)
            .write(to: URL(fileURLWithPath: path))
        let broken = try #require(try self.report(package.directory).metadata)
        #expect(Self.rules(broken).subtracting(Self.faulty) != [])
    }

    private static func rules(_ metadata: Report.Metadata) -> Set<String> {
        Set(metadata.schematron_results.messages.filter { $0.severity == "Error" }.map { $0.rule_id ?? "?" })
    }

    /// Rules by which version 1.1.3 refuses the packages that are its own examples of good ones:
    /// - CSIP63 wants a type of content that is no other than "OTHER" to be absent and present at once;
    /// - CSIP103 wants one division for all representations, where CSIP 2.1 §5.3.5 wants one for each;
    /// - SIP14 looks for `NOTETYPE` outside its namespace.
    ///
    /// And SIP2 wants the profile of E-ARK SIP, where the national rules name that of CSIP.
    private static let faulty: Set<String> = ["CSIP63", "CSIP103", "SIP14", "SIP2"]

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
