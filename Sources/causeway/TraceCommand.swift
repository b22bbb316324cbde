import ArgumentParser
import Foundation
import PortalAPI
import Vietnamese

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Tell a call's whole story: its signalling with times, and how its media went.",
        discussion: """
            Without a call, those of late are listed. A call is named by its SIP Call-ID, or as the list does (call-12). \
            --pcapng writes its messages, or all that are kept, to a file for Wireshark. Keys, passwords, answers to challenges and \
            texts are blanked in it; --with-keys has an administrator's token take them of one call, and that stands in the audit log.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The call's Call-ID, or its name.") var call: String?
    @Option(help: ArgumentHelp("Write the SIP messages to this file.", valueName: "file")) var pcapng: String?
    @Flag(help: "With the keys of this one call.") var withKeys = false

    func validate() throws {
        if withKeys, call == nil || pcapng == nil {
            throw ValidationError("--with-keys goes with a call and --pcapng.")
        }
    }

    func run() async throws {
        let console = Console.current
        if let pcapng {
            let file = try await PortalClient.with(connection) { client in
                try await client.document(
                    "GET", "trace/capture", query: [("call", call), ("keys", withKeys ? "1" : nil)])
            }
            return try OutputFile.write(file, to: pcapng)
        }
        guard let call else {
            let calls = try await PortalClient.with(connection) { client in
                try await client.get([TracedCallSummary].self, "trace/calls")
            }
            if connection.json { return try console.json(calls) }
            for line in TraceText.list(calls, width: console.width()) { console.line(line) }
            return
        }
        let trace = try await PortalClient.with(connection) { client in
            try await client.get(CallTrace.self, "trace", query: [("call", call)])
        }
        if connection.json { return try console.json(trace) }
        for line in TraceText.story(trace, width: console.width()) { console.line(line) }
    }
}

/// Calls and their stories as text.
enum TraceText {
    static func list(_ calls: [TracedCallSummary], width: Int?) -> [String] {
        guard !calls.isEmpty else { return ["No call was heard of."] }
        var table = TextTable([
            .init(title: "CALL"), .init(title: "BEGAN"), .init(title: "LASTED", alignment: .right),
            .init(title: "POINT"), .init(title: "ROOM"), .init(title: "MEETING"), .init(title: "BY"),
            .init(title: "ENDED", givesWay: true),
        ])
        for call in calls {
            table.add([
                call.id, time(call.beganAt, short: true),
                call.endedAt.map { Formats.duration($0.timeIntervalSince(call.beganAt)) } ?? "",
                call.point ?? call.username, call.room, call.meeting ?? "", call.transport,
                call.reason ?? (call.endedAt == nil ? "is up" : ""),
            ])
        }
        return table.lines(width: width)
    }

    static func story(_ trace: CallTrace, width: Int?) -> [String] {
        var lines: [String] = []
        if let call = trace.call {
            let way = call.isOutgoing ? "called by the bridge into" : "calls"
            lines += [
                "\(call.id)  \(call.callID)",
                "\(call.point ?? call.username) \(way) \(call.room)" + (call.meeting.map { ", meeting \($0)" } ?? ""),
                "\(call.transport) \(call.remote)" + (call.userAgent.map { "  \($0)" } ?? ""),
                "began \(time(call.beganAt))"
                    + (call.endedAt.map {
                        ", ended \(time($0)) after \(Formats.duration($0.timeIntervalSince(call.beganAt)))"
                    } ?? ", is up") + (call.reason.map { ": \($0)" } ?? ""),
            ]
        }
        lines += [""] + ladder(trace.messages)
        if let media = trace.media { lines += [""] + self.media(media, width: width) }
        return lines.map(DisplayWidth.harmless).map { line in width.map { DisplayWidth.truncated(line, to: $0) } ?? line
        }
    }

    /// The point at the left, the bridge at the right; seconds since the first message.
    private static func ladder(_ messages: [TracedMessageLine]) -> [String] {
        guard let first = messages.first else { return ["No message of it is kept any more."] }
        let peers = Set(messages.map(\.remote))
        var lines = ["The first message came at \(time(first.at)); of \(peers.sorted().joined(separator: ", "))"]
        var last = first.at
        for message in messages {
            let since = String(format: "%9.3f", message.at.timeIntervalSince(first.at))
            let step = String(format: "%+8.3f", message.at.timeIntervalSince(last))
            last = message.at
            var text = message.line
            for end in [" SIP/2.0"] where text.hasSuffix(end) { text.removeLast(end.count) }
            if text.hasPrefix("SIP/2.0 ") { text.removeFirst(8) }
            let sequence = message.sequence.map { " (\($0))" } ?? ""
            let body = message.bodyOctets > 0 ? "  \(message.contentType ?? "body"), \(message.bodyOctets) B" : ""
            let again = message.isRepeated ? "  AGAIN" : ""
            let peer = peers.count > 1 ? "  \(message.remote)" : ""
            lines.append(
                "\(since) \(step)  point \(message.isReceived ? "──▶" : "◀──") bridge  \(text)\(sequence)\(body)\(again)\(peer)"
            )
        }
        return lines
    }

    private static func media(_ media: CallMedia, width: Int?) -> [String] {
        var table = TextTable([
            .init(title: "MEDIA"), .init(title: "CODEC"), .init(title: "IN", alignment: .right),
            .init(title: "OUT", alignment: .right), .init(title: "LOST", alignment: .right),
            .init(title: "JITTER", alignment: .right), .init(title: "LOST THERE", alignment: .right),
            .init(title: "JITTER THERE", alignment: .right), .init(title: "RTT", alignment: .right),
            .init(title: "REFUSED", alignment: .right), .init(title: "CIPHER", givesWay: true),
        ])
        for stream in media.streams {
            table.add([
                stream.kind, stream.stream.codec, "\(stream.stream.packetsReceived)", "\(stream.stream.packetsSent)",
                String(format: "%.2f %%", stream.stream.lossPercent),
                String(format: "%.1f ms", stream.stream.jitterMilliseconds),
                String(format: "%.2f %%", stream.lossDownPercent),
                String(format: "%.1f ms", stream.jitterDownMilliseconds),
                stream.stream.roundTripMilliseconds.map { String(format: "%.0f ms", $0) } ?? "",
                "\(stream.unauthenticated + stream.malformed)", stream.suite ?? "clear",
            ])
        }
        var facts: [String] = []
        if let keying = media.keying {
            facts.append("keys: \(keying.method.rawValue)" + (keying.suite.map { " \($0)" } ?? ""))
        }
        if let mos = media.quality?.mos { facts.append(String(format: "MOS %.1f", mos)) }
        if let line = media.lineBitsPerSecond { facts.append("line \(line / 1000) kbit/s") }
        for alarm in media.quality?.alarms ?? [] { facts.append("bad: \(alarm.rawValue)") }
        return table.lines(width: nil) + (facts.isEmpty ? [] : [facts.joined(separator: ", ")])
    }

    /// With milliseconds, in Vietnam.
    private static func time(_ date: Date, short: Bool = false) -> String {
        let text = IndochinaTime.text(date)
        return short
            ? String(text.prefix(19).dropFirst(5)).replacingOccurrences(of: "T", with: " ")
            : text.replacingOccurrences(of: "T", with: " ")
    }
}
