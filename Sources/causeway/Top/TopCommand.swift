import ArgumentParser
import Foundation
import PortalAPI

extension TopPicture.Order: ExpressibleByArgument {}

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch meetings, their points and how their lines do.",
        discussion: """
            Keys: n, l, j, m and r sort by name, loss, jitter, MOS and rate; arrows scroll; q leaves. ▶ has the picture, ▷ is heard, ▣ shows slides, ? asks \
            for the word. LOSS↑ is lost on the way to the bridge, LOSS↓ on the way to the point.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Option(help: "Seconds between two looks.") var interval = 2.0
    @Option(help: "By what points are sorted: name, loss, jitter, mos or rate.") var sort = TopPicture.Order.loss
    @Flag(help: "Print one picture, without anything that steers a terminal, and end.") var once = false

    func validate() throws {
        guard (0.2...3600).contains(interval) else { throw ValidationError("--interval is 0.2 to 3600 seconds.") }
    }

    func run() async throws {
        var picture = TopPicture()
        picture.order = sort
        if once || connection.json {
            let console = Console.current
            try await PortalClient.with(connection) { client in try await Self.look(client, &picture) }
            if connection.json { return try console.json(picture.meetings) }
            for line in picture.lines(width: console.width() ?? 100, height: nil, at: Date()) { console.line(line) }
            return
        }
        guard TopTerminal.isThere else { throw CommandFailure.usage("This is no terminal: use --once.") }
        picture.hasColours = TopTerminal.hasColours
        try await PortalClient.with(connection) { client in
            // What hinders the first look ends the command, before the screen is taken.
            try await Self.look(client, &picture)
            let terminal = TopTerminal()
            defer { terminal.leave() }
            await follow(client, terminal, picture)
        }
    }

    private enum Event: Sendable {
        case terminal(TopTerminal.Event)
        case looked(status: SystemStatus, meetings: [LiveMeeting])
        case failed(String)
    }

    private func follow(_ client: PortalClient, _ terminal: TopTerminal, _ picture: TopPicture) async {
        var picture = picture
        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(64))
        let listening = Task { for await event in terminal.events { continuation.yield(.terminal(event)) } }
        let looking = Task {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(interval)) } catch { return }
                do {
                    var next = TopPicture()
                    try await Self.look(client, &next)
                    if let status = next.status { continuation.yield(.looked(status: status, meetings: next.meetings)) }
                } catch {
                    continuation.yield(.failed("\(error)"))
                }
            }
        }
        defer {
            listening.cancel()
            looking.cancel()
        }
        Self.draw(picture, terminal)
        for await event in events {
            switch event {
            case .looked(let status, let meetings):
                (picture.status, picture.meetings, picture.trouble) = (status, meetings, nil)
            case .failed(let text): picture.trouble = text
            case .terminal(.resized): break
            case .terminal(.key(let key)): guard Self.press(key, &picture) else { return }
            }
            Self.draw(picture, terminal)
        }
    }

    /// - Returns: false where the key leaves.
    static func press(_ key: TerminalKey, _ picture: inout TopPicture) -> Bool {
        let size = TopTerminal.size
        let page = max(1, size.height - 5)
        switch key {
        case .interrupt, .character("q"), .character("Q"): return false
        case .character(let letter):
            if let order = TopPicture.Order.allCases.first(where: { $0.key == letter }) { picture.order = order }
        case .up: picture.scrolled -= 1
        case .down: picture.scrolled += 1
        case .pageUp: picture.scrolled -= page
        case .pageDown: picture.scrolled += page
        case .home: picture.scrolled = 0
        case .end: picture.scrolled = .max
        }
        let farthest = picture.farthest(width: size.width, height: size.height, at: Date())
        picture.scrolled = min(max(0, picture.scrolled), farthest)
        return true
    }

    private static func look(_ client: PortalClient, _ picture: inout TopPicture) async throws(CommandFailure) {
        picture.status = try await client.get(SystemStatus.self, "status")
        picture.meetings = try await client.get([LiveMeeting].self, "meetings")
    }

    private static func draw(_ picture: TopPicture, _ terminal: TopTerminal) {
        let size = TopTerminal.size
        terminal.draw(Array(picture.lines(width: size.width, height: size.height, at: Date()).prefix(size.height)))
    }
}
