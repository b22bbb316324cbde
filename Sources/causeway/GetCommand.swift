import ArgumentParser
import Foundation
import PortalAPI

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Fetch a recording's film, master or whole package.",
        discussion: """
            An interrupted fetch goes on where it was when the command is given again. What was fetched is checked \
            against the seal's SHA-256; a copy that does not match is thrown away (exit status 1).
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The recording's id.")
    var id: String
    @Option(help: "A file of the recording (access.webm, master.mkv, …), or all.")
    var file = "access.webm"
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to: a file, or a directory. By default here, named after the package.", valueName: "path"))
    var output: String?

    func run() async throws {
        let console = Console.current
        let fetched = try await PortalClient.with(connection) { client in
            let detail = try await client.recording(id)
            var fetched: [FetchedFile] = []
            for (listed, target) in try Self.plan(detail, file: file, output: output) {
                let download = Download(client: client, recording: detail.summary.id, file: listed, target: target)
                let result = try await download.run(console)
                if !connection.json { console.line(Self.line(result)) }
                fetched.append(result)
            }
            return fetched
        }
        if connection.json { try console.json(fetched) }
    }

    /// Which files go where.
    static func plan(
        _ detail: RecordingDetail, file: String, output: String?
    ) throws(CommandFailure) -> [(RecordingDetail.File, target: String)] {
        // The server's names become paths here, so they are not trusted to stay below a directory.
        guard isSafe(detail.package), !detail.package.contains("/") else {
            throw .unreachable("The daemon names a package by a path that leads elsewhere; nothing was fetched.")
        }
        for listed in detail.files where !isSafe(listed.path) {
            throw .unreachable("The daemon names a file by a path that leads elsewhere; nothing was fetched.")
        }
        if file == "all" {
            let directory = output ?? detail.package
            return detail.files.map { ($0, directory + "/" + $0.path) }
        }
        guard
            let listed = detail.files.first(where: { $0.path == file })
                ?? detail.files.first(where: { $0.path == "data/" + file })
        else {
            let names = detail.files.map(\.path).joined(separator: ", ")
            throw .refused(
                APIError(
                    error: "Recording \(detail.summary.id) (\(detail.summary.state)) has no file \(file).",
                    hint: names.isEmpty ? "It has none." : "It has: \(names)."))
        }
        let path = listed.path.hasPrefix("data/") ? String(listed.path.dropFirst("data/".count)) : listed.path
        let name = detail.package + "-" + path.replacingOccurrences(of: "/", with: "-")
        guard let output else { return [(listed, name)] }
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: output, isDirectory: &isDirectory)
        let intoDirectory = (exists && isDirectory.boolValue) || output.hasSuffix("/")
        return [(listed, intoDirectory ? output + (output.hasSuffix("/") ? "" : "/") + name : output)]
    }

    static func isSafe(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.isEmpty
            && parts.allSatisfy { part in
                !part.isEmpty && part != "." && part != ".."
                    && part.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            }
    }

    private static func line(_ fetched: FetchedFile) -> String {
        let check = fetched.sha256 == nil ? "not sealed yet, so not checked" : "SHA-256 matches the seal"
        return DisplayWidth.harmless("\(fetched.target)  \(Formats.bytes(fetched.bytes))  \(check)")
    }
}
