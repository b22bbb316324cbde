import CXML
import Foundation

/// An XML schema that documents are checked against, in this process.
///
/// libxml2 lets one schema be used by several threads at once: validation only reads it.
final class XMLSchema: @unchecked Sendable {
    private let schema: xmlSchemaPtr

    /// Reads a schema and those it imports, from files.
    convenience init(file path: String) throws(DossierFault) {
        _ = LibXML.isReady
        try self.init(name: path, xmlSchemaNewParserCtxt(path))
    }

    /// A schema that imports nothing.
    convenience init(_ data: Data, named name: String) throws(DossierFault) {
        _ = LibXML.isReady
        // The octets are read by `xmlSchemaParse`, within the call.
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(1, data.count))
        defer { copy.deallocate() }
        data.withUnsafeBytes { UnsafeMutableRawBufferPointer(copy).copyMemory(from: $0) }
        try self.init(name: name, xmlSchemaNewMemParserCtxt(copy.baseAddress, Int32(data.count)))
    }

    private init(name: String, _ context: xmlSchemaParserCtxtPtr?) throws(DossierFault) {
        guard let context else { throw .schemaUnreadable(name, "no memory") }
        defer { xmlSchemaFreeParserCtxt(context) }
        let complaints = LibXML.Complaints()
        let parsed = complaints.hearing { heard in
            xmlSchemaSetParserStructuredErrors(context, { LibXML.hear($0, $1?.pointee) }, heard)
            return xmlSchemaParse(context)
        }
        guard let parsed else { throw .schemaUnreadable(name, complaints.lines.first ?? "it is no schema") }
        schema = parsed
    }

    deinit { xmlSchemaFree(schema) }

    /// - Throws: ``DossierFault/invalidDocument(_:_:)`` with what the schema says against it.
    func validate(_ data: Data, named name: String) throws(DossierFault) {
        try LibXML.withDocument(data, named: name) { document throws(DossierFault) in
            guard let context = xmlSchemaNewValidCtxt(schema) else { throw .invalidDocument(name, ["no memory"]) }
            defer { xmlSchemaFreeValidCtxt(context) }
            let complaints = LibXML.Complaints()
            let outcome = complaints.hearing { heard in
                xmlSchemaSetValidStructuredErrors(context, { LibXML.hear($0, $1?.pointee) }, heard)
                return xmlSchemaValidateDoc(context, document)
            }
            guard outcome == 0 else {
                throw .invalidDocument(name, complaints.lines.isEmpty ? ["error \(outcome)"] : complaints.lines)
            }
        }
    }
}
