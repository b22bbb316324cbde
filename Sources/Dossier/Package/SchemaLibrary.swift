import Foundation
import Synchronization

/// The schemas by which documents are checked, read once.
public final class SchemaLibrary: Sendable {
    /// What goes into packages beside the schemas of the forms.
    enum Shipped: String, CaseIterable {
        case mets = "mets.xsd"
        case xlink = "xlink.xsd"
        case csip = "DILCISExtensionMETS.xsd"
        case sip = "DILCISExtensionSIPMETS.xsd"
        case premis = "premis.xsd"
        case dublinCore = "dc.xsd"
        case dublinCoreRecord = "oai_dc.xsd"
        case xml = "xml.xsd"

        /// In a package; the rules name that of METS in capitals.
        var packagedName: String { self == .mets ? "METS.xsd" : rawValue }
    }

    /// With `/` at its end.
    let folder: String
    private let loaded = Mutex<[String: XMLSchema]>([:])
    private let forms = Mutex<[Data: XMLSchema]>([:])
    private static let mostForms = 64

    /// - Parameter folder: where the schemas lie; where the program's own lie when nothing is said.
    public init(folder: String? = nil) throws(DossierFault) {
        guard let folder = folder ?? Self.find() else {
            throw .schemaUnreadable("mets.xsd", "the schemas are not installed")
        }
        self.folder = folder + "/"
    }

    /// With the built program, as SwiftPM copies them there, or as they are installed.
    private static func find() -> String? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        let folder = (program as NSString).deletingLastPathComponent
        let places = [
            folder + "/causeway_Dossier.resources/Schemas",
            (folder as NSString).deletingLastPathComponent + "/share/causeway/Schemas",
        ]
        return places.first { FileManager.default.fileExists(atPath: $0 + "/mets.xsd") }
    }

    func validateMETS(_ data: Data, named name: String) throws(DossierFault) {
        try shipped("mets.csip.xsd").validate(data, named: name)
    }

    func validatePREMIS(_ data: Data, named name: String) throws(DossierFault) {
        try shipped(Shipped.premis.rawValue).validate(data, named: name)
    }

    /// Whether a record of Dublin Core is one.
    public func validateDublinCore(_ data: Data, named name: String) throws(DossierFault) {
        try shipped(Shipped.dublinCoreRecord.rawValue).validate(data, named: name)
    }

    /// The schema that was made of a form.
    func schema(_ text: Data, named name: String) throws(DossierFault) -> XMLSchema {
        if let known = forms.withLock({ $0[text] }) { return known }
        let schema = try XMLSchema(text, named: name)
        forms.withLock {
            if $0.count >= Self.mostForms { $0 = [:] }
            $0[text] = schema
        }
        return schema
    }

    private func shipped(_ name: String) throws(DossierFault) -> XMLSchema {
        if let schema = loaded.withLock({ $0[name] }) { return schema }
        let schema = try XMLSchema(file: folder + name)
        loaded.withLock { $0[name] = schema }
        return schema
    }
}
