import CoreMetrics
import Announcements
import Archive
import Cluster
import Conference
import ConferenceInfo
import Foundation
import LogSubjects
import MediaPlane
import PortalAPI
import Quality
import RTP
import Recorder
import SIP
import Signalling
import Synchronization

/// Carries out what the conference decides: it asks the rules about everything that happens, one event after another,
/// and acts on the media plane, the recorder, the archive and the calls.
actor BridgeHost: SignallingHost, LiveBridge {
    let media: MediaPlane
    let announcements: AnnouncementCatalogue
    /// Calls that are line checks, and none of the conference's.
    let desk: LineCheckDesk
    var qualityBook: QualityBook
    /// Told when a leg's line becomes bad, and when it is well again.
    let onQualityAlarm: @Sendable (MeetingID, QualityBook.Alarm) -> Void
    let archive: Archive
    private let thread: ControlThread
    let invitations: InvitationKey
    let minutes: MinuteWriter
    var paperDoor: PaperDoor
    let logger: SubjectLogger
    let accounts: Mutex<Accounts>
    /// What each room does for the sound and the pictures of its points.
    let care: Mutex<[RoomID: RoomCare]>
    let inbox = Inbox<Occurrence>()
    /// Where meetings are recorded a second time.
    let second: String?
    let startedAt = Date()
    private let origin = ContinuousClock.now

    var conference: Conference
    var halls: [MeetingID: Hall] = [:]
    var meetingOfRoom: [MediaRoomID: MeetingID] = [:]
    /// Keeps what the next daemon needs for its meetings; nil where none are to go on.
    let keeper: MeetingKeeper?
    let audit: AuditStanding
    /// What did not fit into rings between threads, and when that was seen last.
    var overflows: (count: UInt64, seen: ContinuousClock.Instant?) = (0, nil)
    var remembering: Task<Void, Never>?
    /// How long what happens gathers before the meetings are kept again.
    var rememberingPause = BridgeHost.gathering
    /// Something was kept, and is to be removed.
    var hasKept = false
    /// Where this bridge is one of several; nil where it is alone.
    let cluster: ClusterMember?
    /// What of the archive is this bridge's to write.
    let fence: MeetingFence
    /// Rooms whose meetings are being finished.
    var finishingRooms: [MeetingID: RoomID] = [:]
    /// Meetings that go on in the next daemon.
    var suspended: [KeptMeeting] = []
    /// Meetings of a former daemon, while they are taken over.
    var formers: [MeetingID: Former] = [:]
    /// How those who are in can be reached by the next daemon, as far as they can.
    var waysBack: [ParticipantID: RegisteredContact] = [:]
    var withoutWayBack: Set<ParticipantID> = []
    /// Points that the bridge waits to call again.
    let awaited = Mutex<Set<PointID>>([])
    private(set) var participantOfLeg: [LegID: ParticipantID] = [:]
    private(set) var legOfParticipant: [ParticipantID: LegID] = [:]
    var echoes = KeyEchoes()
    /// What came of legs whose seats are not told of yet.
    var heardEarly: [LegID: [MediaEvent]] = [:]
    /// What participants are to be told as soon as they can hear.
    var untold: [ParticipantID: [Announcement]] = [:]
    /// And are to be written.
    var unwritten: [ParticipantID: [String]] = [:]
    /// What legs are being told.
    var spoken = SpokenClips()
    /// Notices of the recording that are being spoken.
    var unheardNotices: [LegID: (clip: PlaybackID, meeting: MeetingID)] = [:]
    /// Calls that are over and hear their last word.
    var farewells: [ParticipantID: Farewell] = [:]
    /// How calls did that are over.
    var stories = CallStories()
    /// Calls of the bridge's that were not answered yet.
    private var dialled: [CallID: (point: PointID, room: RoomID)] = [:]
    /// What points asked for by REFER and are told of.
    var referrals: [CallID: Referral.ID] = [:]
    /// Where points are being sent, with who had them sent.
    var moving: [CallID: (point: PointID, room: RoomID, by: String)] = [:]
    /// Rooms whose conference somebody watches, as it was told last.
    var watched: [String: ConferenceInfo] = [:]
    let domain: String
    var calls: (any CallControl)?
    /// Where no meeting is begun: since when, and by whom.
    var drained: DrainStatus?
    private var timer: ControlTimer?
    /// Where this bridge is one of several; nil where it is alone.
    var trunks: TrunkDesk?
    private var trunkTimer: ControlTimer?
    private var trunkTimerDue: Duration?
    private var homesTimer: ControlTimer?
    /// The room of a branch whose points become those of a meeting that this bridge leads.
    var adopted: MediaRoomID?
    /// Meetings in which somebody came or went since their pictures were told what to say.
    var uncaptioned: Set<MeetingID> = []
    /// When the timer goes off.
    private var timerDue: Duration?
    /// Masters being finished; a shutdown waits for them.
    var finishing: [MeetingID: Task<Void, Never>] = [:]
    /// Made at once, so that it is told while it is nought.
    let lostPackets = Counter(label: "causeway_recorder_packets_lost_total")
    /// What cannot be written now is left to the next start.
    private var shutsDown = false
    /// Writes down who ordered what to be recorded.
    let journal: @Sendable (MeetingJournalLine) async -> Void
    /// Told of each meeting whose package wants its access copy.
    let onComplete: @Sendable (String) -> Void

    init(
        register: Conference.Register, domain: String, accounts: Accounts, care: [RoomID: RoomCare],
        media: MediaPlane, archive: Archive,
        thread: ControlThread, invitations: InvitationKey, announcements: AnnouncementCatalogue, desk: LineCheckDesk,
        thresholds: LineThresholds, second: String?, keeper: MeetingKeeper? = nil, cluster: ClusterMember? = nil,
        fence: MeetingFence = MeetingFence(nil), trunks: TrunkDesk? = nil, audit: AuditStanding,
        logger: SubjectLogger,
        onQualityAlarm: @escaping @Sendable (MeetingID, QualityBook.Alarm) -> Void = { _, _ in },
        journal: @escaping @Sendable (MeetingJournalLine) async -> Void,
        onComplete: @escaping @Sendable (String) -> Void
    ) {
        var conference = Conference(register: register)
        if let cluster { conference.mayOpen = { cluster.epoch(of: $0.rawValue) != nil } }
        self.conference = conference
        self.cluster = cluster
        self.fence = fence
        self.domain = domain
        self.second = second
        self.keeper = keeper
        self.trunks = trunks
        self.audit = audit
        paperDoor = PaperDoor(realm: domain)
        self.accounts = Mutex(accounts)
        self.care = Mutex(care)
        self.media = media
        self.announcements = announcements
        self.desk = desk
        qualityBook = QualityBook(thresholds: thresholds)
        self.onQualityAlarm = onQualityAlarm
        self.archive = archive
        self.thread = thread
        self.invitations = invitations
        minutes = MinuteWriter(archive: archive, thread: thread, fence: fence, logger: logger)
        self.logger = logger
        self.journal = journal
        self.onComplete = onComplete
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    /// The calls that the conference may end. Set once, before signalling starts.
    func attach(_ calls: any CallControl) async {
        self.calls = calls
        await desk.attach(calls)
    }

    /// Takes events in until the shutdown is done.
    func run() async {
        let media = thread.begin { await self.hearMedia() }
        let watch = thread.begin { await self.watchQuality() }
        let pulse = thread.begin { [keeper] in
            while !Task.isCancelled {
                await keeper?.touch()
                try? await Task.sleep(for: MeetingKeeper.pulse)
            }
        }
        defer {
            watch.cancel()
            pulse.cancel()
        }
        while true {
            let occurrences = await inbox.take()
            guard !occurrences.isEmpty else { break }
            for occurrence in occurrences {
                await handle(occurrence)
                await tellTrunks()
                await publish()
            }
            schedule()
            scheduleTrunks()
            remember()
        }
        remembering?.cancel()
        media.cancel()
        timer?.cancel()
        trunkTimer?.cancel()
        homesTimer?.cancel()
    }

    /// On this actor's thread, so that an event costs no switch to another and back.
    private func hearMedia() async {
        for await event in media.events { inbox.put(.media(event)) }
    }

    // MARK: One event after another

    private func handle(_ occurrence: Occurrence) async {
        switch occurrence {
        case .arrives(let call, let reply):
            await arrive(call, reply)
        case .mediaAgreed(let call, let leg, let media, let reply):
            if await desk.agreed(call, leg, media) { return reply.resume() }
            if await trunkAgreed(call, leg, media, reply) { return }
            let isNew = legOfParticipant[ParticipantID(call)] == nil
            seat(ParticipantID(call), leg, media)
            await fan(ParticipantID(call), media)
            // Only now is the point answered: it may speak, if it may, with its first packet.
            reply.resume()
            if isNew { await noticeRecording(toListener: leg.id, media, ParticipantID(call)) }
            for event in heardEarly.removeValue(forKey: leg.id) ?? [] { await hear(event) }
        case .callProgresses(let call, let status):
            if let dialled = dialled[call] {
                logger.about(meeting: conference.meeting(in: dialled.room)?.rawValue, room: dialled.room.rawValue).info(
                    "\(dialled.point) answers \(status) to \(call)")
            }
            if let referral = referrals[call] { await calls?.tell(referral, status: status) }
        case .watch(let room, let username, let reply):
            reply.resume(returning: watch(RoomID(room), username))
        case .unwatched(let room):
            watched[room] = nil
        case .referred(let referral):
            await refer(referral)
        case .transferEnded(let call, let status):
            await transferred(call, status)
        case .move(let point, let meeting, let room, let by, let reply):
            reply.resume(returning: await move(point, from: meeting, to: room, by: by))
        case .call(let room, let points, let by, let reply):
            await call(points, into: room, by: by, reply)
        case .callEnded(let call, let reason):
            if await desk.ended(call) { return }
            if await trunkEnded(call, reason) { return }
            moving[call] = nil
            if let referral = referrals.removeValue(forKey: call) {
                await calls?.tell(referral, status: reason.status)
            }
            if let dialled = dialled.removeValue(forKey: call) {
                await decide(.notReached(dialled.point, dialled.room, reason: "\(reason)"))
            }
            if let seat = hallSeating(ParticipantID(call)).flatMap({ halls[$0]?.seats[ParticipantID(call)] }) {
                logger(of: ParticipantID(call)).info(
                    "\(seat.admission.name) (\(ParticipantID(call))) leaves meeting \(seat.admission.meeting): \(reason)"
                )
            }
            await writeQuality(of: ParticipantID(call))
            remember(call)
            unseat(ParticipantID(call))
            await decide(.leave(ParticipantID(call), Conference.LeaveReason(reason)))
        case .trunkOrdered(let call, let text): await trunkOrdered(call, saying: text)
        case .trunkTexted(let call, let message): await trunkTexted(call, with: message)
        case .trunksDue:
            trunkTimerDue = nil
            await trunksAreDue()
        case .lookForHomes:
            homesTimer = nil
            lookForHomes()
            lookForHomesSoon()
        case .homeFound(let room, let home): await found(home, of: room)
        case .digit(let call, let digit) where isOfBranch(call): await branchDigit(call, digit)
        case .hand(let call, let isRaised) where isOfBranch(call): await branchHand(call, isRaised)
        case .layout(let call, let name) where isOfBranch(call):
            if let layout = Layout(rawValue: name) { branchLayout(call, layout) }
        case .panes(let call, let wish) where isOfBranch(call): branchPanes(call, wish)
        case .digit(let call, let digit):
            await press(digit, ParticipantID(call), .signalling)
        case .command(let meeting, let command, let officer, let reply):
            await order(command, in: meeting, by: officer, reply)
        case .hand(let call, let isRaised):
            await decide(.hand(ParticipantID(call), isRaised: isRaised))
        case .layout(let call, let name):
            if let layout = Layout(rawValue: name) { want(layout, ParticipantID(call)) }
        case .panes(let call, let wish):
            want(wish, ParticipantID(call))
        case .message(let message, let reply):
            await take(message, reply)
        case .media(let event):
            await hear(event)
        case .recordingFailed(let meeting, let text):
            halls[meeting]?.recordingStopped = true
            halls[meeting]?.stoppedRecorders.append(text)
            logger(of: meeting).error("meeting \(meeting): the recording stopped: \(text)")
            await note(.fault, "recording stopped: \(text)", on: meeting)
            await decide(.recordingFailed(meeting, text: text))
        case .recorderFailed(let meeting, let text):
            halls[meeting]?.stoppedRecorders.append(text)
            logger(of: meeting).error("meeting \(meeting): one of its two recorders stopped: \(text)")
            await note(.warning, "one of two recorders stopped: \(text)", on: meeting)
        case .recordOpened(let meeting, let record): await take(record, of: meeting)
        case .end(let meeting, let by, let reply):
            let isOpen = halls[meeting] != nil
            await decide(.end(meeting, by: by))
            reply.resume(returning: isOpen)
        case .reconfigured(let register):
            await decide(.reconfigure(register))
        case .convened(let convening):
            await decide(.convene(convening))
        case .conveningCancelled(let id):
            await decide(.cancelConvening(id))
        case .drain(let isWanted, let by, let reply):
            reply.resume(returning: await drain(isWanted, by: by))
        case .deadline:
            timerDue = nil
            await decide(.deadlineReached)
        case .resume(let meetings, let reply):
            reply.resume(returning: await takeOver(meetings))
        case .lost(let room, let reply):
            await decide(.lose(room))
            reply.resume()
        case .letGo(let room):
            letGo(of: room)
        case .callBack:
            await decide(.callBack)
        case .reachable(let point):
            await decide(.reachable(point))
        case .shutdown(let goesOn, let reply):
            shutsDown = true
            await decide(goesOn && keeper != nil ? .suspend : .shutdown)
            for task in finishing.values { await task.value }
            await settleMemories()
            inbox.close()
            reply.resume()
        }
    }

    private func arrive(_ call: PointCall, _ reply: CheckedContinuation<CallAdmission, Never>) async {
        if await trunkArrives(call, reply) { return }
        guard let point = accounts.withLock({ $0.point(of: call.username) }) else {
            reply.resume(returning: .refuse(code: 403, reason: "The point is not in the register"))
            return
        }
        if desk.isChecked(by: call.room) {
            let name = conference.register.point(point)?.name ?? point.rawValue
            return reply.resume(returning: await desk.admit(call, point, name))
        }
        if await enterBranch(call, point, reply) { return }
        dialled[call.id] = nil
        reply.resume(
            returning: await enter(
                call, point,
                .arrive(participant: ParticipantID(call.id), point: point, room: RoomID(call.room))))
    }

    /// Has the conference decide on a call that wants in.
    func enter(_ call: PointCall, _ point: PointID, _ event: Conference.Event) async -> CallAdmission {
        let participant = ParticipantID(call.id)
        var answer: CallAdmission?
        for action in conference.handle(event, at: now) {
            switch action {
            case .admit(participant, let admission):
                await admit(participant, admission)
                halls[admission.meeting]?.seats[participant]?.isPage = call.transport.isWebSocket
                halls[admission.meeting]?.seats[participant]?.isCalled = call.direction == .outgoing
                if let room = mediaRoom(for: admission.place, of: admission.meeting) { answer = .admit(room) }
            case .refuse(participant, let code, let reason):
                answer = .refuse(code: code, reason: reason)
                logger.about(call: "\(call.id)", meeting: conference.meeting(in: RoomID(call.room))?.rawValue).info(
                    "\(point) may not enter \(room: call.room): \(code) \(reason)")
            default:
                await perform(action)
            }
        }
        let decision = answer ?? .refuse(code: 500, reason: "The bridge could not decide")
        if case .refuse = decision { letGo(of: RoomID(call.room)) }
        if let referral = referrals.removeValue(forKey: call.id) {
            if case .refuse(let code, _) = decision {
                await calls?.tell(referral, status: code)
            } else {
                await calls?.tell(referral, status: 200)
            }
        }
        return decision
    }

    private func call(
        _ points: [PointID]?, into room: RoomID, by: String,
        _ reply: CheckedContinuation<Result<[PointID], Conference.Refusal>, Never>
    ) async {
        var outcome = Result<[PointID], Conference.Refusal>.success([])
        for action in conference.handle(.call(room, points, by: by), at: now) {
            switch action {
            case .refuseCommand(let refusal): outcome = .failure(refusal)
            case .dial(let point, _): outcome = outcome.map { $0 + [point] }
            default: break
            }
            await perform(action)
        }
        letGo(of: room)
        reply.resume(returning: outcome)
    }

    /// Has signalling call a point. What comes of it, the conference hears as it hears of calls that come in.
    /// - Returns: the call's name; nil where there is no way to the point.
    @discardableResult
    func dial(_ point: PointID, into meeting: MeetingID) async -> CallID? {
        guard let hall = halls[meeting], let calls else { return nil }
        let room = hall.opening.room
        let account = accounts.withLock { $0.dialling(point) }
        let call = await calls.call(
            account?.username ?? point.rawValue, at: account?.address, into: room.rawValue, title: hall.opening.title,
            media: hall.room)
        guard let call else {
            logger(of: meeting).notice(
                "\(point) cannot be called into \(room): it is not registered and has no address")
            await decide(.notReached(point, room, reason: "not registered"))
            return nil
        }
        dialled[call] = (point, room)
        logger(of: meeting).info("\(call) calls \(point) into \(room)")
        return call
    }

    private func stopDialling(_ point: PointID, into meeting: MeetingID) async {
        guard let room = halls[meeting]?.opening.room else { return }
        for (call, callee) in dialled where callee == (point, room) {
            await calls?.hangUp(call, reason: "nobody waits for it any more")
        }
    }

    private func take(_ message: RoomMessage, _ reply: CheckedContinuation<MessageOutcome, Never>) async {
        guard let point = accounts.withLock({ $0.point(of: message.username) }) else {
            return reply.resume(returning: .refused(code: 403, reason: "The point is not in the register"))
        }
        if let outcome = await branchMessage(message, from: point) { return reply.resume(returning: outcome) }
        var outcome = MessageOutcome.taken
        for action in conference.handle(.message(point, RoomID(message.room), text: message.text), at: now) {
            if case .refuseMessage(let code, let reason) = action { outcome = .refused(code: code, reason: reason) }
            await perform(action)
        }
        reply.resume(returning: outcome)
    }

    /// Whose slides a meeting sees.
    func presenter(in meeting: MeetingID?) -> ParticipantID? { meeting.flatMap { halls[$0]?.presenter } }

    func decide(_ event: Conference.Event) async {
        for action in conference.handle(event, at: now) { await perform(action) }
    }

    var now: Moment {
        let milliseconds = Int64((Date().timeIntervalSince1970 * 1000).rounded())
        return Moment(steady: ContinuousClock.now - origin, wall: WallTime(millisecondsSince1970: milliseconds))
    }

    /// Wakes the conference at its deadline. A timer that goes off too early is left alone: nothing is due then, and it is
    /// set again.
    private func schedule() {
        awaitRegistration(of: conference.awaitedPoints)
        guard let due = conference.deadline, timerDue.map({ due < $0 }) ?? true else { return }
        timer?.cancel()
        timerDue = due
        timer = thread.after(max(.zero, origin + due - .now)) { [inbox] in inbox.put(.deadline) }
    }

    private func scheduleTrunks() {
        guard let due = trunks?.deadline, trunkTimerDue.map({ due < $0 }) ?? true else { return }
        trunkTimer?.cancel()
        trunkTimerDue = due
        trunkTimer = thread.after(max(.zero, origin + due - .now)) { [inbox] in inbox.put(.trunksDue) }
    }

    /// Asks after a while where the rooms of branches are led, for as long as there are any.
    func lookForHomesSoon() {
        guard homesTimer == nil, trunks?.branches.isEmpty == false else { return }
        homesTimer = thread.after(Self.homeLooks) { [inbox] in inbox.put(.lookForHomes) }
    }

    // MARK: What the conference wants done

    func perform(_ action: Conference.Action) async {
        noteForTrunks(action)
        switch action {
        case .openMeeting(let opening): await open(opening)
        case .resumeMeeting(let opening, let attending): reopen(opening, attending)
        case .suspendMeeting(let memory): await suspend(memory)
        case .loseMeeting(let meeting): lose(meeting)
        case .startRecording(let meeting, let order):
            await startRecording(meeting, order)
            caption(meeting)
        case .stopRecording(let meeting), .pauseRecording(let meeting):
            setTap(nil, of: meeting)
            caption(meeting)
        case .resumeRecording(let meeting):
            setTap(halls[meeting]?.recording?.recorder.tap, of: meeting)
            caption(meeting)
        case .admit(let participant, let admission): await admit(participant, admission)
        case .dial(let point, let meeting): await dial(point, into: meeting)
        case .stopDialling(let point, let meeting): await stopDialling(point, into: meeting)
        case .refuse, .refuseMessage, .refuseCommand: break
        case .disconnect(let participant, let reason): disconnect(participant, reason)
        case .relay(let meeting, let sender, let text): relay(text, from: sender, in: meeting)
        case .setMicrophone(let participant, let microphone): setMicrophone(of: participant, microphone)
        case .move(let participant, let place): move(participant, to: place)
        case .spotlight(let meeting, let participant): setSpotlight(of: meeting, participant)
        case .setLayout(let meeting, let layout, let participant): setLayout(of: meeting, layout, for: participant)
        case .overlay(let meeting, let overlay): show(overlay, in: meeting)
        case .announce(let announcement, let participants): await announce(announcement, to: participants)
        case .closeMeeting(let summary): close(summary)
        case .log(let event): await write(event)
        }
    }

    func makeHall(_ opening: Conference.MeetingOpening) -> Hall {
        // Where points sit here already in a meeting that another led, they go on where they are.
        let room = adopted ?? trunks?.branches[opening.room]?.media ?? media.openRoom(mutesNewcomers: true)
        let care = care.withLock { $0[opening.room] ?? RoomCare() }
        try? media.setSoundCare(care.sound, of: room)
        return Hall(opening: opening, room: room, mark: care.mark)
    }

    func put(_ hall: Hall) {
        meetingOfRoom[hall.room] = hall.opening.id
        halls[hall.opening.id] = hall
        fence.enter(hall.opening.id.rawValue, in: hall.opening.room.rawValue)
    }

    func removeHall(_ meeting: MeetingID) -> Hall? {
        guard let hall = halls.removeValue(forKey: meeting) else { return nil }
        meetingOfRoom[hall.room] = nil
        return hall
    }

    private func open(_ opening: Conference.MeetingOpening) async {
        var hall = makeHall(opening)
        meetingOfRoom[hall.room] = opening.id
        fence.enter(opening.id.rawValue, in: opening.room.rawValue)
        let new = NewMeeting(
            id: opening.id.rawValue, room: opening.room.rawValue, title: opening.title, convener: opening.convener,
            document: opening.document, sitting: opening.convening?.rawValue,
            confidentiality: opening.convening.map { _ in opening.confidentiality.rawValue },
            openedAt: opening.openedAt.date)
        do throws(ArchiveError) { hall.record = try await archive.openMeeting(new) } catch {
            logger.about(room: opening.room.rawValue).error(
                "meeting \(opening.id) goes on without a record: \(error)")
            if error.mayPass { hall.forRecord = .init() }
        }
        put(hall)
        if hall.forRecord != nil { askAgain(for: new, opening.id) }
        logger.info("meeting \(opening.id) opens in room \(opening.room)")
    }

    private func admit(_ participant: ParticipantID, _ admission: Conference.Admission) async {
        halls[admission.meeting]?.seats[participant] = .init(admission: admission)
        logger(of: participant).info("\(admission.name) (\(participant)) enters meeting \(admission.meeting)")
    }

    func seat(_ participant: ParticipantID, _ leg: LegReservation, _ media: LegParameters) {
        guard let meeting = conference.meeting(of: participant) else { return }
        halls[meeting]?.take(leg, media, of: participant)
        participantOfLeg[leg.id] = participant
        if legOfParticipant.updateValue(leg.id, forKey: participant) != leg.id {
            halls[meeting]?.seats[participant]?.shownLayout = nil
        }
        putInPlace(participant)
        captionSoon(meeting)
        tell(participant)
    }

    /// The participant's call is over; of its seat only the roll remembers.
    private func unseat(_ participant: ParticipantID) {
        let meeting = hallSeating(participant)
        if let meeting { halls[meeting]?.seats[participant] = nil }
        farewells.removeValue(forKey: participant)?.hangUp.cancel()
        echoes.forget(participant)
        untold[participant] = nil
        unwritten[participant] = nil
        waysBack[participant] = nil
        guard let leg = legOfParticipant.removeValue(forKey: participant) else { return }
        participantOfLeg[leg] = nil
        spoken.forget(leg)
        unheardNotices[leg] = nil
        if let meeting { captionSoon(meeting) }
    }

    private func close(_ summary: MeetingSummary) {
        guard let hall = removeHall(summary.id) else { return }
        let id = summary.id
        logger.about(room: hall.opening.room.rawValue).info(
            "meeting \(id) is over (\(summary.cause.name)) after \(summary.duration.components.seconds) s")
        finishingRooms[id] = hall.opening.room
        let goodbyes = hall.seats.keys.compactMap { farewells[$0]?.hangUp }
        finishing[id] = Task { [self] in
            let result = await hall.recording?.recorder.finish()
            let emptying = Task {
                for goodbye in goodbyes { await goodbye.value }
                closeRooms(of: hall)
            }
            await finish(hall, summary, result)
            await emptying.value
            finishing[id] = nil
            finishingRooms[id] = nil
            fence.leave(id.rawValue)
            letGo(of: hall.opening.room)
        }
    }

    /// They stay until the recorder has drained its tap, and all have heard that the meeting is over.
    func closeRooms(of hall: Hall) {
        for room in hall.sideRooms.values { media.closeRoom(room) }
        if let doorway = hall.doorway { media.closeRoom(doorway) }
        media.closeRoom(hall.room)
    }

    /// Hands the package over, whose master is finished.
    private func finish(_ hall: Hall, _ summary: MeetingSummary, _ result: RecorderPair.Outcome?) async {
        let logger = logger.about(room: hall.opening.room.rawValue)
        if let result { logger.info("master of \(summary.id): \(result)") }
        guard hall.record != nil else { return }
        await minutes.settle()
        do {
            // From here on a daemon that starts again goes on with the second recording too.
            try await Persistence().run(while: { await !self.shutsDown }) { [archive] in
                try await archive.closeMeeting(
                    summary.id.rawValue, at: summary.closedAt.date, reason: summary.cause.name,
                    durationMilliseconds: result.map { (hall.recording?.offset ?? 0) + $0.durationMilliseconds }
                        ?? hall.recordedBefore?.milliseconds)
            }
            if result != nil || hall.recordedBefore != nil, let record = hall.record {
                let joined = await SecondRecordings(directory: second, archive: archive, logger: logger).join(record)
                let gaps =
                    try joined ?? result.map { GapMap($0) } ?? GapMap(readingMaster: archive.paths(of: record).master)
                await keep(gaps, of: hall, summary.id)
                await minutes.settle()
            }
            onComplete(summary.id.rawValue)
        } catch {
            logger.error("meeting \(summary.id) could not be closed in the archive: \(error)")
        }
    }
}

extension ParticipantID {
    /// A participant is numbered by its call.
    init(_ call: CallID) { self.init(rawValue: call.rawValue) }
}

extension WallTime {
    var date: Date { Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1000) }
}

extension Conference.LeaveReason {
    init(_ reason: CallEndReason) {
        switch reason {
        case .remoteHangUp, .localHangUp: self = .hungUp
        case .sessionExpired: self = .sessionExpired
        case .connectionLost: self = .connectionLost
        case .cancelled, .refused, .notAcknowledged, .mediaFailed, .declined, .noAnswer, .unreachable: self = .failed
        }
    }
}
