import ConferenceInfo
import ICE
import Logging
import LogSubjects
import MediaPlane
import NIOCore
import SDP
import SIP
import SRTP

/// Ties calls to descriptions and legs: asks the host, reserves a leg, negotiates, and answers. What a call wants is done in
/// the order in which it was wanted; different calls do not wait for each other.
actor CallDesk {
    private let host: any SignallingHost
    private let legs: any LegControl
    /// What is agreed to on a listener that bears media in the clear, and on one that does not.
    private let clearCapabilities: MediaCapabilities
    private let secureCapabilities: MediaCapabilities
    private let logger: SubjectLogger
    private let thread: ControlThread
    /// Carries an answer back to the user agent core, which lives on the same thread.
    private let reply: @Sendable (CallReply) -> Void

    /// A call that has a leg.
    private struct Seat {
        let point: FloorUserName
        let room: MediaRoomID
        var reservation: LegReservation
        /// The point has a place in the room's floor control.
        var floor: FloorTicket?
        var capabilities: MediaCapabilities
        var local: LocalMedia
        /// By which the bridge sends what the point shows in panes of its own.
        var panes: [StreamSources] = []
        /// The description that the bridge sent last.
        var description: SessionDescription
        /// What the point sent last.
        var remote: SessionDescription?
        /// What was in force before an offer of the bridge's that is not answered yet.
        var before: (local: SessionDescription, remote: SessionDescription)?
        /// Goes to a point that it calls where that does not accept the description above.
        var lesserOffer: SessionDescription?
        /// The bridge offered in it, and waits for the answer.
        var awaitsAnswer: Bool
        /// Whose streams the leg carries to another bridge.
        var carried: LegID?
        var streams: CarriedStreams?
        /// They have changed since the offer that waits for its answer.
        var mustOfferAgain = false
    }
    private var seats: [CallID: Seat] = [:]
    private var work: [CallID: Task<Void, Never>] = [:]
    private let floors: FloorDesk?
    private let fingerprint: SDP.DTLSFingerprint?
    /// Where media would go, to see whether an offer can come to something.
    private let nowhere: LocalMedia

    init(
        host: any SignallingHost, legs: any LegControl, suites: [CryptoSuite], floors: FloorDesk?,
        thread: ControlThread, logger: Logger,
        reply: @escaping @Sendable (CallReply) -> Void
    ) {
        self.host = host
        self.legs = legs
        self.floors = floors
        fingerprint = SDP.DTLSFingerprint(parsing: legs.fingerprint)
        let discard = LocalStream(address: "127.0.0.1", port: 9)
        var nowhere = LocalMedia(
            sessionID: 1, address: discard.address, audio: discard, video: discard, slides: discard)
        Self.equip(&nowhere, fingerprint)
        self.nowhere = nowhere
        clearCapabilities = .bridge(suites: suites, allowsClear: true)
        secureCapabilities = .bridge(suites: suites, allowsClear: false)
        self.thread = thread
        self.logger = SubjectLogger(logger)
        self.reply = reply
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    enum Wish: Sendable {
        case enter(PointCall, offer: [UInt8]?, allowsClear: Bool)
        case dial(OutgoingCall, in: MediaRoomID, allowsClear: Bool)
        case project(TrunkCall, in: MediaRoomID)
        case carry(CarriedStreams)
        case ordered(String)
        case texted(RelayedMessage)
        case progressed(UInt16)
        case transferEnded(UInt16)
        case answered(PointCall, answer: [UInt8], to: [UInt8])
        case acknowledged(answer: [UInt8]?)
        case change(offer: [UInt8]?)
        case changeAnswered([UInt8]?)
        case keyframe
        case digit(Character)
        case hand(isRaised: Bool)
        case layout(String)
        case panes(PaneWish)
        case ended(CallEndReason)
    }

    /// Takes a message to a room; returns at once.
    func take(_ message: RoomMessage, _ id: ServerTransactionID) {
        thread.begin { [reply, host] in reply(.answerMessage(id, await host.message(message))) }
    }

    /// Asks whether somebody may watch a room, and how that stands; returns at once.
    func take(watch id: SubscriptionID, of room: String, by username: String) {
        thread.begin { [reply, host] in reply(.answerWatch(id, await host.watch(room, by: username))) }
    }

    func registered(_ username: String) { host.registered(username) }

    func unwatched(_ room: String) {
        thread.begin { [host] in await host.unwatched(room) }
    }

    func take(_ referral: Referral) {
        thread.begin { [host] in await host.referred(referral) }
    }

    /// Takes a wish of a call; returns at once.
    func take(_ wish: Wish, of call: CallID) {
        let before = work[call]
        work[call] = thread.begin {
            await before?.value
            await self.fulfil(wish, of: call)
        }
    }

    private func fulfil(_ wish: Wish, of call: CallID) async {
        switch wish {
        case .enter(let incoming, let offer, let allowsClear):
            await enter(incoming, offer, allowsClear: allowsClear)
        case .dial(let outgoing, let room, let allowsClear): await dial(outgoing, in: room, allowsClear: allowsClear)
        case .project(let trunk, let room): await project(trunk, in: room)
        case .carry(let streams): await carry(streams, in: call)
        case .ordered(let text): await host.trunkOrdered(call, text)
        case .texted(let message): await host.trunkTexted(call, message)
        case .progressed(let status): await host.callProgresses(call, status: status)
        case .answered(let point, let answer, let offer): await answered(point, answer, to: offer)
        case .transferEnded(let status): await host.transferEnded(call, status: status)
        case .acknowledged(let answer): if let answer { await settle(call, answer: answer) }
        case .change(let offer): await change(call, offer)
        case .changeAnswered(let answer): if let answer { await settle(call, answer: answer) }
        case .digit(let digit): await host.digitPressed(call, digit)
        case .hand(let isRaised): await host.handMoved(call, isRaised: isRaised)
        case .layout(let name): await host.layoutWanted(call, name)
        case .panes(let wish): await host.panesWanted(call, wish)
        case .keyframe: if let leg = seats[call]?.reservation.id { await legs.requestKeyframe(leg) }
        case .ended(let reason):
            await leave(call, reason)
            work[call] = nil
        }
    }

    // MARK: Coming in

    private func enter(_ call: PointCall, _ offer: [UInt8]?, allowsClear isClearListener: Bool) async {
        // What bridges bring each other is always under keys.
        let allowsClear = isClearListener && call.trunk == nil
        let description: SessionDescription?
        do {
            description = try offer.map { try SessionDescription(parsing: $0) }
            // An offer that can come to nothing is refused before anybody opens a meeting for it.
            if let description {
                try OfferAnswer.rehearse(
                    offer: description,
                    with: capabilities(allowsClear: allowsClear, isBrowser: call.transport.isWebSocket),
                    local: nowhere)
            }
        } catch let error as SDPMalformed {
            return reply(.reject(call.id, 400, "\(error)"))
        } catch {
            return reply(.reject(call.id, 488, "\(error)"))
        }
        let room: MediaRoomID
        switch await host.admit(call) {
        case .refuse(let code, let reason): return reply(.reject(call.id, code, reason))
        case .admit(let admitted): room = admitted
        }
        do {
            let reservation = try await legs.reserveLeg(in: room, withVideo: description?.offersVideo ?? true)
            do {
                try await seat(call, in: room, reservation, description, allowsClear: allowsClear)
            } catch {
                await legs.removeLeg(reservation.id)
                throw error
            }
        } catch let error as NegotiationError {
            await refuse(call, 488, "\(error)", .refused(code: 488, reason: "\(error)"))
        } catch {
            logger.about(room: call.room).error("\(call.id): no media for \(point: call.username): \(error)")
            await refuse(call, 503, "No media can be had", .mediaFailed("\(error)"))
        }
    }

    private func capabilities(allowsClear: Bool, isBrowser: Bool = false) -> MediaCapabilities {
        let capabilities = allowsClear ? clearCapabilities : secureCapabilities
        return isBrowser ? capabilities.forBrowsers : capabilities
    }

    private func refuse(_ call: PointCall, _ code: UInt16, _ reason: String, _ end: CallEndReason) async {
        reply(.reject(call.id, code, reason))
        await host.callEnded(call.id, reason: end)
    }

    private func seat(
        _ call: PointCall, in room: MediaRoomID, _ reservation: LegReservation, _ offer: SessionDescription?,
        allowsClear: Bool
    ) async throws {
        guard let offer else {
            try self.offer(
                call.id, FloorUserName(call), in: room, reservation,
                capabilities(allowsClear: allowsClear, isBrowser: call.transport.isWebSocket))
            if let seat = seats[call.id] {
                reply(.accept(call.id, description: seat.description.octets))
            }
            return
        }
        var seat = Seat(
            point: FloorUserName(call), room: room, reservation: reservation,
            capabilities: capabilities(allowsClear: allowsClear, isBrowser: call.transport.isWebSocket),
            local: local(reservation),
            description: offer, awaitsAnswer: false)
        await furnish(&seat, for: offer, of: call.id)
        do {
            let negotiated = try OfferAnswer.answer(
                offer: offer, with: seat.capabilities, local: seat.local, makeKey: Self.makeKey(for:))
            try await take(negotiated, &seat, of: call.id, isNew: true)
        } catch {
            await floors?.dismiss(call.id, from: seat.room, seat.floor)
            throw error
        }
        // If the point gave up meanwhile, the wish that says so follows, and finds the seat.
        seats[call.id] = seat
        reply(.accept(call.id, description: seat.description.octets))
    }

    /// Has what an offer asks for beside sound: streams for the camera's picture and for slides, and a place in the room's
    /// floor control. Without, the offer's lines for them are turned down.
    private func furnish(_ seat: inout Seat, for offer: SessionDescription, of call: CallID) async {
        if seat.reservation.video == nil, offer.offersVideo {
            do {
                let video = try await legs.reserveVideo(seat.reservation.id)
                seat.reservation.video = video
                seat.local.video = LocalStream(video, .video, seat.reservation.videoSources)
            } catch {
                logger.warning("\(call): no ports for a picture: \(error)")
            }
        }
        if seat.local.slides == nil,
            offer.offersSlides(secondVideoIsSlides: seat.capabilities.takesSecondVideoAsSlides)
        {
            do {
                let slides = try await legs.reserveSlides(seat.reservation.id)
                seat.reservation.slides = slides
                seat.local.slides = LocalStream(slides.address, .slides, slides.sources)
            } catch {
                logger.warning("\(call): no ports for slides: \(error)")
            }
        }
        // They have the ports of what they are bundled with.
        while seat.panes.count < min(offer.panesOffered, seat.capabilities.maximumPanes), let video = seat.local.video {
            let sources = StreamSources.random()
            var pane = LocalStream(.init(host: video.address, port: video.port), .pane, sources)
            pane.direction = .sendOnly
            pane.source?.trackID = "pane\(seat.panes.count)"
            seat.panes.append(sources)
            seat.local.panes.append(pane)
        }
        if seat.floor == nil, offer.offersFloorControl, let floors {
            seat.floor = await floors.admit(call, seat.point, to: seat.room)
            if let ticket = seat.floor {
                seat.local.floorControl = await floors.local(ticket, address: seat.local.address)
            }
        }
    }

    /// Puts what was agreed into force.
    private func take(
        _ negotiated: Negotiated, _ seat: inout Seat, of call: CallID, isNew: Bool = false
    ) async throws {
        var media = try LegParameters(negotiated, panes: seat.panes)
        media.carried = seat.carried
        if isNew {
            try await legs.startLeg(seat.reservation.id, media)
        } else {
            try await legs.updateLeg(seat.reservation.id, media)
        }
        seat.description = negotiated.local
        seat.remote = negotiated.remote
        if seat.floor != nil { await floors?.move(call, seat.point, in: seat.room, to: negotiated.floorControl) }
        await host.mediaAgreed(call, leg: seat.reservation, media: media)
    }

    /// Takes a seat whose media the bridge offers; the answer settles it.
    private func offer(
        _ call: CallID, _ point: FloorUserName, in room: MediaRoomID, _ reservation: LegReservation,
        _ capabilities: MediaCapabilities
    ) throws {
        var local = local(reservation)
        var offering = capabilities
        if !capabilities.offersDTLS {
            offering = capabilities.forShortOffers
            local.audio?.source = nil
            local.video?.source = nil
        }
        let description = try OfferAnswer.makeOffer(with: offering, local: local, makeKey: Self.makeKey(for:))
        seats[call] = Seat(
            point: point, room: room, reservation: reservation, capabilities: capabilities, local: local,
            description: description, awaitsAnswer: true)
    }

    private func local(_ reservation: LegReservation) -> LocalMedia {
        var local = LocalMedia(
            sessionID: UInt64.random(in: 1...(1 << 62)), address: reservation.audio.host,
            audio: LocalStream(reservation.audio, .audio, reservation.audioSources),
            video: reservation.video.map { LocalStream($0, .video, reservation.videoSources) },
            sessionName: "causeway")
        equip(&local)
        return local
    }

    /// What a description of the bridge's says of ICE and DTLS, where that is asked for: the credentials are new each
    /// time, and used where ICE begins or begins again.
    private func equip(_ local: inout LocalMedia) { Self.equip(&local, fingerprint) }

    private static func equip(_ local: inout LocalMedia, _ fingerprint: SDP.DTLSFingerprint?) {
        local.dtls = fingerprint.map { LocalDTLS(fingerprints: [$0]) }
        var random = SystemRandomNumberGenerator()
        let fresh = ICE.ICECredentials.random(using: &random)
        local.ice = SDP.ICECredentials(usernameFragment: fresh.usernameFragment, password: fresh.password)
            .map { LocalICE(credentials: $0) }
    }

    // MARK: Calling a point

    private func dial(_ call: OutgoingCall, in room: MediaRoomID, allowsClear: Bool) async {
        do {
            let reservation = try await legs.reserveLeg(in: room, withVideo: true)
            do {
                // Keys are insisted on first, and are an invitation only to a point that refuses such an offer.
                let insists = !secureCapabilities.suites.isEmpty
                try offer(
                    call.id, FloorUserName(name: call.username, host: nil), in: room, reservation,
                    capabilities(allowsClear: allowsClear && !insists, isBrowser: call.isBrowser))
                if allowsClear, insists, !call.isBrowser, var seat = seats[call.id] {
                    seat.capabilities = clearCapabilities
                    seat.lesserOffer = seat.description.withPlainProfile
                    seats[call.id] = seat
                }
            } catch {
                await legs.removeLeg(reservation.id)
                throw error
            }
        } catch {
            logger.about(room: call.room).error(
                "\(call.id): no media to call \(point: call.username) with: \(error)")
            return await host.callEnded(call.id, reason: .mediaFailed("\(error)"))
        }
        if let seat = seats[call.id] {
            reply(.dial(call, descriptions: [seat.description, seat.lesserOffer].compactMap { $0?.octets }))
        }
    }

    /// The point answered: it comes in, if it may.
    private func answered(_ call: PointCall, _ answer: [UInt8], to offer: [UInt8]) async {
        if let lesser = seats[call.id]?.lesserOffer, lesser.octets == offer { seats[call.id]?.description = lesser }
        seats[call.id]?.lesserOffer = nil
        switch await host.admit(call) {
        case .refuse(let code, let reason): reply(.hangUp(call.id, .refused(code: code, reason: reason)))
        case .admit: await settle(call.id, answer: answer)
        }
    }

    // MARK: Calling another bridge

    private func project(_ trunk: TrunkCall, in room: MediaRoomID) async {
        do {
            let reservation = try await legs.reserveLeg(in: room, withVideo: true)
            do {
                var local = local(reservation)
                // Bridges reach each other by their addresses, and give their keys in the description.
                local.ice = nil
                local.dtls = nil
                var seat = Seat(
                    point: FloorUserName(name: TrunkAccount.username, host: nil), room: room, reservation: reservation,
                    capabilities: secureCapabilities.carrying(trunk.streams), local: local,
                    description: SessionDescription(
                        origin: SDPOrigin(
                            sessionID: "0", version: 0, address: SDPConnection(address: local.address))),
                    awaitsAnswer: true)
                seat.carried = trunk.leg
                try await fit(&seat, to: trunk.streams)
                seat.description = try OfferAnswer.makeOffer(
                    with: seat.capabilities, local: seat.local, makeKey: Self.makeKey(for:))
                seats[trunk.id] = seat
                reply(.project(trunk, description: seat.description.octets))
            } catch {
                await legs.removeLeg(reservation.id)
                throw error
            }
        } catch {
            logger.error(
                "\(trunk.id): no media to bring \(point: trunk.subject.point) to another bridge with: \(error)")
            await host.callEnded(trunk.id, reason: .mediaFailed("\(error)"))
        }
    }

    /// Has the local media of a seat be what is carried, one way.
    private func fit(_ seat: inout Seat, to streams: CarriedStreams) async throws {
        func fitted(_ stream: LocalStream?, to carried: CarriedStreams.Stream?) -> LocalStream? {
            guard var stream, let carried else { return nil }
            stream.source = nil
            stream.direction = carried.isOn ? .sendOnly : .inactive
            return stream
        }
        let fresh = local(seat.reservation)
        seat.streams = streams
        seat.capabilities = secureCapabilities.carrying(streams)
        seat.local.audio = fitted(fresh.audio, to: streams.audio)
        seat.local.video = fitted(fresh.video, to: streams.video)
        if streams.slides != nil, seat.reservation.slides == nil {
            seat.reservation.slides = try await legs.reserveSlides(seat.reservation.id)
        }
        seat.local.slides = fitted(
            seat.reservation.slides.map { LocalStream($0.address, .slides, $0.sources) }, to: streams.slides)
    }

    /// What a trunk's call carries has changed.
    private func carry(_ streams: CarriedStreams, in call: CallID) async {
        guard let seat = seats[call], let before = seat.streams, before != streams else { return }
        guard streams.isWithinReach(of: before) else {
            return reply(.hangUp(call, .localHangUp("other codecs are carried from now on")))
        }
        guard !seat.awaitsAnswer else {
            seats[call]?.streams = streams
            seats[call]?.mustOfferAgain = true
            return
        }
        await offer(streams, in: call)
    }

    private func offer(_ streams: CarriedStreams, in call: CallID) async {
        guard var seat = seats[call] else { return }
        do {
            try await fit(&seat, to: streams)
            let before = seat.description
            seat.description = try OfferAnswer.makeOffer(
                with: seat.capabilities, local: seat.local, previous: before, previousRemote: seat.remote,
                addingSlides: true, makeKey: Self.makeKey(for:))
            seat.before = seat.remote.map { (before, $0) }
            seat.awaitsAnswer = true
            seats[call] = seat
            reply(.reoffer(call, description: seat.description.octets))
        } catch {
            reply(.hangUp(call, .localHangUp("what it carries cannot be offered anew: \(error)")))
        }
    }

    // MARK: While it lasts

    /// The answer to an offer of the bridge's came in an ACK.
    private func settle(_ call: CallID, answer: [UInt8]) async {
        guard var seat = seats[call], seat.awaitsAnswer else { return }
        do {
            let negotiated = try OfferAnswer.accept(
                answer: SessionDescription(parsing: answer), to: seat.description, with: seat.capabilities,
                previous: seat.before?.local, previousRemote: seat.before?.remote)
            seat.before = nil
            seat.awaitsAnswer = false
            try await take(negotiated, &seat, of: call)
            let offersAgain = seat.mustOfferAgain
            seat.mustOfferAgain = false
            seats[call] = seat
            if offersAgain, let streams = seat.streams { await offer(streams, in: call) }
        } catch {
            logger.notice("\(call): the answer cannot be used: \(error)")
            reply(.hangUp(call, .refused(code: 488, reason: "\(error)")))
        }
    }

    private func change(_ call: CallID, _ offer: [UInt8]?) async {
        guard var seat = seats[call] else { return reply(.refuseChange(call, 481, "")) }
        equip(&seat.local)
        do {
            if let offer {
                let offer = try SessionDescription(parsing: offer)
                await furnish(&seat, for: offer, of: call)
                seats[call] = seat
                let negotiated = try OfferAnswer.answer(
                    offer: offer, with: seat.capabilities, local: seat.local, previous: seat.description,
                    previousRemote: seat.remote, makeKey: Self.makeKey(for:))
                try await take(negotiated, &seat, of: call)
            } else {
                let before = seat.description
                seat.description = try OfferAnswer.makeOffer(
                    with: seat.capabilities, local: seat.local, previous: before, previousRemote: seat.remote,
                    makeKey: Self.makeKey(for:))
                seat.before = seat.remote.map { (before, $0) }
                seat.awaitsAnswer = true
            }
            seats[call] = seat
            reply(.answerChange(call, description: seat.description.octets))
        } catch let error as SDPMalformed {
            reply(.refuseChange(call, 400, "\(error)"))
        } catch {
            reply(.refuseChange(call, 488, "\(error)"))
        }
    }

    // MARK: Going out

    private func leave(_ call: CallID, _ reason: CallEndReason) async {
        guard let seat = seats.removeValue(forKey: call) else { return }
        await floors?.dismiss(call, from: seat.room, seat.floor)
        await legs.removeLeg(seat.reservation.id)
        await host.callEnded(call, reason: reason)
    }

    /// Who presents in a room is as its floor has it.
    func presents(_ call: CallID?, in room: MediaRoomID) {
        let leg = call.flatMap { seats[$0]?.reservation.id }
        Task { await legs.setPresenter(leg, in: room) }
    }

    /// Whose slides all see, by what the media plane sees.
    func presented(by leg: LegID?, in room: MediaRoomID) async {
        let presenter = leg.flatMap { leg in seats.first { $0.value.reservation.id == leg } }
        await floors?.presents(presenter?.key, presenter?.value.point, in: room)
    }

    var legOfCall: [CallID: LegID] { seats.mapValues(\.reservation.id) }

    private static func makeKey(for suite: CryptoSuite) -> [UInt8] {
        randomOctets(suite.keyAndSaltLength)
    }
}

extension SessionDescription {
    fileprivate var octets: [UInt8] { Array(serialized.utf8) }
}

extension StreamRole {
    /// As a description names the track.
    fileprivate var word: String {
        switch self {
        case .audio: "audio"
        case .video: "video"
        case .slides: "slides"
        case .pane: "pane"
        }
    }
}

extension LocalStream {
    fileprivate init(_ address: MediaAddress, _ role: StreamRole, _ sources: StreamSources) {
        self.init(address: address.host, port: address.port)
        // Sound and camera play together.
        source = LocalSource(
            ssrc: sources.media, retransmissionSSRC: role == .audio ? nil : sources.retransmission, cname: "causeway",
            streamID: role == .slides || role == .pane ? role.word : "meeting", trackID: role.word)
    }
}

/// What the desk has the user agent core do.
enum CallReply: Sendable {
    case accept(CallID, description: [UInt8])
    case dial(OutgoingCall, descriptions: [[UInt8]])
    case project(TrunkCall, description: [UInt8])
    /// A new offer in a trunk's call.
    case reoffer(CallID, description: [UInt8])
    case reject(CallID, UInt16, String)
    case answerChange(CallID, description: [UInt8])
    case refuseChange(CallID, UInt16, String)
    case answerMessage(ServerTransactionID, MessageOutcome)
    case answerWatch(SubscriptionID, ConferenceInfo?)
    case hangUp(CallID, CallEndReason)
}
