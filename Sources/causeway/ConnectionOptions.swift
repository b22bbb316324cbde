import ArgumentParser
import Foundation

/// How to reach the daemon, and how to print what it says.
struct ConnectionOptions: ParsableArguments {
    static let defaultSocket = "/run/causeway/causewayd.sock"

    @Option(help: ArgumentHelp("The daemon's socket on this machine.", valueName: "path"))
    var socket = ConnectionOptions.defaultSocket

    @Option(help: ArgumentHelp("A daemon elsewhere, for example https://cau.example.vn:8443.", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("File with the access token for --server.", valueName: "path"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("PEM file of the authority that signed the server's certificate.", valueName: "path"))
    var ca: String?

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func validate() throws {
        if let server {
            guard let url = URL(string: server), url.scheme == "https", url.host?.isEmpty == false,
                ["", "/"].contains(url.path), url.query == nil, url.user == nil
            else { throw ValidationError("--server is not of the form https://host or https://host:port.") }
            guard tokenFile != nil else { throw ValidationError("--server needs --token-file.") }
        } else if tokenFile != nil || ca != nil {
            throw ValidationError("--token-file and --ca go with --server.")
        }
    }
}
