import InteropSupport

/// What is done with an endpoint that takes commands, the same for all of them.
extension Sitting {
    func walk(_ endpoint: any Endpoint, to uri: String, other: String) async throws {
        let witness = try Witness(Self.points[1], of: daemon, speaking: Double(Self.witnessTone))
        await probe(.register) {
            guard endpoint.registers else { throw Beyond("not told to in this line") }
            return "in "
                + (try await stopwatch { try await eventually("a registration") { try await self.registered() == 1 } })
        }
        guard await probe(.call, { try await call(endpoint, uri) }) else {
            throw ToolFailure("there was no call to go on with; the endpoint said: \(endpoint.said)")
        }
        await probe(.tone) { try await tone(endpoint, witness, uri) }
        await probe(.hold) { try await hold(endpoint, witness) }
        for (probe, key, way) in [
            (Probe.event, Character("5"), KeyWay.event), (.info, "7", .info), (.inBand, "3", .inBand),
        ] {
            await self.probe(probe) {
                let codec = try await self.participant()?.audio?.codec
                guard way != .inBand || codec == "PCMA" || codec == "PCMU" else {
                    throw Beyond("tones are heard in G.711 only: other codecs do not carry them whole")
                }
                return try await self.key(key, by: probe) { try await endpoint.press(key, way) }
            }
        }
        await probe(.reoffer) {
            let codec = try await endpoint.changeCodec()
            try await eventually("\(codec)", within: .seconds(5)) {
                try await self.participant()?.audio?.codec == codec
            }
            try await witness.wait(for: Double(Self.tone))
            return "→ \(codec)"
        }
        await probe(.options) { try await endpoint.askOptions(uri) }
        await probe(.refresh) { try await endpoint.refresh() }
        await probe(.transfer) {
            try await endpoint.transfer(to: other)
            try await eventually("the point in the other room", within: .seconds(10)) {
                try await self.participant(in: Self.otherRoom) != nil
            }
            return "moved"
        }
        // Where a transfer worked, the call may be another by now.
        try? await endpoint.hangUp()
        try await eventually("the rooms to be left") {
            let (here, there) = (try await self.participant(), try await self.participant(in: Self.otherRoom))
            return here == nil && there == nil
        }
        await probe(.lateOffer) {
            try await endpoint.dialLate(uri)
            let level = try await witness.wait(for: Double(Self.tone))
            try await endpoint.hangUp()
            return decimal(level)
        }
        try witness.hangUp()
        beyond(.oldHold, .portZero, because: "its own dialect of hold is a=")
        if results[.picture] == nil { beyond(.picture, because: "sound only in this line") }
    }

    func call(_ endpoint: any Endpoint, _ uri: String) async throws -> String {
        let began = ContinuousClock.now
        try await endpoint.dial(uri)
        let took = ContinuousClock.now - began
        try await eventually("sound both ways") {
            let audio = try await self.participant()?.audio
            return (audio?.packetsReceived ?? 0) > 10 && (audio?.packetsSent ?? 0) > 10
        }
        return "\(Int(took / .milliseconds(1))) ms"
    }

    func tone(_ endpoint: any Endpoint, _ witness: Witness, _ uri: String) async throws -> String {
        try await witness.wait(for: Double(Self.tone))
        // The echo of its own sound would take this long to come back, and the endpoint's file to grow.
        try await Task.sleep(for: .milliseconds(2_500))
        // A machine with other work tears holes into sound; it has a moment to mend.
        let line = witness.line
        _ = try? await eventually("the tone", within: .seconds(3)) {
            abs(line.level(of: Double(Self.tone)) + 12.04) < 1
        }
        let heard = line.level(of: Double(Self.tone))
        let echo = line.level(of: Double(Self.witnessTone))
        guard abs(heard + 12.04) < 3 else { throw ToolFailure("it is heard at \(decimal(heard)) dBFS") }
        guard echo < -45 else { throw ToolFailure("the other point hears itself at \(decimal(echo)) dBFS") }
        guard let own = try await ownHearing(endpoint, witness, uri) else { return decimal(heard) }
        let hears = own.level(of: Double(Self.witnessTone))
        let itself = own.level(of: Double(Self.tone))
        guard abs(hears + 12.04) < 3 else { throw ToolFailure("it hears the other at \(decimal(hears)) dBFS") }
        guard itself < -45 else { throw ToolFailure("it hears itself at \(decimal(itself)) dBFS") }
        return "\(decimal(heard)) \(decimal(hears))"
    }

    /// The second before now, as the endpoint heard it; nil where it keeps nothing.
    private func ownHearing(_ endpoint: any Endpoint, _ witness: Witness, _ uri: String) async throws -> Sound? {
        guard endpoint.writesAfterwards else {
            for _ in 0..<3 {
                do {
                    let own = try await endpoint.heard().slice(-1.2, 1)
                    if abs(own.level(of: Double(Self.witnessTone)) + 12.04) < 3 { return own }
                } catch is Beyond { return nil }
                try await Task.sleep(for: .seconds(1))
            }
            return try await endpoint.heard().slice(-1.2, 1)
        }
        try await endpoint.hangUp()
        let own = try await endpoint.heard().slice(-1.2, 1)
        _ = try await call(endpoint, uri)
        try await witness.wait(for: Double(Self.tone))
        return own
    }

    func hold(_ endpoint: any Endpoint, _ witness: Witness) async throws -> String {
        let off = try await stopwatch {
            try await endpoint.hold()
            try await waitUntilServed(false)
        }
        try await Task.sleep(for: Self.silenceLimit + .seconds(1))
        guard try await participant() != nil else { throw ToolFailure("whoever is on hold is put out as silent") }
        let on = try await stopwatch {
            try await endpoint.resume()
            try await witness.wait(for: Double(Self.tone))
            try await waitUntilServed(true)
        }
        return "\(off) \(on)"
    }
}
