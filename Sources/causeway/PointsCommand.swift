import ArgumentParser
import Foundation
import PortalAPI

struct PointsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "points", abstract: "Manage connection points and their accounts; invite one to a room by a link.",
        subcommands: [List.self, Add.self, Set.self, Remove.self, Import.self, Password.self, Invite.self],
        defaultSubcommand: List.self)

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a link by which a point joins a room in a browser.",
            discussion: """
                Whoever has the link comes in as this point, until it expires or the point's password is changed: send it to \
                the point alone.
                """)

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The point's code.")
        var point: String
        @Option(help: "The room's id.")
        var room: String
        @Option(help: ArgumentHelp("How long it is valid: 45m, 8h, 3d.", valueName: "time"))
        var valid = "8h"

        func validate() throws {
            guard Self.seconds(valid) != nil else {
                throw ValidationError("--valid is a time such as 45m, 8h or 3d, of at most 31 days.")
            }
        }

        func run() async throws {
            let request = InvitationRequest(room: room, validSeconds: Self.seconds(valid) ?? 0)
            let invitation = try await PortalClient.with(connection) {
                try await $0.post(
                    Invitation.self, "points/\(PortalClient.encoded(point))/invitation", request)
            }
            let console = Console.current
            if connection.json { return try console.json(invitation) }
            console.line(DisplayWidth.harmless(invitation.url ?? "#k=\(invitation.token)"))
        }

        /// `45m` in seconds.
        static func seconds(_ text: String) -> Int64? {
            guard let unit = text.last.flatMap({ ["s": 1, "m": 60, "h": 3600, "d": 86_400][$0] as Int64? }),
                let number = Int64(text.dropLast()), number > 0
            else { return nil }
            let (seconds, isTooLong) = number.multipliedReportingOverflow(by: unit)
            return isTooLong || seconds > 31 * 86_400 ? nil : seconds
        }
    }
}
