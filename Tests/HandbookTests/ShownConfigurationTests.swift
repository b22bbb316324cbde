import Foundation
import InteropSupport
import Testing

/// Each piece of a configuration in the documents is one that the daemon takes, as it stands, in a whole site.
@Suite struct ShownConfigurationTests {
    private static let sections: Set<String> = [
        "sip", "media", "recording", "archive", "portal", "certificates", "limits", "log", "units", "points", "rooms",
        "announcements", "lineCheck", "documents", "office", "rehearsal", "quality",
    ]
    private static let site = """
        sip:
          domain: hop.example.vn
          listeners:
            - {transport: tls, address: 127.0.0.1, port: 5061}
        archive:
          directory: FOLDER/archive
        certificates:
          directory: FOLDER/certificates
        units:
          - {id: tinh, name: Ủy ban nhân dân tỉnh}
        points:
          - {id: soyte, name: Sở Y tế, unit: tinh, password: mat-khau-dai}
        rooms:
          - {id: giaoban, title: Giao ban}

        """

    /// The top-level sections of a text, each with its own lines.
    private static func sections(of text: String) -> [(name: String, lines: [String])] {
        var found: [(name: String, lines: [String])] = []
        for line in text.components(separatedBy: "\n") {
            if let first = line.first, !" #".contains(first), let colon = line.firstIndex(of: ":") {
                found.append((String(line[..<colon]), []))
            }
            if !found.isEmpty { found[found.count - 1].lines.append(line) }
        }
        return found
    }

    /// Of a line of a section's own mapping.
    private static func key(_ line: String) -> String? {
        line.prefixMatch(of: /\ \ ([A-Za-z]+):/).map { String($0.1) }
    }

    static func isConfiguration(_ shown: Handbook.Shown) -> Bool {
        guard !shown.isSpan else { return false }
        let named = sections(of: shown.text).map(\.name)
        return !named.isEmpty && named.allSatisfy(sections.contains)
    }

    @Test func eachPieceIsTakenByTheDaemon() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cw-shown-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try RunningDaemon.binaries() + "/causewayd"
        let pieces = try Handbook.shown().filter(Self.isConfiguration)
        #expect(pieces.count >= 4)
        let base = Self.sections(of: Self.site.replacingOccurrences(of: "FOLDER", with: folder))
        for piece in pieces {
            for text in try Self.alternatives(of: piece.text).map({ try Self.withFiles($0, in: folder) }) {
                var sections = base
                for section in Self.sections(of: text) {
                    if let place = sections.firstIndex(where: { $0.name == section.name }) {
                        var lines = section.lines
                        // What the piece does not speak of stays.
                        let said = section.lines.compactMap { Self.key($0) }
                        lines += sections[place].lines.dropFirst().filter { line in
                            Self.key(line).map { !said.contains($0) } ?? (section.name == "sip")
                        }
                        sections[place].lines = lines
                    } else {
                        sections.append(section)
                    }
                }
                let path = folder + "/site.yaml"
                try sections.flatMap(\.lines).joined(separator: "\n").appending("\n")
                    .write(toFile: path, atomically: true, encoding: .utf8)
                let child = try ChildProcess(program, ["--config", path, "--check-config"], log: folder + "/said")
                let status = try await child.wait(within: .seconds(30))
                #expect(status == 0, "\(piece)\n— \(child.logText)")
            }
        }
    }

    /// Files of a site that a piece names are made below a folder: the daemon looks for them.
    private static func withFiles(_ text: String, in folder: String) throws -> String {
        try text.components(separatedBy: "\n").map { line in
            guard let match = line.firstMatch(of: /(\/(?:etc|run|mnt)\/[\w.\/-]+)/) else { return line }
            let path = folder + match.1
            let isFolder = match.1.hasPrefix("/mnt/")
            try FileManager.default.createDirectory(
                atPath: isFolder ? path : (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            if !isFolder {
                let samples = ["dossier.json": "config/dossier-profile.json", "retention.csv": "config/retention.csv"]
                let content =
                    try samples[(path as NSString).lastPathComponent].map(Handbook.text) ?? String(
                        repeating: "x", count: 32) + "\n"
                _ = FileManager.default.createFile(
                    atPath: path, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600])
            }
            return line.replacingOccurrences(of: String(match.1), with: path)
        }.joined(separator: "\n")
    }

    /// A piece that shows two ways ("or, in its place") is two pieces.
    private static func alternatives(of text: String) -> [String] {
        let lines = text.components(separatedBy: "\n")
        guard let place = lines.firstIndex(where: { $0.contains("or, in its place") }) else { return [text] }
        var (first, second) = (lines, lines)
        first.removeAll { $0.contains("remote:") || $0.contains("rcloneConfig:") || $0.contains("rate:") }
        second.remove(at: place)
        return [first, second].map { $0.joined(separator: "\n") }
    }

    @Test(arguments: ["config/causeway.yaml", "config/province.yaml", "config/lab.yaml", "config/cluster.yaml"])
    func eachSampleSiteIsTakenByTheDaemon(_ name: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cw-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.withFiles(try Handbook.text(name), in: folder)
            .write(toFile: folder + "/site.yaml", atomically: true, encoding: .utf8)
        let program = try RunningDaemon.binaries() + "/causewayd"
        let child = try ChildProcess(
            program, ["--config", folder + "/site.yaml", "--check-config"], log: folder + "/said")
        let status = try await child.wait(within: .seconds(30))
        #expect(status == 0, "\(child.logText)")
    }
}
