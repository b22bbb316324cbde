import Foundation
import InteropSupport

/// One point's day: it carries out what the plan has for it, one thing after another.
///
/// Most are points of our own, with real SIP, SRTP keyed by SDES or by DTLS with ICE, and a tone; two are baresip with pictures over TLS.
actor SoakPoint {
    private enum Call {
        case own(KeyedPoint)
        case baresip(Baresip)
    }

    private let number: Int
    private let site: SoakSite
    private let media: String
    private var call: Call?
    private var endpoint: Baresip?
    /// Of the daemon in which the call was.
    private var callsProcess: Int32?
    private var launched = 0

    private nonisolated let acts: AsyncStream<SoakPlan.Act>
    private nonisolated let mailbox: AsyncStream<SoakPlan.Act>.Continuation

    init(_ number: Int, site: SoakSite, media: String) {
        self.number = number
        self.site = site
        self.media = media
        (acts, mailbox) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    private var point: RunningDaemon.Point { SoakSite.points[number] }
    /// baresip, where it is installed; one of both behind the line.
    private var isBaresip: Bool { number < 2 && Tool.areInstalled("baresip", "sox", "ffmpeg") }
    private var isBehindLine: Bool { number % 3 == 0 && site.line != nil }

    nonisolated func post(_ act: SoakPlan.Act) { mailbox.yield(act) }
    nonisolated func finish() { mailbox.finish() }

    func run() async {
        for await act in acts {
            switch act {
            case .join(_, let room): await join(SoakSite.rooms[room])
            case .leave(_, let departure): await leave(departure)
            default: break
            }
        }
        await leave(.bye)
        await endpoint?.stop()
    }

    private func join(_ room: String) async {
        let began = ContinuousClock.now
        guard call == nil, let daemon = site.daemon else { return }
        site.record.count("calls")
        do {
            if isBaresip {
                let baresip = try await baresip(daemon)
                // After a cut its old connection is tried by TCP for some time before it is given up.
                try await baresip.dial("sip:\(room)@\(daemon.host):\(daemon.tlsPort)", within: .seconds(30))
                call = .baresip(baresip)
            } else {
                var setup = try KeyedPoint.Setup(number % 2 == 0 ? .sdes : .handshake, checks: number % 2 == 1)
                setup.address = isBehindLine ? site.line?.far ?? daemon.host : daemon.host
                setup.namespace = isBehindLine ? site.line?.name : nil
                setup.tone = 300 + 100 * Double(number)
                let (point, made) = (point, setup)
                call = .own(try await Self.onThread { try KeyedPoint(point, in: room, of: daemon, made) })
            }
            callsProcess = daemon.process.processIdentifier
            site.record.count("calls that were let in")
            site.record.joined(point.id, room)
        } catch {
            site.record.count("calls that were not let in")
            if site.record.wasCalm(since: began), site.daemon?.tlsPort == daemon.tlsPort {
                site.record.find("\(point.id) could not join \(room): \(error)")
            }
            await dropEndpoint()
        }
    }

    private func leave(_ departure: SoakPlan.Departure) async {
        guard let call else { return }
        self.call = nil
        // The daemon in which this call was is no more.
        guard let daemon = site.daemon, daemon.process.processIdentifier == callsProcess else {
            await dropEndpoint()
            return
        }
        let began = ContinuousClock.now
        switch (call, departure) {
        case (.own(let point), .vanishes):
            point.fallSilent()
            site.record.count("points that vanished")
        case (.own(let point), .bye):
            site.record.count("points that hung up")
            do { try await Self.onThread { try point.hangUp() } } catch {
                // The meeting may have been ended before.
                guard !"\(error)".contains("481"), site.record.wasCalm(since: began) else { return }
                site.record.find("\(self.point.id) hung up: \(error)")
            }
        case (.baresip, .vanishes):
            site.record.count("points that vanished")
            endpoint?.process.signal(SIGKILL)
            endpoint = nil
        case (.baresip(let baresip), .bye):
            site.record.count("points that hung up")
            _ = try? await baresip.hangUp()
            // It writes what it hears to files that nobody reads.
            let heard = baresip.folder + "/heard"
            for name in (try? FileManager.default.contentsOfDirectory(atPath: heard)) ?? [] {
                try? FileManager.default.removeItem(atPath: heard + "/" + name)
            }
        }
    }

    private func baresip(_ daemon: RunningDaemon) async throws -> Baresip {
        if let endpoint, endpoint.process.isRunning { return endpoint }
        launched += 1
        let (sound, film) = try await Self.material(in: media)
        var setup = Baresip.Setup(username: point.id, password: point.password, sound: sound)
        setup.film = film
        setup.videoBitrate = 100_000
        setup.domain = daemon.host
        setup.address = isBehindLine ? site.line?.far ?? daemon.host : daemon.host
        setup.namespace = isBehindLine ? site.line?.name : nil
        setup.certificateAuthority = daemon.authority
        let started = try await Baresip(setup, in: site.folder + "/b\(number)-\(launched)")
        endpoint = started
        return started
    }

    /// What baresip plays; made before two of them want it at once.
    @discardableResult
    static func material(in folder: String) async throws -> (sound: String, film: String) {
        guard Tool.areInstalled("baresip", "sox", "ffmpeg") else { return ("", "") }
        let sound = try await TestMedia.tone(500, in: folder)
        return (sound, try await TestMedia.film("soak", source: "testsrc=s=352x288", in: folder))
    }

    /// One whose call is of a daemon that is no more is put away, and started anew at the next call.
    private func dropEndpoint() async {
        guard let endpoint else { return }
        self.endpoint = nil
        endpoint.process.signal(SIGKILL)
        _ = try? await endpoint.process.wait(within: .seconds(5))
        try? FileManager.default.removeItem(atPath: endpoint.folder)
    }

    /// Runs what blocks on a thread of its own.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
