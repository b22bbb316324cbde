import Foundation
import SDP

/// A point of our own in a room: says one tone, and tells at any moment what it hears, so that whatever an endpoint does
/// shows at once in what another point gets.
public final class Witness: Sendable {
    public let line: ToneLine
    public let call: SIPCaller

    /// Dials a room over UDP with clear G.711, which its listener must allow.
    public init(
        _ point: RunningDaemon.Point, in room: String = "giaoban", of daemon: RunningDaemon, speaking tone: Double
    ) throws {
        line = try ToneLine(speaking: [tone], at: daemon.host)
        call = try SIPCaller(
            point, room: room, port: daemon.sipPort, at: daemon.host,
            offer: Self.description(line, at: daemon.host))
        try follow(call.answer)
    }

    deinit { line.end() }

    /// Dials without an offer, and answers the bridge's with clear PCMA.
    public init(
        _ point: RunningDaemon.Point, lateIn room: String, of daemon: RunningDaemon, speaking tone: Double
    ) throws {
        let line = try ToneLine(speaking: [tone], at: daemon.host)
        self.line = line
        call = try SIPCaller(point, room: room, port: daemon.sipPort, at: daemon.host) { offer in
            // Every m-line in its place: the first sound is taken, the rest is turned down (RFC 3264 §6).
            let offered = try SessionDescription(parsing: offer)
            var answer = Self.description(line, at: daemon.host, media: "")
            var isTaken = false
            for media in offered.media {
                if media.kind == "audio", media.transport == "RTP/AVP", !isTaken {
                    answer += Self.audio(line.port)
                    isTaken = true
                } else {
                    answer += "m=\(media.kind) 0 \(media.transport) \(media.formats.joined(separator: " "))\n"
                }
            }
            return answer
        }
        try follow(call.answer)
    }

    /// A description of what it takes: PCMA and RFC 4733 keys, unless `media` says otherwise.
    public static func description(
        _ line: ToneLine, at address: String, version: Int = 1, connection: String? = nil, media: String? = nil
    ) -> String {
        "v=0\no=- 1 \(version) IN IP4 \(address)\ns=-\nc=IN IP4 \(connection ?? address)\nt=0 0\n"
            + (media ?? audio(line.port))
    }

    /// The m-line of its sound. `types` are G.711's: 8 and 0.
    public static func audio(_ port: UInt16, types: [Int] = [8], direction: String = "sendrecv") -> String {
        let maps = types.map { "a=rtpmap:\($0) \($0 == 0 ? "PCMU" : "PCMA")/8000\n" }.joined()
        return "m=audio \(port) RTP/AVP \(types.map(String.init).joined(separator: " ")) 101\n\(maps)"
            + "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=\(direction)\n"
    }

    /// Sends to where a description of the bridge's says.
    public func follow(_ description: [UInt8]) throws {
        let media = try SessionDescription(parsing: description).media.first { $0.kind == "audio" }
        guard let port = media?.port else { throw ToolFailure("the bridge describes no sound") }
        line.send(to: port)
    }

    /// Waits until a tone is heard, or is not.
    /// - Returns: its level in dBFS.
    @discardableResult
    public func wait(
        for frequency: Double, audible: Bool = true, within limit: Duration = .seconds(10)
    ) async throws -> Double {
        let line = line
        do {
            try await eventually("\(Int(frequency)) Hz to be \(audible ? "heard" : "gone")", within: limit) {
                audible ? line.level(of: frequency) > -21 : line.level(of: frequency) < -45
            }
        } catch {
            throw ToolFailure("\(error): it is at \(Int(line.level(of: frequency))) dBFS")
        }
        // The level is judged over 300 ms.
        try await Task.sleep(for: .milliseconds(350))
        return line.level(of: frequency)
    }

    public func hangUp() throws {
        line.end()
        try call.hangUp()
    }
}
