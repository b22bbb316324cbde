import Foundation

@testable import Papers

/// Files made for a test, in a folder of their own.
final class Samples {
    let folder = NSTemporaryDirectory() + "/papers-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ octets: some Sequence<UInt8>, as name: String) throws -> String {
        let path = folder + "/" + name
        try Data(octets).write(to: URL(fileURLWithPath: path))
        return path
    }

    func inspect(_ octets: some Sequence<UInt8>, as name: String) throws -> PaperInspection {
        try PaperInspection(try write(octets, as: name), named: name)
    }

    /// Runs Python with the folder as its own.
    func python(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    static let hasPython = access("/usr/bin/python3", X_OK) == 0

    /// A ZIP file of entries that are not packed.
    static func zip(_ entries: [(name: String, content: String)]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> ($0 * 8) & 0xFF) } }
        var file: [UInt8] = []
        var list: [UInt8] = []
        for (name, content) in entries {
            let (name, content) = (Array(name.utf8), Array(content.utf8))
            let common =
                little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(0, 4) + little(content.count, 4)
                + little(content.count, 4) + little(name.count, 2) + little(0, 2)
            list += little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 10) + little(file.count, 4) + name
            file += little(0x0403_4B50, 4) + common + name + content
        }
        return file + list + little(0x0605_4B50, 4) + little(0, 4) + little(entries.count, 2) + little(entries.count, 2)
            + little(list.count, 4) + little(file.count, 4) + little(0, 2)
    }

    static let docx = zip([("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<document/>")])
    static func odt(_ more: [(name: String, content: String)] = []) -> [UInt8] {
        zip([("mimetype", PaperType.odt.mime), ("content.xml", "<office/>")] + more)
    }
}
