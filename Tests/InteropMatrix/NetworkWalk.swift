import Foundation
import InteropSupport

/// What is done with endpoints that have a network between them and the bridge.
extension Sitting {
    /// A baresip in the line's namespace.
    func distantBaresip(_ change: (inout Baresip.Setup) -> Void) async throws -> BaresipEndpoint {
        guard let namespace else { throw ToolFailure("the line has no namespace") }
        return try await baresip {
            $0.domain = namespace.near
            $0.address = namespace.far
            $0.namespace = namespace.name
            change(&$0)
        }
    }

    private func witness() throws -> Witness {
        try Witness(Self.points[1], of: daemon, speaking: Double(Self.witnessTone))
    }

    func begin(_ endpoint: any Endpoint, over transport: Baresip.Transport) async throws -> Witness {
        let witness = try witness()
        let uri = daemon.address(of: Self.room, over: transport)
        guard await probe(.call, { try await call(endpoint, uri) }) else {
            throw ToolFailure("there was no call to go on with; the endpoint said: \(endpoint.said)")
        }
        await probe(.tone) { try await tone(endpoint, witness, uri) }
        return witness
    }

    func end(_ witness: Witness) throws {
        try witness.hangUp()
        let rest = Probe.allCases.filter { results[$0] == nil }
        for probe in rest { beyond(probe, because: "not asked in this line") }
    }

    // MARK: Behind a router

    /// Sound, hold, and whether the way is found again once the router has forgotten it.
    func rest(_ endpoint: any Endpoint, over transport: Baresip.Transport) async throws {
        let witness = try await begin(endpoint, over: transport)
        await probe(.hold) { try await hold(endpoint, witness) }
        await probe(.rested) {
            try await endpoint.hold()
            try await waitUntilServed(false)
            try await Task.sleep(for: .seconds(40))
            guard try await participant() != nil else { throw ToolFailure("whoever is on hold is put out") }
            let took = try await stopwatch {
                try await endpoint.resume()
                try await witness.wait(for: Double(Self.tone))
            }
            try await waitUntilHeard(by: endpoint)
            return took
        }
        try? await endpoint.hangUp()
        try end(witness)
    }

    /// Waits until sound comes through to an endpoint.
    private func waitUntilHeard(by endpoint: any Endpoint, within limit: Duration = .seconds(8)) async throws {
        guard !endpoint.writesAfterwards else {
            try await Task.sleep(for: .milliseconds(1_500))
            try await endpoint.hangUp()
            let level = try await endpoint.heard().slice(-1.2, 1).level(of: Double(Self.witnessTone))
            guard level > -18 else { throw ToolFailure("it hears the other at \(decimal(level)) dBFS") }
            return
        }
        // baresip writes nothing more of what it hears once it has held: what comes in to it is counted.
        guard let namespace else { return }
        try await eventually("sound to come through to the endpoint", within: limit) {
            try await namespace.packets(over: .milliseconds(500)) > 20
        }
    }

    // MARK: Another address

    func renew(_ endpoint: BaresipEndpoint, over transport: Baresip.Transport) async throws {
        let witness = try await begin(endpoint, over: transport)
        await probe(.moved) {
            guard let namespace else { throw ToolFailure("the line has no namespace") }
            let length = try HeardLength(endpoint.baresip)
            let heard = try await witness.line.recording {
                try await Task.sleep(for: .seconds(1))
                try await namespace.renewAddress()
                try await Task.sleep(for: .seconds(3))
            }
            let missing = try length.missing()
            try await waitUntilHeard(by: endpoint)
            let gap = heard.longestGap(of: Double(Self.tone))
            guard gap < 1, missing < 1 else {
                throw ToolFailure(
                    "it is not heard for \(decimal(gap, places: 2)) s, and \(decimal(missing, places: 2)) s do not reach it"
                )
            }
            return "\(milliseconds(gap)) \(milliseconds(missing))"
        }
        try? await endpoint.hangUp()
        try end(witness)
    }

    func move(_ keys: KeyedPoint.Keys, checks: Bool) async throws {
        guard let namespace else { throw ToolFailure("the line has no namespace") }
        let witness = try witness()
        var setup = try KeyedPoint.Setup(keys, checks: checks)
        setup.tone = Double(Self.tone)
        setup.address = namespace.far
        setup.namespace = namespace.name
        let began = ContinuousClock.now
        let point = try KeyedPoint(Self.points[0], of: daemon, setup)
        await probe(.call) {
            try await witness.wait(for: Double(Self.tone))
            try await hears(point)
            return "\(Int((ContinuousClock.now - began) / .milliseconds(1))) ms"
        }
        await probe(.moved) {
            let count: UInt64 = 70_000
            point.rush(Int(count))
            try await eventually("\(count) packets", within: .seconds(60)) { point.progress.packetsSent > count }
            try await witness.wait(for: Double(Self.tone))
            var own: Sound?
            let heard = try await witness.line.recording {
                own = try await point.recording {
                    try await Task.sleep(for: .seconds(1))
                    try point.move(to: namespace.other)
                    try await Task.sleep(for: .seconds(3))
                }
            }
            try await hears(point)
            try await witness.wait(for: Double(Self.tone))
            let gaps = (
                heard.longestGap(of: Double(Self.tone)), own?.longestGap(of: Double(Self.witnessTone)) ?? 9
            )
            guard gaps.0 < 1, gaps.1 < 1 else {
                throw ToolFailure(
                    "it is not heard for \(decimal(gaps.0, places: 2)) s, and hears nothing for \(decimal(gaps.1, places: 2)) s"
                )
            }
            guard point.progress.handshakes == (keys == .handshake ? 1 : 0) else {
                throw ToolFailure("there were \(point.progress.handshakes) handshakes")
            }
            return "\(milliseconds(gaps.0)) \(milliseconds(gaps.1)), \(point.progress.packetsSent)"
        }
        await probe(.cutOff) {
            try await cut(namespace, witness) { try await self.hears(point) }
        }
        try point.hangUp()
        try end(witness)
    }

    private func hears(_ point: KeyedPoint) async throws {
        try await eventually("our own point to hear the witness", within: .seconds(10)) {
            point.level(of: Double(Self.witnessTone)) > -18
        }
    }

    // MARK: Cut off

    func cut(_ endpoint: BaresipEndpoint, over transport: Baresip.Transport) async throws {
        let witness = try await begin(endpoint, over: transport)
        await probe(.cutOff) {
            guard let namespace else { throw ToolFailure("the line has no namespace") }
            let length = try HeardLength(endpoint.baresip)
            let text = try await cut(namespace, witness) {
                try await eventually("sound to reach the endpoint", within: .seconds(10)) { try length.grows() }
            }
            try await waitUntilHeard(by: endpoint)
            return text
        }
        try? await endpoint.hangUp()
        try end(witness)
    }

    private func cut(
        _ namespace: Namespace, _ witness: Witness, hears: @escaping @Sendable () async throws -> Void
    ) async throws -> String {
        try await namespace.cut(true)
        try await Task.sleep(for: .seconds(10))
        guard witness.line.level(of: Double(Self.tone)) < -45 else { throw ToolFailure("it was not cut off") }
        try await namespace.cut(false)
        let back = ContinuousClock.now
        async let own: Duration = {
            try await hears()
            return ContinuousClock.now - back
        }()
        try await eventually("the tone to be back") { witness.line.level(of: Double(Self.tone)) > -18 }
        let (heard, hearing) = (ContinuousClock.now - back, try await own)
        guard heard < .seconds(2), hearing < .seconds(2) else {
            throw ToolFailure("it is heard again after \(heard), and hears after \(hearing)")
        }
        return "\(Int(heard / .milliseconds(1))) \(Int(hearing / .milliseconds(1)))"
    }

    // MARK: A narrow line

    /// A point with sound and picture, whose line carries 300 kbit/s for a while, in a meeting with another that shows
    /// more than that.
    func narrow() async throws {
        guard let namespace else { throw ToolFailure("the line has no namespace") }
        let film = try await TestMedia.film(Self.films[0], source: Self.films[0], in: media)
        let other = try await TestMedia.film(Self.films[1], source: Self.films[1], in: media)
        let tone = try await TestMedia.tone(700, in: media)
        let speaker = try await baresip(as: Self.points[2]) {
            $0.domain = namespace.near
            $0.address = namespace.near
            $0.film = other
            $0.sound = tone
        }
        try await speaker.dial(daemon.address(of: Self.room, over: .tls))
        let endpoint = try await distantBaresip {
            $0.film = film
            // It knows no congestion control: what it sends must fit.
            $0.videoBitrate = 120_000
        }
        let witness = try await begin(endpoint, over: .tls)
        await probe(.narrow) {
            try await Task.sleep(for: .seconds(2))
            let before = try await namespace.kilobits(over: .seconds(3))
            let length = try HeardLength(endpoint.baresip)
            var adapted = (rate: 0, dropped: 0)
            let heard = try await witness.line.recording {
                try await namespace.limit(kilobits: 300)
                try await Task.sleep(for: .seconds(5))
                let dropped = try await namespace.dropped()
                adapted.rate = try await namespace.kilobits(over: .seconds(10))
                adapted.dropped = try await namespace.dropped() - dropped
                try await namespace.liftLimit()
            }
            let missing = try length.missing()
            try await Task.sleep(for: .seconds(15))
            let after = try await namespace.kilobits(over: .seconds(3))
            let gap = heard.longestGap(of: Double(Self.tone))
            let text =
                "\(milliseconds(gap)) \(milliseconds(missing)); \(before) \(adapted.rate) \(after), lost \(adapted.dropped)"
            guard gap < 0.1, missing < 0.2 else { throw ToolFailure("the sound breaks: \(text)") }
            // The whole picture or none: its rate is what the speaker's encoder makes of a film that changes, on a busy machine.
            guard adapted.dropped < 20, adapted.rate < 300, after > adapted.rate + 150 else {
                throw ToolFailure("the picture does not adapt: \(text)")
            }
            return text
        }
        for endpoint in [endpoint, speaker] { try? await endpoint.hangUp() }
        try end(witness)
    }
}

private func milliseconds(_ seconds: Double) -> String { "\(Int(max(0, seconds) * 1_000))" }

/// How long what an endpoint heard has become since some moment, which is shorter than the time that passed by what did not
/// reach it.
private struct HeardLength {
    private let path: String
    private let began: Int
    private let beganAt = ContinuousClock.now
    /// baresip writes 16 bits of 48 kHz, mono.
    private static let octetsPerSecond = 96_000.0

    init(_ baresip: Baresip) throws {
        path = try baresip.heard()
        began = try Self.size(path)
    }

    private static func size(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    /// Seconds.
    func missing() throws -> Double {
        (ContinuousClock.now - beganAt) / .seconds(1) - Double(try Self.size(path) - began) / Self.octetsPerSecond
    }

    /// Whether something comes at this moment.
    func grows() throws -> Bool {
        let before = try Self.size(path)
        usleep(50_000)
        return try Self.size(path) > before
    }
}
