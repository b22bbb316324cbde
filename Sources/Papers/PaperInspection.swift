/// Why a file is not taken as a paper.
public enum PaperDefect: Error, Hashable, Sendable {
    /// No files with such an ending are taken.
    case unknownType
    /// It is not what its name says.
    case notA(PaperType)
    case damaged
    /// It would unpack to more than any paper does.
    case unpacksToTooMuch
    case unreadable
}

/// Looks at a paper's content, which nobody vouches for. Nothing of it is executed; memory is bounded, and time by the file's size.
public struct PaperInspection: Sendable, Equatable {
    /// Of everything in a ZIP file.
    public static let mostUnpacked = 512 << 20

    public var type: PaperType
    /// It has scripts, macros, files within it or the like, or what may be such: whoever opens it is told.
    public var hasCode: Bool

    /// Reads the whole file, and so wants a thread that may block.
    public init(_ path: String, named name: String) throws(PaperDefect) {
        guard let type = PaperType(named: name) else { throw .unknownType }
        guard let file = FileOctets(path) else { throw .unreadable }
        self.type = type
        switch type.container {
        case .pdf:
            // At its very beginning: what is a PDF and something else as well is not taken.
            guard file.begins(with: Array("%PDF-".utf8)) else { throw .notA(type) }
            hasCode = PDFCode.isFound(in: file)
        case .openXML(let folder):
            let archive = try Self.archive(file, type)
            let names = archive.entries.map(\.name)
            guard names.contains("[Content_Types].xml"), names.contains(where: { $0.hasPrefix(folder) }) else {
                throw .notA(type)
            }
            hasCode = names.contains { $0.hasSuffix("vbaProject.bin") || $0.contains("/activeX/") }
        case .openDocument:
            let archive = try Self.archive(file, type)
            guard let first = ZIPArchive.stored(atBeginningOf: file, most: 200), first.name == "mimetype",
                first.content == Array(type.mime.utf8)
            else { throw .notA(type) }
            hasCode = archive.entries.contains { entry in
                // LibreOffice keeps empty libraries of macros in some files.
                ["Basic/", "Scripts/"].contains { entry.name.hasPrefix($0) } && !entry.name.hasSuffix("/")
                    && !entry.name.hasSuffix("script-lb.xml") && !entry.name.hasSuffix("script-lc.xml")
            }
        case .compound:
            guard file.begins(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) else { throw .notA(type) }
            hasCode = file.contains(Array("_VBA_PROJECT".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] }))
        case .text:
            guard file.isText else { throw .notA(type) }
            hasCode = false
        case .beginning(let beginnings):
            guard beginnings.contains(where: file.begins(with:)) else { throw .notA(type) }
            hasCode = type == .rtf && file.contains(Array(#"\objdata"#.utf8))
        }
    }

    private static func archive(_ file: FileOctets, _ type: PaperType) throws(PaperDefect) -> ZIPArchive {
        guard file.begins(with: [0x50, 0x4B, 3, 4]) else { throw .notA(type) }
        guard let archive = ZIPArchive(file) else { throw .damaged }
        switch archive.measure(limit: mostUnpacked) {
        case .octets: return archive
        case .tooMuch: throw .unpacksToTooMuch
        case .malformed: throw .damaged
        }
    }
}

extension FileOctets {
    private static let windowSize = 1 << 20

    fileprivate func begins(with octets: [UInt8]) -> Bool { read(at: 0, octets.count) == octets }

    fileprivate func contains(_ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first else { return true }
        return stride(from: 0, to: size, by: Self.windowSize).contains { start in
            let window = read(at: start, Self.windowSize + wanted.count - 1)
            return window.indices.contains { window[$0] == first && window[$0...].starts(with: wanted) }
        }
    }

    /// No control characters but those of text; UTF-16 says that it is.
    fileprivate var isText: Bool {
        if begins(with: [0xFF, 0xFE]) || begins(with: [0xFE, 0xFF]) { return size % 2 == 0 }
        return stride(from: 0, to: size, by: Self.windowSize).allSatisfy { start in
            read(at: start, Self.windowSize).allSatisfy { $0 >= 0x20 || (9...13).contains($0) }
        }
    }
}
