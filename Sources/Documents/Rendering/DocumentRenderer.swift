import ChildProcesses
import Foundation

/// Makes files of documents by other programs: WeasyPrint for PDF, pandoc for ODT. Each runs as a child process that has
/// bounded time and memory, a folder of its own, an environment of its own and nothing to fetch: WeasyPrint is called with
/// a fetcher that refuses every address, and pandoc with a filter that drops every image.
public actor DocumentRenderer {
    /// ISO 19005, as WeasyPrint names it.
    public enum PDFVariant: String, Hashable, Sendable {
        case plain = ""
        case archival = "pdf/a-3b"
    }

    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// A program that is not installed, and Debian's package of it.
        case absent(program: String, package: String)
        case tooLong(program: String, Duration)
        case tooLarge(program: String)
        case failed(program: String, reason: String)
        /// So many wait already that another is not taken.
        case busy
        case cancelled

        public var description: String {
            switch self {
            case .absent(let program, let package): "\(program) is not installed (apt-get install \(package))"
            case .tooLong(let program, let limit): "\(program) did not end in \(limit.components.seconds) s"
            case .tooLarge(let program): "what \(program) made is too large"
            case .failed(let program, let reason): "\(program) failed: \(reason)"
            case .busy: "too many documents are being made at this time"
            case .cancelled: "nobody waits for the document any more"
            }
        }
    }

    public struct Limits: Sendable {
        public var time = Duration.seconds(60)
        public var processorSeconds = 30
        public var inputOctets = 8 << 20
        public var outputOctets = 32 << 20
        /// Of virtual memory, where the program bears a limit.
        public var memoryOctets = 1 << 30
        /// Running or waiting.
        public var documents = 16
        public init() {}
    }

    private static let atOnce = 2

    private let limits: Limits
    private let python: String
    private let weasyPrint: String
    private let pandoc: String
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter prefix: where Debian's programs are, such as `/usr/bin`.
    public init(limits: Limits = Limits(), programs prefix: String = "/usr/bin") {
        self.limits = limits
        python = prefix + "/python3"
        weasyPrint = prefix + "/weasyprint"
        pandoc = prefix + "/pandoc"
    }

    public func pdf(_ document: PrintedDocument, _ variant: PDFVariant = .plain) async throws(Failure) -> Data {
        guard FileManager.default.isExecutableFile(atPath: weasyPrint) else {
            throw .absent(program: "weasyprint", package: "weasyprint")
        }
        return try await render(
            document, "weasyprint",
            [
                [
                    "--as=\(limits.memoryOctets)", "--", python, "-I", "-c", Self.makePDF, "in.html", "out",
                    variant.rawValue,
                ]
            ]
        )
    }

    public func odt(_ document: PrintedDocument) async throws(Failure) -> Data {
        guard FileManager.default.isExecutableFile(atPath: pandoc) else {
            throw .absent(program: "pandoc", package: "pandoc")
        }
        return try await render(
            document, "pandoc",
            // The Haskell runtime reserves more address space than any limit of it allows.
            [
                [
                    "--", pandoc, "--from=html", "--to=odt", "--lua-filter=filter.lua", "--output=plain", "in.html",
                ],
                ["--", python, "-I", "-c", Self.dressODT, "plain", "out"],
            ], ["filter.lua": Self.filter])
    }

    /// The versions of the programs as they are now, by `WeasyPrint` and `pandoc`; of one that is not there nothing.
    public nonisolated func versions() async -> [String: String] {
        var versions: [String: String] = [:]
        for (name, program) in [("WeasyPrint", weasyPrint), ("pandoc", pandoc)] {
            let child = ChildProcess(
                program, ["--version"], environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"],
                limits: .init(time: .seconds(20), outputOctets: 1000, niceness: 10), place: .ofJobs)
            guard let outcome = try? await child.run(), outcome.isSuccess else { continue }
            // `pandoc 3.1.11.1`, `WeasyPrint version 63.1`
            let first = String(decoding: outcome.output.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            versions[name] = first.split(separator: " ").last { $0.first?.isNumber == true }.map(String.init)
        }
        return versions
    }

    private func render(
        _ document: PrintedDocument, _ program: String, _ steps: [[String]], _ files: [String: String] = [:]
    ) async throws(Failure) -> Data {
        guard document.html.utf8.count <= limits.inputOctets else { throw .tooLarge(program: program) }
        try await enter()
        defer { leave() }
        let folder = NSTemporaryDirectory() + "/causeway-document-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for (name, text) in files.merging(["in.html": document.html], uniquingKeysWith: { first, _ in first }) {
                try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
            }
        } catch {
            throw .failed(program: program, reason: "its files cannot be written: \(error.localizedDescription)")
        }
        for arguments in steps { try await run(program, arguments, in: folder) }
        guard let made = FileManager.default.contents(atPath: folder + "/out"), !made.isEmpty else {
            throw .failed(program: program, reason: "it made nothing")
        }
        return made
    }

    private func run(_ program: String, _ arguments: [String], in folder: String) async throws(Failure) {
        let child = ChildProcess(
            "/usr/bin/prlimit",
            ["--cpu=\(limits.processorSeconds)", "--fsize=\(limits.outputOctets)", "--core=0"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"], in: folder,
            limits: .init(time: limits.time, outputOctets: 0, niceness: 10), place: .ofJobs)
        let outcome: ChildProcess.Outcome
        do { outcome = try await child.run() } catch { throw .failed(program: program, reason: "\(error)") }
        switch outcome.ending {
        case .exited(0): return
        case .cancelled: throw .cancelled
        case .outOfTime: throw .tooLong(program: program, limits.time)
        case .killed(SIGXFSZ): throw .tooLarge(program: program)
        default: throw .failed(program: program, reason: outcome.complaint)
        }
    }

    private func enter() async throws(Failure) {
        guard running + waiting.count < limits.documents else { throw .busy }
        if running < Self.atOnce {
            running += 1
        } else {
            // Whoever leaves hands its place on.
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func leave() {
        if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
    }

    private static let makePDF = """
        import sys, weasyprint
        def refuse(url, *arguments, **named):
            raise ValueError('nothing is fetched: ' + url)
        weasyprint.HTML(filename=sys.argv[1], url_fetcher=refuse).write_pdf(sys.argv[2], variant=sys.argv[3] or None)
        """

    private static let filter = """
        function Image() return {} end
        -- The page has its heading; the title would stand above it.
        function Meta(meta) meta.title = nil; return meta end
        """

    /// What pandoc writes is for American paper, and its tables have no lines.
    private static let dressODT = """
        import re, sys, zipfile
        changes = {
            'content.xml': [(r'fo:border="none"', 'fo:border="0.5pt solid #000000" fo:padding="0.1cm"')],
            'styles.xml': [(r'fo:page-width="[^"]*"', 'fo:page-width="21cm"'),
                           (r'fo:page-height="[^"]*"', 'fo:page-height="29.7cm"')],
        }
        with zipfile.ZipFile(sys.argv[1]) as old, zipfile.ZipFile(sys.argv[2], 'w') as new:
            for entry in old.infolist():
                data = old.read(entry)
                for pattern, text in changes.get(entry.filename, []):
                    data = re.sub(pattern.encode(), text.encode(), data)
                new.writestr(entry, data)
        """
}
