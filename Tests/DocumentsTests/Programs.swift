import Foundation
import Testing

/// Programs that look at what was made.
enum Programs {
    static func have(_ names: String...) -> Bool {
        names.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }

    static func text(ofPDF pdf: Data) throws -> String {
        try run("pdftotext", ["-layout", "-nopgbrk"], before: pdf, named: "in.pdf", after: ["-"])
    }

    static func content(ofODT odt: Data) throws -> String {
        try run("unzip", ["-p"], before: odt, named: "in.odt", after: ["content.xml"])
    }

    /// What a camera would read of the first page.
    static func codes(ofPDF pdf: Data) throws -> [String] {
        let folder = try folder(with: pdf, named: "in.pdf")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try run("pdftoppm", ["-r", "150", "-png", "in.pdf", "page"], in: folder)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".png") }.sorted()
        return try run("zbarimg", ["--quiet", "--raw"] + pages, in: folder).split(separator: "\n").map(String.init)
    }

    private static func folder(with data: Data, named name: String) throws -> String {
        let folder = NSTemporaryDirectory() + "/documents-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: folder + "/" + name))
        return folder
    }

    private static func run(
        _ name: String, _ before: [String], before data: Data, named file: String, after: [String]
    ) throws -> String {
        let folder = try folder(with: data, named: file)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try run(name, before + [file] + after, in: folder)
    }

    private static func run(_ name: String, _ arguments: [String], in folder: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(name)")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(name) \(arguments)")
        return String(decoding: data, as: UTF8.self)
    }
}
