import Foundation
import PortalAPI

/// A meeting under way as its chair leads it by the command line, and what its endpoints hear meanwhile.
public struct LedSitting: Sendable {
    public let daemon: RunningDaemon
    /// Its id.
    public let meeting: String
    /// In the order of protocol.
    public var endpoints: [Baresip]
    /// Of each point in Hz, and of points without an endpoint here.
    public let tones: [Int]

    public init(daemon: RunningDaemon, meeting: String, endpoints: [Baresip], tones: [Int]) {
        self.daemon = daemon
        self.meeting = meeting
        self.endpoints = endpoints
        self.tones = tones
    }

    /// Gives an order, such as `order("mute", "soyte")`; throws where it is refused.
    public func order(_ order: String, _ arguments: String...) async throws {
        let words = order.split(separator: " ").map(String.init)
        let answer = try await daemon.causeway(["meetings"] + words + [meeting] + arguments)
        guard answer.status == 0 else { throw ToolFailure("\(order) \(arguments): \(answer.output)") }
    }

    public func control() async throws -> MeetingControl { try await daemon.control(of: meeting) }

    /// Waits until the meeting stands so.
    public func until(
        _ what: String, within limit: Duration = .seconds(30), _ isSo: @escaping @Sendable (MeetingControl) -> Bool
    ) async throws {
        let (daemon, meeting) = (daemon, meeting)
        do {
            try await eventually(what, within: limit) { isSo(try await daemon.control(of: meeting)) }
        } catch {
            throw ToolFailure("\(error); it stands so: \(String(describing: try? await control()))")
        }
    }

    /// Waits until an endpoint hears the tones of these points, and of no other.
    public func expect(_ listener: Int, hears wanted: Set<Int>, _ what: String) async throws {
        let (endpoint, tones) = (endpoints[listener], tones)
        do {
            try await eventually("\(endpoint.name) \(what)", within: .seconds(20)) {
                guard let sound = try? Sound(growing: endpoint.heard(), last: 1.2) else { return false }
                return tones.indices.allSatisfy { index in
                    let level = sound.level(of: Double(tones[index]))
                    return wanted.contains { tones[$0] == tones[index] } ? abs(level - -12.04) < 4 : level < -40
                }
            }
        } catch {
            let levels = (try? Sound(growing: endpoint.heard(), last: 1.2)).map { sound in
                tones.map { Int(sound.level(of: Double($0))) }
            }
            throw ToolFailure("\(error): it hears \(levels ?? [])")
        }
    }
}

extension Baresip {
    /// Of what it hears now, in dBFS.
    public func loudness() throws -> Double { try Sound(growing: heard(), last: 0.6).rms }
}
