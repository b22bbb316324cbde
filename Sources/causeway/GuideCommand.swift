import ArgumentParser
import Foundation
import PortalAPI

struct GuideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guide", abstract: "Print how a point joins by a kind of device.",
        discussion: """
            A guide for computer or linphone has an address by which the device fetches its account, once: give the page \
            to the point alone. No guide has a password in it.
            """)

    enum Device: String, ExpressibleByArgument, CaseIterable {
        case roomSystem = "room-system"
        case computer, linphone, browser, telephone
    }

    enum Language: String, ExpressibleByArgument, CaseIterable { case vi, en }

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The point's code.")
    var point: String
    @Option(help: "What it joins by.")
    var device = Device.linphone
    @Option(help: "The guide's language.")
    var lang = Language.vi
    @Flag(help: "Write a PDF.")
    var pdf = false
    @Flag(help: "Write a web page.")
    var html = false
    @Argument(
        help: ArgumentHelp("The file to write; POINT-DEVICE.pdf or .html here where left out.", valueName: "file"))
    var file: String?
    @Flag(help: "Write over a file that is there already; one that is named is written over anyway.")
    var force = false
    @Option(help: ArgumentHelp("How long the address for the device is valid: 45m, 8h, 3d.", valueName: "time"))
    var valid = "3d"
    @Flag(help: "Leave the address for the device out: the password is typed.")
    var withoutAddress = false

    func validate() throws {
        guard pdf != html else { throw ValidationError("Give --pdf or --html.") }
        guard PointsCommand.Invite.seconds(valid) != nil else {
            throw ValidationError("--valid is a time such as 45m, 8h or 3d, of at most 31 days.")
        }
    }

    func run() async throws {
        let format = pdf ? "pdf" : "html"
        let output = file ?? "\(point)-\(device.rawValue).\(format)"
        // Looked at before the device's address is made, which is good once.
        if file == nil, !force, FileManager.default.fileExists(atPath: output) {
            throw CommandFailure.local("\(output) is there already; --force writes over it.")
        }
        let life = PointsCommand.Invite.seconds(valid).map(String.init)
        let document = try await PortalClient.with(connection) { client in
            try await client.document(
                withoutAddress ? "GET" : "POST", "guides/\(PortalClient.encoded(point))/\(device.rawValue)",
                query: [("lang", lang.rawValue), ("format", format), ("valid", life)])
        }
        try OutputFile.write(document, to: output)
        if file == nil { Console.current.line(output) }
    }
}

/// A file that a command leaves.
enum OutputFile {
    /// For its owner alone: what is in it may let others in.
    static func write(_ data: Data, to path: String) throws(CommandFailure) {
        guard FileManager.default.createFile(atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw .local("\(path): \(String(cString: strerror(errno)))") }
    }
}
