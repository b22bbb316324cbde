import ChildProcesses
import Foundation
import Testing

@testable import Search

private func has(_ program: String) -> Bool { access("/usr/bin/" + program, X_OK) == 0 }

/// Papers made by the programs that offices make them with, read back.
@Suite(.serialized) struct ExtractionTests {
    private let folder = NSTemporaryDirectory() + "/search-papers-\(UUID().uuidString)"
    private static let html = """
        <html lang="vi"><head><meta charset="utf-8"></head><body><p>Báo cáo tiến độ giải ngân vốn đầu tư công, số 12/QĐ-VP</p>
        <p style="page-break-before: always">Trang thứ hai: phòng chống thiên tai ở Huế</p></body></html>
        """

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(Self.html.utf8).write(to: URL(fileURLWithPath: folder + "/a.html"))
    }

    private func make(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/" + program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    private func pages(_ name: String, _ limits: PaperText.Limits = .init()) async throws -> [PaperText.Page] {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await PaperText(limits: limits).pages(of: folder + "/" + name, named: name)
    }

    @Test(.enabled(if: has("weasyprint") && has("pdftotext"))) func aPDFIsReadPageByPage() async throws {
        try make("weasyprint", ["a.html", "a.pdf"])
        let pages = try await pages("a.pdf")
        #expect(pages.map(\.number) == [1, 2])
        #expect(pages.first?.text == "Báo cáo tiến độ giải ngân vốn đầu tư công, số 12/QĐ-VP")
        #expect(pages.last?.text.contains("phòng chống thiên tai ở Huế") == true)
    }

    @Test(.enabled(if: has("pandoc")), arguments: ["docx", "odt", "html"])
    func officeFilesAreRead(_ ending: String) async throws {
        if ending != "html" { try make("pandoc", ["a.html", "-o", "a.\(ending)"]) }
        let pages = try await pages("a.\(ending)")
        #expect(pages.count == 1)
        #expect(pages.first?.text.contains("giải ngân vốn đầu tư công, số 12/QĐ-VP") == true)
        #expect(pages.first?.text.contains("Trang thứ hai") == true)
    }

    @Test(.enabled(if: has("weasyprint") && has("pdftotext"))) func aScannedPDFSaysSo() async throws {
        try Data("<html><body><svg width='80' height='80'><circle r='30' cx='40' cy='40'/></svg></body></html>".utf8)
            .write(to: URL(fileURLWithPath: folder + "/b.html"))
        try make("weasyprint", ["b.html", "b.pdf"])
        await #expect(throws: ExtractionError.noText) { try await pages("b.pdf") }
    }

    @Test(.enabled(if: has("pdftotext") && has("pandoc")), arguments: ["x.pdf", "x.docx", "x.odt"])
    func whatIsNoPaperIsRefused(_ name: String) async throws {
        try Data((0..<5000).map { _ in UInt8.random(in: 0...255) }).write(to: URL(fileURLWithPath: folder + "/" + name))
        do {
            _ = try await pages(name)
            Issue.record("it was read")
        } catch let error as ExtractionError {
            guard case .malformed = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test(.enabled(if: has("pandoc"))) func aBombIsNotUnpacked() async throws {
        try make("pandoc", ["a.html", "-o", "a.docx"])
        // Forty million zeros: 40 kB packed.
        try make(
            "python3",
            [
                "-c",
                "import zipfile; z = zipfile.ZipFile('a.docx', 'a', zipfile.ZIP_DEFLATED); z.writestr('word/media/x', bytes(40_000_000))",
            ])
        var limits = PaperText.Limits()
        limits.unpackedOctets = 30_000_000
        let small = limits
        await #expect(throws: ExtractionError.tooLarge) { try await pages("a.docx", small) }
    }

    @Test(.enabled(if: has("pdftotext") && has("weasyprint"))) func longTextIsCutOff() async throws {
        try make("weasyprint", ["a.html", "a.pdf"])
        var limits = PaperText.Limits()
        limits.textOctets = 20
        let small = limits
        await #expect(throws: ExtractionError.tooLarge) { try await pages("a.pdf", small) }
    }

    @Test func whatTakesTooLongEndsAndSaysSo() async throws {
        let input = try #require(FileHandle(forReadingAtPath: "/dev/null"))
        var limits = ConfinedProgram.Limits()
        limits.time = .seconds(1)
        let outcome = try await ConfinedProgram(path: "/usr/bin/sleep", arguments: ["60"], limits: limits).run(
            on: input)
        #expect(outcome.ending == .tooLong)
    }

    private func confined(_ script: String) async throws -> String {
        let input = try #require(FileHandle(forReadingAtPath: "/dev/null"))
        let outcome = try await ConfinedProgram(
            path: "/usr/bin/python3", arguments: ["-I", "-c", script], limits: .init()
        ).run(on: input)
        return String(decoding: outcome.output, as: UTF8.self) + outcome.words
    }

    @Test(.enabled(if: has("python3"))) func aChildHasNoSocketsAndReachesNoOtherProcess() async throws {
        let said = try await confined(
            """
            import os, ctypes
            libc = ctypes.CDLL(None, use_errno=True)
            def ask(name, *rest):
                print(name, getattr(libc, name)(*rest), ctypes.get_errno())
            for family in (1, 2, 10, 16): ask('socket', family, 1, 0)
            ask('kill', os.getppid(), 0)
            ask('unshare', 0x10000000)
            ask('ptrace', 16, os.getppid(), 0, 0)
            """)
        let lines = said.split(separator: "\n").map(String.init)
        #expect(
            lines == Array(repeating: "socket -1 1", count: 4) + ["kill -1 1", "unshare -1 1", "ptrace -1 1"], "\(said)"
        )
    }

    @Test(.enabled(if: has("python3") && ChildProcess.Confinement.hasLandlock))
    func aChildReadsAndWritesNoFilesOfOthers() async throws {
        let mine = folder + "/secret"
        try Data("bí mật".utf8).write(to: URL(fileURLWithPath: mine))
        let said = try await confined(
            """
            def attempt(path, mode):
                try: open(path, mode).close(); print('open')
                except OSError as error: print(error.errno)
            attempt('\(mine)', 'r'); attempt('\(folder)/new', 'w'); attempt('/proc/self/environ', 'r'); attempt('own', 'w')
            """)
        #expect(said.split(separator: "\n") == ["13", "13", "13", "open"], "\(said)")
    }

    /// A gigabyte and a half in two megabytes, whose list says that it is a thousand octets.
    @Test(.enabled(if: has("python3"))) func aBombWhoseListLiesIsNotUnpackedEither() async throws {
        try make(
            "python3",
            [
                "-c",
                """
                import zipfile, struct
                with zipfile.ZipFile('a.docx', 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
                    z.writestr('[Content_Types].xml', '<Types/>')
                    with z.open('word/document.xml', 'w') as f:
                        for _ in range(1500): f.write(b' ' * 1000000)
                data = bytearray(open('a.docx', 'rb').read())
                while (at := data.find(struct.pack('<I', 1500000000))) >= 0: data[at:at+4] = struct.pack('<I', 1000)
                open('a.docx', 'wb').write(data)
                """,
            ])
        let begun = ContinuousClock.now
        await #expect(throws: ExtractionError.tooLarge) { try await pages("a.docx") }
        #expect(begun.duration(to: .now) < .seconds(30))
    }

    @Test func linksAndOtherNamesAreRefused() async throws {
        symlink("/etc/passwd", folder + "/l.txt")
        await #expect(throws: ExtractionError.self) { try await pages("l.txt") }
        await #expect(throws: ExtractionError.unknownFormat) {
            try await PaperText().pages(of: "/etc/passwd", named: "passwd.exe")
        }
    }

    @Test func aMissingProgramIsNamed() async throws {
        try Data("%PDF-1.4".utf8).write(to: URL(fileURLWithPath: folder + "/c.pdf"))
        await #expect(throws: ExtractionError.absent(program: "pdftotext", package: "poppler-utils")) {
            try await PaperText(programs: "/nonexistent").pages(of: folder + "/c.pdf", named: "c.pdf")
        }
    }
}
