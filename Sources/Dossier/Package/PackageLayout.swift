import Foundation

/// Where what lies in a package.
enum PackageLayout {
    static let metsName = "METS.xml"
    static let dublinCoreName = "dc.xml"
    static let descriptive = "metadata/descriptive/"
    static let preservation = "metadata/preservation/"
    static let documentation = "documentation/"
    static let schemas = "schemas/"
    static let representation = "representations/rep1/"
    static let representationName = "rep1"
    static let data = "data/"
    static let sheetName = "authentication-sheet.pdf"

    /// How a document is checked, by its path in the package; nil where it is no XML of ours.
    enum Check: Equatable {
        case mets
        case premis
        case dublinCore
        /// The form of the file as a whole, of a recording, of a paper.
        case dossier, recording, paper

        init?(path: String) {
            let name = (path as NSString).lastPathComponent
            switch name {
            case metsName: self = .mets
            case dublinCoreName: self = .dublinCore
            case "EAD.xml": self = .dossier
            case _ where !name.hasSuffix(".xml") || path.contains("/data/"): return nil
            case _ where name.hasPrefix("PREMIS"): self = .premis
            case _ where name.hasPrefix("EAD_media_"): self = .recording
            case _ where name.hasPrefix("EAD_doc_"): self = .paper
            default: return nil
            }
        }
    }
}
