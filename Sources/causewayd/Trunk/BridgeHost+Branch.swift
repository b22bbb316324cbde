import Announcements
import Conference
import LogSubjects
import MediaPlane
import SIP
import Signalling

/// The branch's side of trunks: points of this bridge's in a meeting that another leads.
extension BridgeHost {
    /// Where a point is to go whose room another bridge leads.
    /// - Returns: whether it was dealt with.
    func enterBranch(
        _ call: PointCall, _ point: PointID, _ reply: CheckedContinuation<CallAdmission, Never>
    ) async -> Bool {
        guard let desk = trunks, call.direction == .incoming else { return false }
        let room = RoomID(call.room)
        // Where a branch sits already, its rules know where the room is led.
        if desk.branches[room] == nil {
            guard conference.register.room(room) != nil else { return false }
            switch await desk.homes.home(of: room) {
            case .here: return false
            case .unknown:
                reply.resume(returning: .refuse(code: 503, reason: "No bridge leads this room now"))
                return true
            case .elsewhere(let bridge, let address):
                let media = media.openRoom(mutesNewcomers: true)
                trunks?.branches[room] = BranchHall(
                    rules: Branch(at: desk.own, home: bridge), room: room, address: address, media: media)
                logger.info("room \(room) is led by bridge \(bridge): a branch of it is here")
                lookForHomesSoon()
            }
        }
        guard let hall = trunks?.branches[room]?.media else { return false }
        let participant = ParticipantID(call.id)
        trunks?.branchOf[call.id] = room
        trunks?.branches[room]?.seats[participant] = .init(call: call, point: point)
        // To whose floor it belongs. It waits elsewhere, before it has anything by which to understand what it would hear.
        reply.resume(returning: .admit(hall))
        return true
    }

    /// The home brings a participant of another bridge, or its own.
    func receive(_ call: PointCall, _ subject: TrunkSubject, _ reply: CheckedContinuation<CallAdmission, Never>) async {
        let room = RoomID(call.room)
        guard trunks?.branches[room] != nil, let place = branchRoom(for: .waiting, of: room) else {
            return reply.resume(returning: .refuse(code: 480, reason: "Nobody is here in this room"))
        }
        let participant = ParticipantID(call.id)
        trunks?.branchOf[call.id] = room
        trunks?.branches[room]?.seats[participant] = .init(call: call, point: PointID(subject.point))
        let origin = TrunkOrigin(
            bridge: BridgeID(subject.origin), participant: ParticipantID(rawValue: subject.participant))
        let actions = decideBranch(room, .received(participant, origin, by: BridgeID(subject.bridge)))
        var answer: CallAdmission?
        for action in actions {
            switch action {
            case .accept(participant): answer = .admit(place)
            case .reject(participant, let code, let reason): answer = .refuse(code: code, reason: reason)
            default: await perform(action, in: room)
            }
        }
        if case .admit? = answer {
        } else {
            // It never came in, and nobody tells of its end.
            trunks?.branchOf[call.id] = nil
            trunks?.branches[room]?.seats[participant] = nil
            _ = decideBranch(room, .leave(participant))
            logger.notice("bridge \(subject.bridge) may not bring \(subject.point) to \(room)")
        }
        reply.resume(returning: answer ?? .refuse(code: 500, reason: "The bridge could not decide"))
    }

    /// A leg of a branch runs.
    func branchAgreed(
        _ call: CallID, _ room: RoomID, _ leg: LegReservation, _ agreed: LegParameters,
        _ reply: CheckedContinuation<Void, Never>
    ) async {
        let participant = ParticipantID(call)
        guard let hall = trunks?.branches[room], let seat = hall.seats[participant] else { return reply.resume() }
        trunks?.branches[room]?.seats[participant]?.leg = leg.id
        trunks?.branches[room]?.seats[participant]?.reservation = leg
        trunks?.branches[room]?.seats[participant]?.media = agreed
        if seat.leg == nil { place(participant, hall.rules.standing(of: participant) ?? .unknown, in: room) }
        if seat.leg == nil, seat.call.trunk == nil {
            // It is answered when the home has taken it in, and may hear what the home says then.
            trunks?.branches[room]?.seats[participant]?.answer = reply
            return await branch(room, .arrive(participant, seat.point))
        }
        if let projection = seat.projection { await calls?.carry(CarriedStreams(of: agreed), in: projection) }
        fillBranchPanes(in: room)
        reply.resume()
    }

    /// A call of a branch is over.
    func branchCallEnded(_ call: CallID, _ room: RoomID) async {
        let participant = ParticipantID(call)
        guard let seat = trunks?.branches[room]?.seats[participant] else { return }
        seat.answer?.resume()
        seat.farewell?.cancel()
        trunks?.branches[room]?.seats[participant]?.answer = nil
        // The rules withdraw what they know to be projected.
        await branch(room, .leave(participant))
        trunks?.branches[room]?.seats[participant] = nil
        // Nobody of it came so far that the rules heard of it.
        if let hall = trunks?.branches[room], hall.seats.values.allSatisfy({ $0.call.trunk != nil }),
            hall.rules.participants.isEmpty
        {
            closeBranch(room)
        }
        captionBranch(room)
        fillBranchPanes(in: room)
    }

    /// A call to the home is over, or came to nothing.
    func projectionEnded(
        _ room: RoomID, _ participant: ParticipantID, _ call: CallID, _ reason: CallEndReason
    ) async {
        guard trunks?.branches[room]?.seats[participant]?.projection == call else { return }
        trunks?.branches[room]?.seats[participant]?.projection = nil
        switch reason {
        // What the home does not know, or cannot do now, is no word of the meeting's.
        case .declined(let code, _) where code == 408 || code == 481 || code == 482 || (500..<600).contains(code):
            await branch(room, .lost(participant))
        case .declined(let code, let text):
            // A challenge that is not met: the bridges have not one secret.
            let isSecret = code == 401 || code == 407 || text.hasPrefix("Not a trunk")
            if isSecret { logger.error("the home of \(room) refuses this bridge: is trunk.secret the same on both?") }
            await branch(room, isSecret ? .lost(participant) : .refused(participant, code: code, reason: text))
        case .refused(let code, let text):
            await branch(room, .refused(participant, code: code, reason: text))
        default: await branch(room, .lost(participant))
        }
    }

    // MARK: The rules, and what they want

    private func decideBranch(_ room: RoomID, _ event: Branch.Event) -> [Branch.Action] {
        guard var rules = trunks?.branches[room]?.rules else { return [] }
        let actions = rules.handle(event, at: now.steady)
        trunks?.branches[room]?.rules = rules
        return actions
    }

    func branch(_ room: RoomID, _ event: Branch.Event) async {
        for action in decideBranch(room, event) { await perform(action, in: room) }
    }

    /// Asks where a room is led, which may take its time; nothing waits for it.
    func findHome(of room: RoomID) {
        guard let homes = trunks?.homes, trunks?.asked.insert(room).inserted == true else { return }
        Task { [inbox] in
            let home = await homes.home(of: room)
            inbox.put(.homeFound(room, home))
        }
    }

    func found(_ home: RoomHome, of room: RoomID) async {
        trunks?.asked.remove(room)
        switch home {
        case .here: if let own = trunks?.own { await branch(room, .home(own)) }
        case .elsewhere(let bridge, let address):
            trunks?.branches[room]?.address = address
            await branch(room, .home(bridge))
        case .unknown: await branch(room, .home(nil))
        }
    }

    private func perform(_ action: Branch.Action, in room: RoomID) async {
        switch action {
        case .project(let participant, _): await projectHome(participant, from: room)
        case .withdraw(let participant):
            guard let call = trunks?.branches[room]?.seats[participant]?.projection else { return }
            trunks?.branches[room]?.seats[participant]?.projection = nil
            _ = trunks?.removeCarrier(call)
            await calls?.hangUp(call, reason: "the point left")
        case .welcome(let participant):
            trunks?.branches[room]?.seats[participant]?.answer?.resume()
            trunks?.branches[room]?.seats[participant]?.answer = nil
            captionBranch(room)
        case .dismiss(let participant, let code, let reason): await dismiss(participant, code, reason, in: room)
        case .place(let participant, let standing):
            place(participant, standing, in: room)
            captionBranch(room)
        case .say(let participant, let keys): say(keys, to: participant, in: room)
        case .accept: break
        case .reject(let participant, let code, let reason):
            await calls?.dismiss(CallID(rawValue: participant.rawValue), code: code, reason: reason)
        case .findHome: findHome(of: room)
        case .adopt(let participants): await adopt(participants, of: room)
        case .close: closeBranch(room)
        }
    }

    private func projectHome(_ participant: ParticipantID, from room: RoomID) async {
        guard let desk = trunks, let hall = desk.branches[room], let seat = hall.seats[participant], let leg = seat.leg,
            let media = seat.media, let standing = hall.rules.standing(of: participant),
            let place = branchRoom(for: standing.place, of: room)
        else { return await branch(room, .lost(participant)) }
        let subject = TrunkSubject(
            course: .toHome, bridge: desk.own.rawValue, origin: desk.own.rawValue, participant: participant.rawValue,
            point: seat.point.rawValue)
        let call = await calls?.project(
            subject, to: hall.address, room: room.rawValue, beside: place, carrying: leg, CarriedStreams(of: media))
        guard let call else { return await branch(room, .lost(participant)) }
        trunks?.branches[room]?.seats[participant]?.projection = call
        trunks?.add(call, .init(errand: .branch(room), participant: participant))
    }

    /// Longer than a last word takes.
    private static let longestFarewell = Duration.seconds(5)

    /// Ends a point's call: once it heard what the home had it told last.
    private func dismiss(_ participant: ParticipantID, _ code: UInt16, _ reason: String, in room: RoomID) async {
        guard let seat = trunks?.branches[room]?.seats[participant], seat.farewell == nil else { return }
        let call = CallID(rawValue: participant.rawValue)
        guard seat.saying != nil, let leg = seat.leg, let away = branchRoom(for: .waiting, of: room) else {
            await calls?.dismiss(call, code: code, reason: reason)
            seat.answer?.resume()
            trunks?.branches[room]?.seats[participant]?.answer = nil
            return
        }
        try? media.setMuted(leg, true)
        try? media.moveLeg(leg, to: away)
        let calls = calls
        trunks?.branches[room]?.seats[participant]?.farewell = Task {
            try? await Task.sleep(for: Self.longestFarewell)
            await calls?.hangUp(call, reason: reason)
        }
    }

    private func say(_ keys: [String], to participant: ParticipantID, in room: RoomID) {
        guard let leg = trunks?.branches[room]?.seats[participant]?.leg,
            let clip = announcements.clip(keys.map { AnnouncementKey(rawValue: $0) })
        else { return }
        trunks?.branches[room]?.seats[participant]?.saying = (media.play(clip, to: .legs([leg])), keys)
    }

    // MARK: Media

    /// The media room of a place in a branch, made when first needed.
    func branchRoom(for place: Place, of room: RoomID) -> MediaRoomID? {
        guard let hall = trunks?.branches[room] else { return nil }
        if place == .hall { return hall.media }
        if let known = hall.places[place] { return known }
        let opened = try? media.openRoom(beside: hall.media, mutesNewcomers: true)
        trunks?.branches[room]?.places[place] = opened
        return opened
    }

    /// Has a participant be where and as the home said.
    func place(_ participant: ParticipantID, _ standing: TrunkStanding, in room: RoomID) {
        guard let hall = trunks?.branches[room], let seat = hall.seats[participant], let leg = seat.leg,
            let place = branchRoom(for: standing.place, of: room)
        else { return }
        // A leg that is gone already goes nowhere.
        try? media.moveLeg(leg, to: place)
        moveCarriers(of: participant, to: place)
        try? media.setMuted(leg, standing.microphone == .muted)
        if standing.isInSpotlight, hall.spotlight != leg {
            trunks?.branches[room]?.spotlight = leg
            try? media.setSpotlight(leg, in: hall.media)
        } else if !standing.isInSpotlight, hall.spotlight == leg {
            trunks?.branches[room]?.spotlight = nil
            try? media.setSpotlight(nil, in: hall.media)
        }
        let all = standing.layoutOfAll.map { roomLayout($0, standing.chosen, in: room) } ?? .forwarded
        if all != hall.layoutOfAll {
            trunks?.branches[room]?.layoutOfAll = all
            try? media.setLayout(all, in: hall.media)
        }
        guard seat.call.trunk == nil else { return }
        let own = standing.layout ?? (standing.layoutOfAll == nil ? seat.wantedLayout : nil)
        let layout = own.map { roomLayout($0, standing.chosen, in: room) }
        guard layout != seat.shownLayout else { return }
        trunks?.branches[room]?.seats[participant]?.shownLayout = layout
        try? media.setLayout(layout, for: leg)
    }

    private func roomLayout(_ layout: Layout, _ chosen: [PointID], in room: RoomID) -> RoomLayout {
        switch layout {
        case .speaker: return .forwarded
        case .gallery: return .gallery(.precedence)
        case .galleryByActivity: return .gallery(.activity)
        case .speakerAndStrip: return .speakerAndStrip(.activity)
        case .contentAndSpeaker: return .contentAndSpeaker
        case .chair:
            let legs = chosen.flatMap { trunks?.branches[room]?.legs(of: $0) ?? [] }
            return legs.isEmpty ? .forwarded : .chosen(legs)
        }
    }

    /// Tells composed pictures what to say.
    func captionBranch(_ room: RoomID) {
        guard let hall = trunks?.branches[room] else { return }
        let places = Dictionary(
            zip(conference.register.points.map(\.id), conference.register.points.indices)
        ) { first, _ in first }
        let seated = hall.seats.compactMap { participant, seat -> (LegID, BranchHall.Seat, TrunkStanding)? in
            guard let leg = seat.leg, let standing = hall.rules.standing(of: participant), standing.place == .hall
            else { return nil }
            return (leg, seat, standing)
        }
        var captions = RoomCaptions()
        captions.names = Dictionary(
            seated.map { ($0.0, conference.register.point($0.1.point)?.name ?? $0.1.point.rawValue) }
        ) { first, _ in first }
        captions.order = seated.sorted {
            (places[$0.1.point] ?? .max, $0.0.rawValue) < (places[$1.1.point] ?? .max, $1.0.rawValue)
        }.map(\.0)
        captions.message = seated.first { !$0.2.line.isEmpty }?.2.line ?? ""
        captions.recordingMark = seated.contains { $0.2.isRecorded } ? "GHI" : ""
        captions.marked = Set(
            seated.filter { $0.2.isMarked && $0.1.call.trunk == nil && !$0.1.call.transport.isWebSocket }.map(\.0))
        guard captions != hall.captions else { return }
        trunks?.branches[room]?.captions = captions
        try? media.setCaptions(captions, in: hall.media)
    }

    // MARK: What points of a branch want

    /// The branch in which a call of a point's sits, and the call by which it is brought to the home.
    private func branchSeat(_ call: CallID) -> (room: RoomID, seat: BranchHall.Seat)? {
        guard let room = trunks?.branchOf[call], let seat = trunks?.branches[room]?.seats[ParticipantID(call)],
            seat.call.trunk == nil
        else { return nil }
        return (room, seat)
    }

    /// Whether a call is one of a branch, whose wishes the home hears, or none.
    func isOfBranch(_ call: CallID) -> Bool { trunks?.branchOf[call] != nil || trunks?.carriers[call] != nil }

    func branchHand(_ call: CallID, _ isRaised: Bool) async {
        guard let projection = branchSeat(call)?.seat.projection else { return }
        await calls?.forward(hand: isRaised, in: projection)
    }

    func branchDigit(_ call: CallID, _ digit: Character) async {
        guard let projection = branchSeat(call)?.seat.projection else { return }
        await calls?.order(TrunkOrder.key(digit).text, in: projection)
    }

    func branchLayout(_ call: CallID, _ layout: Layout) {
        guard let (room, _) = branchSeat(call), let hall = trunks?.branches[room] else { return }
        let participant = ParticipantID(call)
        trunks?.branches[room]?.seats[participant]?.wantedLayout = layout
        if let standing = hall.rules.standing(of: participant) { place(participant, standing, in: room) }
    }

    func branchPanes(_ call: CallID, _ wish: PaneWish) {
        guard let (room, _) = branchSeat(call) else { return }
        trunks?.branches[room]?.seats[ParticipantID(call)]?.paneWish = wish
        fillBranchPanes(in: room)
    }

    func fillBranchPanes(in room: RoomID) {
        guard let hall = trunks?.branches[room] else { return }
        for seat in hall.seats.values {
            guard let wish = seat.paneWish, let panes = seat.media?.panes, let leg = seat.leg else { continue }
            let subjects = panes.map { pane in
                wish.subjects[pane.identification].flatMap { name in accounts.withLock { $0.point(of: name) } }
                    .flatMap { hall.legs(of: $0).last }
            }
            try? media.setPanes(PaneUse(wish.use), subjects, of: leg)
        }
    }

    /// A text of a branch's point for its room.
    /// - Returns: what came of it; nil where the point sits in no branch of that room.
    func branchMessage(_ message: RoomMessage, from point: PointID) async -> MessageOutcome? {
        guard let hall = trunks?.branches[RoomID(message.room)] else { return nil }
        let seat = hall.seats.values.first { $0.point == point && $0.call.trunk == nil }
        guard let projection = seat?.projection else { return .refused(code: 480, reason: "The room has no home now") }
        let name = conference.register.point(point)?.name ?? point.rawValue
        await calls?.relay(
            RelayedMessage(name: name, username: message.username, text: message.text), to: [projection])
        return .taken
    }

    /// Whether the media plane's event was of a branch, or of a leg that carries another.
    func hearBranch(_ event: MediaEvent) async -> Bool {
        guard let desk = trunks else { return false }
        switch event {
        case .speakerChanged(let room, _): return desk.branches.values.contains { $0.media == room }
        case .presenterChanged(let room, let leg):
            guard desk.branches.values.contains(where: { $0.media == room }) else { return false }
            await calls?.presented(by: leg, in: room)
            return true
        case .legHeard(let leg), .streamHeard(let leg, _), .digit(let leg, _), .soundWell(let leg, _),
            .soundTrouble(let leg, _):
            return isOfBranch(leg)
        case .legSilent(let leg), .keysRefused(let leg, _):
            guard let call = branchCall(of: leg) else { return isOfBranch(leg) }
            await calls?.hangUp(call, reason: "no media")
            return true
        case .clipEnded(let clip, let leg?, let end):
            guard let call = branchCall(of: leg), let room = desk.branchOf[call] else { return isOfBranch(leg) }
            let participant = ParticipantID(call)
            guard let seat = desk.branches[room]?.seats[participant], let saying = seat.saying, saying.clip == clip
            else { return true }
            trunks?.branches[room]?.seats[participant]?.saying = nil
            if end == .played, let projection = seat.projection {
                await calls?.order(TrunkOrder.heard(saying.keys).text, in: projection)
            }
            seat.farewell?.cancel()
            return true
        case .clipEnded, .tapOverflow: return false
        }
    }

    private func branchCall(of leg: LegID) -> CallID? {
        for hall in trunks?.branches ?? [:] {
            if let seat = hall.value.seats.first(where: { $0.value.leg == leg }) {
                return CallID(rawValue: seat.key.rawValue)
            }
        }
        return nil
    }

    private func isOfBranch(_ leg: LegID) -> Bool {
        branchCall(of: leg) != nil || trunks?.carriers.values.contains { $0.leg == leg } == true
    }

    // MARK: The end

    private func closeBranch(_ room: RoomID) {
        guard let hall = trunks?.branches.removeValue(forKey: room) else { return }
        logger.info("the branch of room \(room) is over")
        for place in hall.places.values { media.closeRoom(place) }
        media.closeRoom(hall.media)
    }

    /// This bridge leads the room now: the branch's points go into its meeting, and their calls stay up.
    private func adopt(_ participants: [ParticipantID], of room: RoomID) async {
        guard let hall = trunks?.branches.removeValue(forKey: room) else { return }
        logger.notice("this bridge leads room \(room) now: \(participants.count) points of its branch go on")
        for participant in participants {
            guard let seat = hall.seats[participant], let leg = seat.reservation, let agreed = seat.media else {
                continue
            }
            trunks?.branchOf[seat.call.id] = nil
            adopted = hall.media
            let answer = await enter(
                seat.call, seat.point, .arrive(participant: participant, point: seat.point, room: room))
            adopted = nil
            guard case .admit = answer else {
                await calls?.hangUp(seat.call.id, reason: "not admitted")
                continue
            }
            self.seat(participant, leg, agreed)
            await fan(participant, agreed)
        }
        // Those that others brought end with their calls.
        for place in hall.places.values { media.closeRoom(place) }
        if !halls.values.contains(where: { $0.room == hall.media }) { media.closeRoom(hall.media) }
    }
}
