import ArgumentParser
import Foundation
import PortalAPI

/// Lets meetings end before the daemon is stopped or upgraded.
struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Begin no new meeting, and wait until the last one is over.",
        discussion: """
            Who calls a room without a meeting is told to try again later (503); meetings in progress go on, and their \
            points come and go. Interrupted, this command waits no more, and the bridge still begins no meeting: \
            causeway drain --cancel takes that back, as does a restart.
            """)

    private static let interval = Duration.seconds(1)

    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Meetings are begun again.")
    var cancel = false
    @Flag(name: .customLong("no-wait"), help: "Ends at once, and leaves the meetings to end.")
    var doesNotWait = false

    func run() async throws {
        let console = Console.current
        try await PortalClient.with(connection) { client in
            if cancel {
                try await client.delete("drain")
                return console.line("Meetings are begun again.")
            }
            try await client.put("drain")
            var last = ""
            while true {
                let bridge = try await client.get(SystemStatus.self, "status").bridge
                guard let drain = bridge.drain else {
                    if console.drawsProgress { console.writeError("\n") }
                    throw CommandFailure.refused(
                        APIError(error: "Somebody let meetings begin again.", hint: "The journal says who."))
                }
                let text = Self.text(bridge)
                if console.drawsProgress {
                    console.writeError("\r" + text + "\u{1B}[K")
                } else if text != last {
                    console.line(text)
                }
                last = text
                if bridge.liveMeetings == 0 || doesNotWait {
                    if console.drawsProgress { console.writeError("\n") }
                    if connection.json { try console.json(drain) }
                    return
                }
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    static func text(_ bridge: BridgeStatus) -> String {
        guard bridge.liveMeetings > 0 else { return "no meeting is left; none is begun" }
        return "\(bridge.liveMeetings) \(bridge.liveMeetings == 1 ? "meeting" : "meetings") left, "
            + "\(bridge.participants) \(bridge.participants == 1 ? "point" : "points") in \(bridge.liveMeetings == 1 ? "it" : "them")"
    }
}
