import InteropSupport
import LossyLine

/// Lines that lose packets, and browsers on bad lines.
extension Sitting {
    /// What a point is sent, and what it shows, beside itself: a film with a tone.
    private func film() async throws -> BaresipEndpoint {
        let film = try await TestMedia.film(Self.films[1], source: Self.films[1], in: media)
        let tone = try await TestMedia.tone(700, in: media)
        let speaker = try await baresip(as: Self.points[2]) {
            $0.domain = daemon.host
            $0.address = daemon.host
            $0.film = film
            $0.sound = tone
        }
        try await speaker.dial(daemon.address(of: Self.room, over: .tls))
        return speaker
    }

    private func note(_ share: Double, _ gap: Double) -> String {
        "\(decimal(share * 100)) \(Int(gap * 1_000))"
    }

    // MARK: baresip

    /// A point whose line loses packets for ten seconds.
    func lose(_ loss: LineConditions.Loss, of endpoint: any Endpoint, atLeast least: Double) async throws {
        guard let tunnel = namespace?.tunnel else { throw ToolFailure("the line has no tunnel") }
        let witness = try await begin(endpoint, over: .tls)
        await probe(.lossy) {
            tunnel.set(.init(loss: loss))
            // The bridge, and whoever else goes by reports, learns of it.
            try await Task.sleep(for: .seconds(6))
            let heard = try await witness.line.recording { try await Task.sleep(for: .seconds(10)) }
            let own = try await endpoint.heard().slice(-8, 8)
            tunnel.set(.clear)
            let up = (heard.share(of: Double(Self.tone)), heard.longestGap(of: Double(Self.tone)))
            let down = (own.share(of: Double(Self.witnessTone)), own.longestGap(of: Double(Self.witnessTone)))
            let text = note(up.0, up.1) + ", " + note(down.0, down.1)
            guard up.0 > least, down.0 > least else { throw ToolFailure("too much is missing: \(text)") }
            return text
        }
        try? await endpoint.hangUp()
        try end(witness)
    }

    // MARK: Browsers

    private func begin(_ endpoint: ChromiumEndpoint) async throws -> Witness {
        let witness = try Witness(Self.points[1], of: daemon, speaking: Double(Self.witnessTone))
        guard await probe(.call, { try await call(endpoint, "") }) else {
            throw ToolFailure("there was no call to go on with; the page said: \(endpoint.said)")
        }
        await probe(.tone) {
            let level = try await witness.wait(for: Double(Self.tone))
            try await endpoint.page.listen()
            // Beside the film's tone, which is as loud.
            try await eventually("the page to hear the witness") {
                try await endpoint.page.prominence(of: Self.witnessTone) > -3
            }
            return decimal(level)
        }
        return witness
    }

    /// A browser behind a router: it hears, is heard, sees.
    func look(_ endpoint: ChromiumEndpoint) async throws {
        let speaker = try await film()
        let witness = try await begin(endpoint)
        await probe(.picture) {
            try await endpoint.page.waitUntil(
                "the film", "document.querySelector('#main-picture video')?.videoWidth === 352")
            try await endpoint.watchPicture()
            try await Task.sleep(for: .seconds(5))
            let still = try await endpoint.longestStandstill()
            guard still < 1_000 else { throw ToolFailure("the picture stands still for \(Int(still)) ms") }
            return "moves"
        }
        try? await endpoint.hangUp()
        try await speaker.hangUp()
        try end(witness)
    }

    /// A browser whose line loses packets for ten seconds.
    func lose(_ loss: LineConditions.Loss, of endpoint: ChromiumEndpoint, atLeast least: Double) async throws {
        guard let tunnel = namespace?.tunnel else { throw ToolFailure("the line has no tunnel") }
        let speaker = try await film()
        let witness = try await begin(endpoint)
        await probe(.lossy) {
            try await endpoint.page.waitUntil(
                "the film", "document.querySelector('#main-picture video')?.videoWidth === 352")
            tunnel.set(.init(loss: loss))
            try await Task.sleep(for: .seconds(6))
            try await endpoint.watchPicture()
            let before = try await endpoint.concealed()
            let heard = try await witness.line.recording { try await Task.sleep(for: .seconds(10)) }
            let made = try await endpoint.concealed() - before
            let still = try await endpoint.longestStandstill()
            tunnel.set(.clear)
            let up = (heard.share(of: Double(Self.tone)), heard.longestGap(of: Double(Self.tone)))
            let text = note(up.0, up.1) + ", \(decimal(100 - made * 10)) –, \(Int(still))"
            guard up.0 > least, made / 10 < 1 - least else { throw ToolFailure("too much is missing: \(text)") }
            guard still < 1_000 else { throw ToolFailure("the picture stands still: \(text)") }
            return text
        }
        try? await endpoint.hangUp()
        try await speaker.hangUp()
        try end(witness)
    }

    /// A browser whose line carries 300 kbit/s for a while; it sees another that sends its camera in several sizes.
    func narrow(_ endpoint: ChromiumEndpoint) async throws {
        guard let namespace else { throw ToolFailure("the line has no namespace") }
        let speaker = try await chromium(as: Self.points[2], isDistant: false)
        try await speaker.dial("")
        let witness = try await begin(endpoint)
        await probe(.narrow) {
            try await endpoint.page.waitForCamera(in: "#main-picture video")
            try await eventually("more than the line will carry", within: .seconds(40)) {
                try await namespace.kilobits(over: .seconds(2)) > 500
            }
            let before = try await namespace.kilobits(over: .seconds(3))
            var adapted = (rate: 0, dropped: 0, made: 0.0, still: 0.0)
            var atChange = 0.0
            let heard = try await witness.line.recording {
                let made = try await endpoint.concealed()
                try await namespace.limit(kilobits: 300)
                try await Task.sleep(for: .seconds(5))
                atChange = try await endpoint.concealed() - made
                try await endpoint.watchPicture()
                let dropped = try await namespace.dropped()
                adapted.rate = try await namespace.kilobits(over: .seconds(10))
                adapted.dropped = try await namespace.dropped() - dropped
                adapted.still = try await endpoint.longestStandstill()
                adapted.made = try await endpoint.concealed() - made - atChange
                try await namespace.liftLimit()
            }
            let lifted = ContinuousClock.now
            var after = 0
            while after <= before * 2 / 3, ContinuousClock.now - lifted < .seconds(20) {
                after = try await namespace.kilobits(over: .seconds(2))
            }
            let back = (ContinuousClock.now - lifted) / .seconds(1)
            let gap = heard.longestGap(of: Double(Self.tone))
            let text =
                "\(Int(gap * 1_000)) \(Int(atChange * 1_000)), then \(Int(adapted.made * 1_000)); \(before) \(adapted.rate) \(after), lost \(adapted.dropped), still \(Int(adapted.still)), back in \(decimal(back)) s"
            // The line's queue of 200 ms is full before anybody can know that it became narrow: what comes late then, or is
            // lost with the picture's packets, the page makes up once.
            guard gap < 0.1, atChange < 0.6, adapted.made < 0.1 else { throw ToolFailure("the sound breaks: \(text)") }
            guard adapted.dropped < 20, adapted.still < 1_000, after > before * 2 / 3 else {
                throw ToolFailure("the picture does not adapt: \(text)")
            }
            return text
        }
        for each in [endpoint, speaker] { try? await each.hangUp() }
        try end(witness)
    }
}
