import Foundation
import Papers
import Vietnamese

/// Text of papers, by converters that Debian packages: `pdftotext` (poppler-utils) and `pandoc`. What a paper holds is never
/// executed, and nothing that it refers to is fetched.
public struct PaperText: Sendable {
    public struct Page: Sendable, Equatable {
        /// Counted from 1; nil where the format has no pages.
        public var number: Int?
        /// NFC; paragraphs joined by spaces.
        public var text: String
    }

    /// What of a paper is read.
    public struct Limits: Sendable {
        public var fileOctets: UInt64 = 100 << 20
        /// What a paper that is a ZIP file unpacks to.
        public var unpackedOctets: UInt64 = 256 << 20
        public var textOctets = 8 << 20
        public var pages = 2000
        public var time = Duration.seconds(60)
        public init() {}
    }

    private enum Format {
        case pdf, text
        case pandoc(from: String, isArchive: Bool)
    }

    private let limits: Limits
    private let programs: String

    public init(limits: Limits = Limits(), programs: String = "/usr/bin") {
        self.limits = limits
        self.programs = programs
    }

    /// Reads the file at `path`, by what its name says that it is.
    public func pages(of path: String, named name: String) async throws(ExtractionError) -> [Page] {
        guard let format = Self.format(of: name) else { throw .unknownFormat }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .cannotRead(reason: String(cString: strerror(errno))) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotRead(reason: "it is no file")
        }
        guard UInt64(clamping: status.st_size) <= limits.fileOctets else { throw .tooLarge }
        switch format {
        case .text: return try plain(file)
        case .pdf: return try await pdf(file)
        case .pandoc(let from, let isArchive):
            if isArchive { try await inspect(path) }
            return try await pandoc(file, from)
        }
    }

    private static func format(of name: String) -> Format? {
        switch name.split(separator: ".").last?.lowercased() {
        case "pdf": .pdf
        case "txt", "csv", "md": .text
        case "docx": .pandoc(from: "docx", isArchive: true)
        case "odt": .pandoc(from: "odt", isArchive: true)
        case "html", "htm": .pandoc(from: "html", isArchive: false)
        default: nil
        }
    }

    private func plain(_ file: FileHandle) throws(ExtractionError) -> [Page] {
        let data: Data
        do { data = try file.read(upToCount: limits.textOctets + 1) ?? Data() } catch {
            throw .cannotRead(reason: error.localizedDescription)
        }
        guard data.count <= limits.textOctets else { throw .tooLarge }
        let isWide = data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF])
        let text = isWide ? String(data: data, encoding: .utf16) ?? "" : String(decoding: data, as: UTF8.self)
        return [Page(number: nil, text: Self.cleaned(text))]
    }

    /// Unpacked here first, to nowhere: what comes to far too much is never given to a converter, whatever its list says.
    private func inspect(_ path: String) async throws(ExtractionError) {
        guard let file = FileOctets(path), let archive = ZIPArchive(file) else {
            throw .malformed(reason: "it is no whole ZIP file")
        }
        let limit = Int(clamping: limits.unpackedOctets)
        let measure = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: archive.measure(limit: limit)) }
        }
        switch measure {
        case .octets: break
        case .tooMuch: throw .tooLarge
        case .malformed: throw .malformed(reason: "its parts cannot be unpacked")
        }
    }

    private func pdf(_ file: FileHandle) async throws(ExtractionError) -> [Page] {
        let outcome = try await run(
            "pdftotext", package: "poppler-utils", ["-q", "-enc", "UTF-8", "-l", "\(limits.pages)", "-", "-"],
            memory: 1 << 30, on: file)
        switch outcome.ending {
        case .exited(0): break
        // Of Xpdf's tools, poppler's manual page says: 1 cannot be opened, 3 permissions.
        case .exited(3): throw .encrypted
        case .exited where outcome.words.localizedCaseInsensitiveContains("password"): throw .encrypted
        case .exited(let status):
            throw .malformed(reason: outcome.words.isEmpty ? "pdftotext ended with \(status)" : outcome.words)
        case .tooLong: throw .tooLong
        case .tooLarge: throw .tooLarge
        }
        let pages = String(decoding: outcome.output, as: UTF8.self).split(
            separator: "\u{C}", omittingEmptySubsequences: false
        ).enumerated().map { Page(number: $0.offset + 1, text: Self.cleaned(String($0.element))) }
        let written = pages.filter { !$0.text.isEmpty }
        guard !written.isEmpty else { throw .noText }
        return written
    }

    private func pandoc(_ file: FileHandle, _ format: String) async throws(ExtractionError) -> [Page] {
        let outcome = try await run(
            "pandoc", package: "pandoc",
            // Its runtime reserves a terabyte of address space: its heap is bounded by itself.
            ["+RTS", "-M768m", "-RTS", "--sandbox", "--from=\(format)", "--to=plain", "--wrap=none"], memory: nil,
            on: file)
        switch outcome.ending {
        case .exited(0): return [Page(number: nil, text: Self.cleaned(String(decoding: outcome.output, as: UTF8.self)))]
        // Of the Haskell runtime: the heap is exhausted.
        case .exited(251): throw .tooLarge
        case .exited(let status):
            throw .malformed(reason: outcome.words.isEmpty ? "pandoc ended with \(status)" : outcome.words)
        case .tooLong: throw .tooLong
        case .tooLarge: throw .tooLarge
        }
    }

    private func run(
        _ program: String, package: String, _ arguments: [String], memory: Int?, on file: FileHandle
    ) async throws(ExtractionError) -> ConfinedProgram.Outcome {
        let path = "\(programs)/\(program)"
        guard access(path, X_OK) == 0 else { throw .absent(program: program, package: package) }
        return try await ConfinedProgram(
            path: path, arguments: arguments,
            limits: ConfinedProgram.Limits(
                time: limits.time, memoryOctets: memory, outputOctets: limits.textOctets)
        ).run(on: file)
    }

    private static func cleaned(_ text: String) -> String {
        VietnameseText.stored(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
