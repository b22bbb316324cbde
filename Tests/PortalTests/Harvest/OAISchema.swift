import Foundation

@testable import Dossier

/// Judges answers of OAI-PMH by `Schemas/oai-pmh.xsd`, with libxml2.
struct OAISchema {
    private let schema: XMLSchema

    init() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Schemas")
        schema = try XMLSchema(file: folder.standardizedFileURL.path + "/oai-pmh.xsd")
    }

    func validate(_ data: Data) throws { try schema.validate(data, named: "answer") }
}
