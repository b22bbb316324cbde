import CXML
import Foundation

/// What libxml2 needs once a process, and what it says.
enum LibXML {
    /// Of one document; the largest METS of ours, with 4,096 files, has some 3 MiB.
    static let longestDocument = 64 << 20

    /// Nothing that a document or schema names by an address is fetched.
    static let isReady: Bool = {
        xmlInitParser()
        xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader)
        return true
    }()

    /// The first of what it complains of, a line each.
    final class Complaints {
        static let most = 20
        private(set) var lines: [String] = []

        fileprivate func add(line: Int32, _ message: String) {
            guard lines.count < Self.most else { return }
            lines.append("line \(line): \(message.trimmingCharacters(in: .whitespacesAndNewlines).prefix(500))")
        }

        /// Calls `body` with this object as the context that `hear` wants.
        func hearing<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
            withExtendedLifetime(self) { body(Unmanaged.passUnretained(self).toOpaque()) }
        }
    }

    /// For `xmlStructuredErrorFunc`; warnings, of which schemas that import by address give some, are not kept.
    static func hear(_ context: UnsafeMutableRawPointer?, _ error: xmlError?) {
        guard let context, let error, error.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
        let complaints = Unmanaged<Complaints>.fromOpaque(context).takeUnretainedValue()
        complaints.add(line: error.line, error.message.map { String(cString: $0) } ?? "error \(error.code)")
    }

    /// Reads a document and hands it to `body`; nothing it refers to is loaded, and no entity of its own is expanded.
    static func withDocument<Result>(
        _ data: Data, named name: String, _ body: (xmlDocPtr) throws(DossierFault) -> Result
    ) throws(DossierFault) -> Result {
        _ = isReady
        guard data.count <= longestDocument else { throw .invalidDocument(name, ["it is longer than 64 MiB"]) }
        guard let context = xmlNewParserCtxt() else { throw .invalidDocument(name, ["no memory"]) }
        defer { xmlFreeParserCtxt(context) }
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        let document = data.withUnsafeBytes { bytes in
            xmlCtxtReadMemory(
                context, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), nil, nil,
                Int32(bitPattern: options))
        }
        guard let document else {
            let complaints = Complaints()
            complaints.hearing { hear($0, context.pointee.lastError) }
            throw .invalidDocument(name, complaints.lines.isEmpty ? ["it is not XML"] : complaints.lines)
        }
        defer { xmlFreeDoc(document) }
        guard document.pointee.intSubset == nil else {
            throw .invalidDocument(name, ["it has a document type declaration"])
        }
        return try body(document)
    }
}
