import Foundation

/// The BFCP of baresip's library, as another opinion on what messages say. Its program is built when a test asks for it.
enum Libre {
    static let isInstalled =
        FileManager.default.fileExists(atPath: "/usr/include/re/re_bfcp.h")
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/cc")

    struct Failed: Error { let what: String }

    /// Runs `libre_codec` with a mode, and lines as its input.
    static func codec(_ mode: String, _ lines: [String] = []) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("libre-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let source = Bundle.module.path(forResource: "libre_codec", ofType: "c", inDirectory: "Libre") else {
            throw Failed(what: "no source")
        }
        let program = folder.appendingPathComponent("libre_codec").path
        // The structures of libre's headers have the shape of Debian's build with this definition only.
        _ = try run(
            "/usr/bin/cc", ["-DHAVE_INET6", "-I/usr/include/re", "-o", program, source, "-lre"], [], in: folder)
        return try run(program, [mode], lines, in: folder)
    }

    private static func run(
        _ program: String, _ arguments: [String], _ lines: [String], in folder: URL
    ) throws -> [String] {
        let input = folder.appendingPathComponent("input")
        let output = folder.appendingPathComponent("output")
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Failed(what: "\(program): \(text)") }
        return text.split(separator: "\n").map(String.init)
    }
}
