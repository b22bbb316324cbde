import Announcements
import Conference
import Foundation
import LogSubjects
import MediaPlane
import PortalAPI
import Quality
import Signalling
import SiteConfiguration

/// What of the site's configuration line checks go by.
struct LineCheckSettings: Sendable {
    var names: Set<String>
    var duration: Duration
    var simultaneous: Int
    var thresholds: LineThresholds
    /// Under which browsers reach the portal; empty where that is not said.
    var publicURL: String

    /// What the join page dials; nil where checks are not offered.
    var offered: String?

    init(_ configuration: Configuration) {
        let check = configuration.lineCheck
        names = check.simultaneous == 0 ? [] : [check.name, check.alias]
        offered = check.simultaneous == 0 ? nil : check.name
        duration = check.duration
        simultaneous = check.simultaneous
        thresholds = LineThresholds(check.thresholds)
        publicURL = configuration.portal.url ?? ""
    }
}

/// Checks the lines of points that dial for it. Each sits in a media room of its own that echoes: it is told what to do, hears
/// and sees itself while its line is measured, and is told the verdict, by voice, by a message, and on the portal.
actor LineCheckDesk {
    /// How late the echo is: late enough to be heard as one.
    private static let echoDelay = Duration.milliseconds(400)
    /// How long a call may take to send something.
    private static let patience = Duration.seconds(30)
    private static let lookEvery = Duration.seconds(1)
    /// Between the last word and the end of the call.
    private static let breath = Duration.milliseconds(500)
    /// Longer than any announcement, should the end of one never be told.
    private static let longestClip = Duration.seconds(60)
    private static let mostRemembered = 1_000

    /// One check, from the call's beginning to its end.
    private struct Sitting {
        let call: PointCall
        let point: PointID
        let name: String
        let room: MediaRoomID
        var leg: LegID?
        var media: LegParameters?
        var task: Task<Void, Never>?
        /// Resumed by the first packet.
        var awaitsMedia: CheckedContinuation<Void, Never>?
        var wasHeard = false
        /// Resumed by the clip's end.
        var awaitsClip: (id: PlaybackID, ended: CheckedContinuation<Void, Never>)?
    }

    private let settings: LineCheckSettings
    private let media: MediaPlane
    private let announcements: AnnouncementCatalogue
    private let store: LineCheckStore
    private let thread: ControlThread
    private let logger: SubjectLogger
    /// Told of each check that came to a verdict.
    private let onResult: @Sendable (LineCheck) -> Void
    private var calls: (any CallControl)?
    private var sittings: [CallID: Sitting] = [:]
    private var callOfLeg: [LegID: CallID] = [:]
    /// Of late, the newest last; whoever knows an id may read the check.
    private var remembered: [LineCheck] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    init(
        settings: LineCheckSettings, media: MediaPlane, announcements: AnnouncementCatalogue, store: LineCheckStore,
        thread: ControlThread, logger: SubjectLogger, onResult: @escaping @Sendable (LineCheck) -> Void = { _ in }
    ) {
        self.settings = settings
        self.media = media
        self.announcements = announcements
        self.store = store
        self.thread = thread
        self.logger = logger
        self.onResult = onResult
    }

    func attach(_ calls: any CallControl) { self.calls = calls }

    nonisolated func isChecked(by room: String) -> Bool { settings.names.contains(room) }
    nonisolated var offered: String? { settings.offered }

    // MARK: Calls

    func admit(_ call: PointCall, _ point: PointID, _ name: String) -> CallAdmission {
        guard sittings.count < settings.simultaneous else {
            logger.about(call: "\(call.id)", room: call.room).notice(
                "\(point) cannot have its line checked: \(sittings.count) are being checked already")
            return .refuse(code: 486, reason: "Too many lines are being checked, try again in a minute")
        }
        let room = media.openRoom()
        do { try media.setEcho(of: room, delay: Self.echoDelay) } catch {
            return .refuse(code: 500, reason: "The line cannot be checked")
        }
        var sitting = Sitting(call: call, point: point, name: name, room: room)
        sitting.task = Task { await self.run(call.id) }
        sittings[call.id] = sitting
        logger.about(room: call.room).info("\(point) has its line checked (\(call.id))")
        return .admit(room)
    }

    /// - Returns: whether the call is one of a check.
    func agreed(_ call: CallID, _ leg: LegReservation, _ media: LegParameters) -> Bool {
        guard sittings[call] != nil else { return false }
        sittings[call]?.leg = leg.id
        sittings[call]?.media = media
        callOfLeg[leg.id] = call
        return true
    }

    /// - Returns: whether the call was one of a check.
    func ended(_ call: CallID) -> Bool {
        guard let sitting = sittings.removeValue(forKey: call) else { return false }
        if let leg = sitting.leg { callOfLeg[leg] = nil }
        sitting.task?.cancel()
        sitting.awaitsMedia?.resume()
        sitting.awaitsClip?.ended.resume()
        media.closeRoom(sitting.room)
        return true
    }

    /// - Returns: whether the event was of a check.
    func hear(_ event: MediaEvent) -> Bool {
        switch event {
        case .legHeard(let leg):
            guard let call = callOfLeg[leg] else { return false }
            heard(call)
        case .clipEnded(let id, let leg?, _):
            guard let call = callOfLeg[leg] else { return false }
            guard let waiting = sittings[call]?.awaitsClip, waiting.id == id else { return true }
            sittings[call]?.awaitsClip = nil
            waiting.ended.resume()
        case .legSilent(let leg), .keysRefused(let leg, _):
            guard let call = callOfLeg[leg] else { return false }
            hangUp(call, "no media")
        default: return false
        }
        return true
    }

    private func heard(_ call: CallID) {
        sittings[call]?.wasHeard = true
        sittings[call]?.awaitsMedia?.resume()
        sittings[call]?.awaitsMedia = nil
    }

    private func hangUp(_ call: CallID, _ reason: String) {
        guard let calls else { return }
        Task { await calls.hangUp(call, reason: reason) }
    }

    // MARK: A check

    private func run(_ call: CallID) async {
        guard await waitForMedia(of: call) else { return hangUp(call, "no media") }
        await say(Self.prompt(announcements), to: call)
        guard let measured = await measure(call), let sitting = sittings[call] else { return }
        let verdict = LineVerdict(measured, settings.thresholds)
        let check = LineCheck(
            id: Self.unguessable(), point: sitting.point.rawValue, name: sitting.name, at: Date(),
            device: sitting.call.userAgent, measured: measured, verdict: verdict)
        logger.about(call: "\(call)", room: sitting.call.room).notice("the line of \(sitting.point): \(check.summary)")
        remember(check)
        onResult(check)
        await store.add(check)
        let text = check.message(language: .vietnamese, at: settings.publicURL)
        await calls?.relay(
            RelayedMessage(name: "Kiểm tra đường truyền", username: sitting.call.room, text: text), to: [call])
        await say(announcements.clip(check.spoken) ?? announcements.clip(.verdict(check.grade.rawValue)), to: call)
        try? await Task.sleep(for: Self.breath)
        if sittings[call] != nil { hangUp(call, "check-done") }
    }

    /// False where nothing came in time.
    private func waitForMedia(of call: CallID) async -> Bool {
        let limit = Task {
            let end = ContinuousClock.now + Self.patience
            repeat {
                do { try await Task.sleep(for: Self.lookEvery) } catch { return }
                // A packet that came before the call was agreed on is told of by nobody.
                guard let room = sittings[call]?.room else { return }
                if await media.statistics(of: room).contains(where: { $0.silence != nil }) { heard(call) }
            } while sittings[call]?.wasHeard == false && ContinuousClock.now < end
            sittings[call]?.awaitsMedia?.resume()
            sittings[call]?.awaitsMedia = nil
        }
        defer { limit.cancel() }
        if sittings[call]?.wasHeard == false {
            await withCheckedContinuation { waiting in
                if sittings[call] == nil { waiting.resume() } else { sittings[call]?.awaitsMedia = waiting }
            }
        }
        return sittings[call]?.wasHeard ?? false
    }

    /// The prompt, where the site has it, and the tone after which to speak.
    private static func prompt(_ announcements: AnnouncementCatalogue) -> SoundClip {
        let tone = SoundClip(
            (0..<14_400).map { Int16(6_000 * sin(2 * Double.pi * 880 * Double($0) / Double(SoundClip.sampleRate))) })
        return SoundClip(joining: [announcements.clip(.lineCheckPrompt), tone].compactMap { $0 })
    }

    /// Returns when it was said, or the call is over.
    private func say(_ clip: SoundClip?, to call: CallID) async {
        guard let clip, let leg = sittings[call]?.leg else { return }
        let id = media.play(clip, to: .legs([leg]))
        let limit = Task {
            do { try await Task.sleep(for: clip.duration + Self.longestClip) } catch { return }
            sittings[call]?.awaitsClip?.ended.resume()
            sittings[call]?.awaitsClip = nil
        }
        defer { limit.cancel() }
        // What tells of its end is heard on this thread, and so later.
        await withCheckedContinuation { sittings[call]?.awaitsClip = (id, $0) }
    }

    /// Looks once a second for as long as is measured; nil when the call ended before.
    private func measure(_ call: CallID) async -> LineMeasurement? {
        guard let sitting = sittings[call], let leg = sitting.leg else { return nil }
        var watch: LineWatch?
        let start = ContinuousClock.now
        while true {
            let now = ContinuousClock.now
            let all = await media.statistics(of: sitting.room)
            guard let statistics = all.first(where: { $0.leg == leg }), let keying = sittings[call]?.media?.keying
            else {
                return nil
            }
            if watch == nil { watch = LineWatch(statistics, keying: keying) } else { watch?.look(statistics) }
            if now - start >= settings.duration { return watch?.measurement(after: now - start) }
            do { try await Task.sleep(for: min(Self.lookEvery, settings.duration)) } catch { return nil }
        }
    }

    private func remember(_ check: LineCheck) {
        remembered.append(check)
        if remembered.count > Self.mostRemembered { remembered.removeFirst() }
    }

    // MARK: Asked for

    func check(_ id: String) -> LineCheck? { remembered.last { $0.id == id } }

    nonisolated func checks(of point: String?) async -> [LineCheck] { await store.checks(of: point) }

    /// 132 bits, as text that addresses take.
    private static func unguessable() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return String((0..<22).map { _ in letters[Int.random(in: 0..<64)] })
    }
}

extension LineThresholds {
    init(_ configured: Configuration.Thresholds) {
        self.init()
        lossPercent = Bounds(configured.loss)
        jitterMilliseconds = Bounds(configured.jitter)
        roundTripMilliseconds = Bounds(configured.roundTrip)
        opinionScore = Bounds(configured.mos)
        kilobits = Bounds(configured.rate)
        pictureHeight = Bounds(configured.pictureHeight)
        frameRate = Bounds(configured.frameRate)
    }
}

extension LineThresholds.Bounds {
    init(_ configured: Configuration.Bounds) { self.init(good: configured.good, usable: configured.usable) }
}
