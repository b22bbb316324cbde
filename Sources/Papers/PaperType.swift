/// The types of files that are taken as papers, as their names' endings say.
public enum PaperType: String, CaseIterable, Sendable, Hashable {
    case pdf, docx, xlsx, pptx, odt, ods, odp, doc, xls, ppt, rtf, txt, csv, md, png, jpeg, tiff

    /// Nil where no such files are taken.
    public init?(named name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let ending = parts.last?.lowercased() else { return nil }
        switch ending {
        case "jpg": self = .jpeg
        case "tif": self = .tiff
        default:
            guard let type = Self(rawValue: ending) else { return nil }
            self = type
        }
    }

    public var mime: String {
        switch self {
        case .pdf: "application/pdf"
        case .docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case .pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        case .odt: "application/vnd.oasis.opendocument.text"
        case .ods: "application/vnd.oasis.opendocument.spreadsheet"
        case .odp: "application/vnd.oasis.opendocument.presentation"
        case .doc: "application/msword"
        case .xls: "application/vnd.ms-excel"
        case .ppt: "application/vnd.ms-powerpoint"
        case .rtf: "application/rtf"
        case .txt, .md: "text/plain; charset=utf-8"
        case .csv: "text/csv; charset=utf-8"
        case .png: "image/png"
        case .jpeg: "image/jpeg"
        case .tiff: "image/tiff"
        }
    }

    /// How files of it are built.
    enum Container: Sendable, Equatable {
        case pdf
        /// ECMA-376 part 2, whose main part is in this folder.
        case openXML(folder: String)
        /// OpenDocument 1.3 part 2 §3.3.
        case openDocument
        /// [MS-CFB].
        case compound
        case text
        /// Begins with one of these.
        case beginning([[UInt8]])
    }

    var container: Container {
        switch self {
        case .pdf: .pdf
        case .docx: .openXML(folder: "word/")
        case .xlsx: .openXML(folder: "xl/")
        case .pptx: .openXML(folder: "ppt/")
        case .odt, .ods, .odp: .openDocument
        case .doc, .xls, .ppt: .compound
        case .txt, .csv, .md: .text
        case .rtf: .beginning([Array(#"{\rtf"#.utf8)])
        case .png: .beginning([[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]])
        case .jpeg: .beginning([[0xFF, 0xD8, 0xFF]])
        case .tiff: .beginning([[0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A]])
        }
    }
}
