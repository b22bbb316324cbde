import Foundation
import PostgresServer
import Synchronization
import Testing

@testable import Archive

/// An archive with a second location of a kind, reached by the real rclone where it is a remote.
final class SecondSite {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case directory
        /// rclone's encryption over a directory, which knows no hashes.
        case crypt
        /// Another rclone that serves WebDAV on the loopback.
        case webDAV
        /// A directory, and the catalogue in PostgreSQL.
        case shared

        var testDescription: String { rawValue }
    }

    static let password = "mat-khau-kho-2"
    static var kinds: [Kind] { isInstalled("rclone") ? [.directory, .crypt, .webDAV] : [.directory] }
    static var kindsAndShared: [Kind] { kinds + (PostgresServer.isInstalled ? [.shared] : []) }

    let clock = HandClock(morning)
    let workshop: Workshop
    /// Where the copies lie in the end.
    let shelf: String
    let archive: Archive
    private let kind: Kind
    private var server: Process?

    init(_ kind: Kind, interval: Duration = .seconds(86_400)) throws {
        self.kind = kind
        workshop = try CatalogueKind.$current.withValue(kind == .shared ? .postgres : .sqlite) { try Workshop() }
        shelf = try Workshop().root
        let configuration = try Workshop().root + "/rclone.conf"
        let place: SecondLocation.Place
        switch kind {
        case .directory, .shared: place = .directory(shelf)
        case .crypt, .webDAV:
            let obscured = try shell("rclone obscure \(Self.password)", in: shelf).output
            var text = ""
            if kind == .crypt {
                text = "[kho]\ntype = crypt\nremote = \(shelf)\npassword = \(obscured)\n"
            } else {
                let (server, url) = try Self.serve(shelf)
                self.server = server
                text = "[kho]\ntype = webdav\nvendor = other\nurl = \(url)\nuser = causeway\npass = \(obscured)\n"
            }
            try Data(text.utf8).write(to: URL(fileURLWithPath: configuration))
            place = .remote(try #require(RcloneRemote("kho:", configuration: configuration)))
        }
        let table = try RetentionTable(
            parsing: "VV,permanent,Vĩnh viễn,For ever\n10N,10,10 năm,10 years", standard: "10N")
        archive = try workshop.open(
            fixity: FixitySettings(interval: interval), second: SecondLocation(place),
            retention: table,
            now: { [clock] in clock.now })
    }

    deinit { stopServing() }

    /// The remote is away from now on.
    func goAway() throws {
        switch kind {
        case .directory, .shared: try FileManager.default.moveItem(atPath: shelf, toPath: shelf + ".away")
        case .crypt:
            // Rclone makes directories that are missing.
            try FileManager.default.removeItem(atPath: shelf)
            try Data().write(to: URL(fileURLWithPath: shelf))
        case .webDAV: stopServing()
        }
    }

    private func stopServing() {
        guard let server else { return }
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
        self.server = nil
    }

    private static func serve(_ directory: String) throws -> (Process, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/rclone")
        process.arguments = [
            "serve", "webdav", "--config", "/dev/null", "--addr", "127.0.0.1:0", "--user", "causeway", "--pass",
            password,
            directory,
        ]
        let said = Pipe()
        process.standardError = said
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var text = ""
        while true {
            let piece = said.fileHandleForReading.availableData
            text += String(decoding: piece, as: UTF8.self)
            if let match = text.firstMatch(of: #/started on (http://\S+)/#) { return (process, String(match.1)) }
            try #require(!piece.isEmpty, "rclone does not serve: \(text)")
        }
    }

    /// Does what is due in the second location; returns how each piece ended.
    @discardableResult
    func work() async throws -> [SecondCopyOutcome.Ending] {
        var endings: [SecondCopyOutcome.Ending] = []
        while let outcome = try await archive.workOnSecondLocation() { endings.append(outcome.ending) }
        return endings
    }

    /// The hash of a file as the second location gives it.
    func hash(_ file: PackageFile, of meeting: MeetingRecord) async throws -> String? {
        try await archive.second?.store.sha256(of: meeting.package + "/" + file.path, octets: file.size)
    }

    /// The only file below the shelf of this length: what a file of the package became there.
    func lying(octets: Int) throws -> String {
        let found = try shell("find . -type f -size \(octets)c", in: shelf).output.split(separator: "\n")
        try #require(found.count == 1, "\(found)")
        return shelf + "/" + found[0]
    }
}
