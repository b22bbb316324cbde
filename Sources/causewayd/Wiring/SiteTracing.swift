import Foundation
import PortalAPI
import SIPTrace
import Signalling

/// The story of calls, of what signalling and the bridge know.
struct SiteTracing: CallTracing {
    let signalling: Signalling
    let host: BridgeHost

    func calls() async -> [TracedCallSummary] {
        var summaries: [TracedCallSummary] = []
        for call in await signalling.tracedCalls {
            summaries.append(TracedCallSummary(call, await host.story(of: call.call)))
        }
        return summaries
    }

    func trace(_ name: String) async -> CallTrace? {
        let call = await signalling.tracedCalls.last { $0.callID == name || $0.call.description == name }
        let messages = Self.messages(await signalling.tracedMessages, of: call?.callID ?? name)
        guard call != nil || !messages.isEmpty else { return nil }
        var story: CallStory?
        if let call { story = await host.story(of: call.call) }
        var seen: Set<TracedMessage> = []
        return CallTrace(
            call: call.map { TracedCallSummary($0, story) },
            messages: messages.map { message, outline in
                // The same again, at whatever time.
                var timeless = message
                timeless.at = 0
                return TracedMessageLine(message, outline, isRepeated: !seen.insert(timeless).inserted)
            }, media: story?.media)
    }

    func capture(_ callID: String?, without hidden: Set<String>, withKeys: Bool) async -> Data {
        let all = await signalling.tracedMessages
        let wanted =
            if let callID {
                Self.messages(all, of: callID).map(\.0)
            } else {
                hidden.isEmpty
                    ? all : all.filter { !(MessageOutline($0.octets).callID.map(hidden.contains) ?? false) }
            }
        let given = wanted.map { message in
            guard !withKeys else { return message }
            var message = message
            message.octets = SecretBlanking.blank(message.octets)
            return message
        }
        return Data(PCAPNG.write(given, software: "causewayd \(Version.text)"))
    }

    private static func messages(
        _ all: [TracedMessage], of callID: String
    ) -> [(TracedMessage, MessageOutline)] {
        all.compactMap { message in
            let outline = MessageOutline(message.octets)
            return outline.callID == callID ? (message, outline) : nil
        }
    }
}

extension TracedCallSummary {
    fileprivate init(_ call: TracedCall, _ story: CallStory?) {
        self.init(
            id: call.call.description, callID: call.callID, isOutgoing: call.direction == .outgoing,
            username: call.username, room: call.room, transport: call.transport.rawValue,
            remote: call.remote.description, userAgent: call.userAgent, beganAt: Date(nanoseconds: call.beganAt),
            endedAt: call.endedAt.map { Date(nanoseconds: $0) }, reason: call.reason)
        point = story?.point
        meeting = story?.meeting
        convening = story?.convening
    }
}

extension TracedMessageLine {
    fileprivate init(_ message: TracedMessage, _ outline: MessageOutline, isRepeated: Bool) {
        self.init(
            at: Date(nanoseconds: message.at), isReceived: message.isReceived, transport: message.transport,
            local: message.local.description, remote: message.remote.description,
            // A start line may have secrets, too.
            line: MessageOutline(SecretBlanking.blank(message.octets)).startLine, sequence: outline.sequence,
            contentType: outline.contentType, bodyOctets: outline.bodyOctets, isRepeated: isRepeated)
    }
}

extension Date {
    fileprivate init(nanoseconds: UInt64) { self.init(timeIntervalSince1970: Double(nanoseconds) / 1e9) }
}
