import Logging
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
    private let suites: [CryptoSuite]
    private let logger: Logger
    private let thread: ControlThread
    /// Carries an answer back to the user agent core, which lives on the same thread.
    private let reply: @Sendable (CallReply) -> Void

    /// A call that has a leg.
    private struct Seat {
        var reservation: LegReservation
        var capabilities: MediaCapabilities
        var local: LocalMedia
        /// The description that the bridge sent last.
        var description: SessionDescription
        /// The bridge offered in it, and waits for the answer.
        var awaitsAnswer: Bool
    }
    private var seats: [CallID: Seat] = [:]
    private var work: [CallID: Task<Void, Never>] = [:]

    init(
        host: any SignallingHost, legs: any LegControl, suites: [CryptoSuite], thread: ControlThread, logger: Logger,
        reply: @escaping @Sendable (CallReply) -> Void
    ) {
        self.host = host
        self.legs = legs
        self.suites = suites
        self.thread = thread
        self.logger = logger
        self.reply = reply
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.executor }

    enum Wish: Sendable {
        case enter(IncomingCall, offer: [UInt8]?, allowsClear: Bool)
        case acknowledged(answer: [UInt8]?)
        case change(offer: [UInt8]?)
        case changeAnswered([UInt8]?)
        case keyframe
        case digit(Character)
        case ended(CallEndReason)
    }

    /// Takes a message to a room; returns at once.
    func take(_ message: RoomMessage, _ id: ServerTransactionID) {
        Task { reply(.answerMessage(id, await host.message(message))) }
    }

    /// Takes a wish of a call; returns at once.
    func take(_ wish: Wish, of call: CallID) {
        let before = work[call]
        work[call] = Task {
            await before?.value
            await self.fulfil(wish, of: call)
        }
    }

    private func fulfil(_ wish: Wish, of call: CallID) async {
        switch wish {
        case .enter(let incoming, let offer, let allowsClear):
            await enter(incoming, offer, allowsClear: allowsClear)
        case .acknowledged(let answer): if let answer { await settle(call, answer: answer) }
        case .change(let offer): await change(call, offer)
        case .changeAnswered(let answer): if let answer { await settle(call, answer: answer) }
        case .digit(let digit): await host.digitPressed(call, digit)
        case .keyframe: if let leg = seats[call]?.reservation.id { await legs.requestKeyframe(leg) }
        case .ended(let reason):
            await leave(call, reason)
            work[call] = nil
        }
    }

    // MARK: Coming in

    private func enter(_ call: IncomingCall, _ offer: [UInt8]?, allowsClear: Bool) async {
        let description: SessionDescription?
        do {
            description = try offer.map { try SessionDescription(parsing: $0) }
            // An offer that can come to nothing is refused before anybody opens a meeting for it.
            if let description { try rehearse(description, allowsClear: allowsClear) }
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
            var reservation = try await legs.reserveLeg(in: room)
            do {
                // Ours asks for slides where the capabilities do.
                let ours = MediaCapabilities.bridge(suites: suites, allowsClear: allowsClear)
                if description?.offersSlides ?? ours.offersSlides {
                    reservation.slides = try await legs.reserveSlides(reservation.id)
                }
                try await seat(call, in: reservation, description, allowsClear: allowsClear)
            } catch {
                await legs.removeLeg(reservation.id)
                throw error
            }
        } catch let error as NegotiationError {
            await refuse(call, 488, "\(error)", .refused(code: 488, reason: "\(error)"))
        } catch {
            logger.error("\(call.id): no media for \(call.username): \(error)")
            await refuse(call, 503, "No media can be had", .mediaFailed("\(error)"))
        }
    }

    private func rehearse(_ offer: SessionDescription, allowsClear: Bool) throws {
        let nowhere = LocalStream(address: "127.0.0.1", port: 9)
        _ = try OfferAnswer.answer(
            offer: offer, with: .bridge(suites: suites, allowsClear: allowsClear),
            local: LocalMedia(
                sessionID: 1, address: nowhere.address, audio: nowhere, video: nowhere, slides: nowhere),
            makeKey: { [UInt8](repeating: 0, count: $0.keyAndSaltLength) })
    }

    private func refuse(_ call: IncomingCall, _ code: UInt16, _ reason: String, _ end: CallEndReason) async {
        reply(.reject(call.id, code, reason))
        await host.callEnded(call.id, reason: end)
    }

    private func seat(
        _ call: IncomingCall, in reservation: LegReservation, _ offer: SessionDescription?, allowsClear: Bool
    ) async throws {
        let capabilities = MediaCapabilities.bridge(suites: suites, allowsClear: allowsClear)
        let local = LocalMedia(
            sessionID: UInt64.random(in: 1...(1 << 62)), address: reservation.audio.host,
            audio: LocalStream(address: reservation.audio.host, port: reservation.audio.port),
            video: LocalStream(address: reservation.video.host, port: reservation.video.port),
            slides: reservation.slides.map(LocalStream.init), sessionName: "causeway")
        var seat: Seat
        if let offer {
            let negotiated = try OfferAnswer.answer(
                offer: offer, with: capabilities, local: local, makeKey: Self.makeKey(for:))
            let media = try LegParameters(negotiated)
            try await legs.startLeg(reservation.id, media)
            seat = Seat(
                reservation: reservation, capabilities: capabilities, local: local, description: negotiated.local,
                awaitsAnswer: false)
            await host.mediaAgreed(call.id, leg: reservation, media: media)
        } else {
            let description = try OfferAnswer.makeOffer(with: capabilities, local: local, makeKey: Self.makeKey(for:))
            seat = Seat(
                reservation: reservation, capabilities: capabilities, local: local, description: description,
                awaitsAnswer: true)
        }
        // If the point gave up meanwhile, the wish that says so follows, and finds the seat.
        seats[call.id] = seat
        reply(.accept(call.id, description: Array(seat.description.serialized.utf8)))
    }

    // MARK: While it lasts

    /// The answer to an offer of the bridge's came in an ACK.
    private func settle(_ call: CallID, answer: [UInt8]) async {
        guard var seat = seats[call], seat.awaitsAnswer else { return }
        do {
            let negotiated = try OfferAnswer.accept(
                answer: SessionDescription(parsing: answer), to: seat.description, with: seat.capabilities)
            let media = try LegParameters(negotiated)
            try await legs.updateLeg(seat.reservation.id, media)
            seat.awaitsAnswer = false
            seats[call] = seat
            await host.mediaAgreed(call, leg: seat.reservation, media: media)
        } catch {
            logger.notice("\(call): the answer cannot be used: \(error)")
            reply(.hangUp(call, .refused(code: 488, reason: "\(error)")))
        }
    }

    private func change(_ call: CallID, _ offer: [UInt8]?) async {
        guard var seat = seats[call] else { return reply(.refuseChange(call, 481, "")) }
        do {
            if let offer {
                let offered = try SessionDescription(parsing: offer)
                if offered.offersSlides, seat.reservation.slides == nil {
                    // Some systems add the stream only when somebody presents.
                    let slides = try await legs.reserveSlides(seat.reservation.id)
                    seat.reservation.slides = slides
                    seat.local.slides = LocalStream(slides)
                    seats[call] = seat
                }
                let negotiated = try OfferAnswer.answer(
                    offer: offered, with: seat.capabilities, local: seat.local,
                    previous: seat.description, makeKey: Self.makeKey(for:))
                let media = try LegParameters(negotiated)
                try await legs.updateLeg(seat.reservation.id, media)
                seat.description = negotiated.local
                await host.mediaAgreed(call, leg: seat.reservation, media: media)
            } else {
                seat.description = try OfferAnswer.makeOffer(
                    with: seat.capabilities, local: seat.local, previous: seat.description, makeKey: Self.makeKey(for:))
                seat.awaitsAnswer = true
            }
            seats[call] = seat
            reply(.answerChange(call, description: Array(seat.description.serialized.utf8)))
        } catch let error as SDPMalformed {
            reply(.refuseChange(call, 400, "\(error)"))
        } catch {
            reply(.refuseChange(call, 488, "\(error)"))
        }
    }

    // MARK: Going out

    private func leave(_ call: CallID, _ reason: CallEndReason) async {
        guard let seat = seats.removeValue(forKey: call) else { return }
        await legs.removeLeg(seat.reservation.id)
        await host.callEnded(call, reason: reason)
    }

    var legOfCall: [CallID: LegID] { seats.mapValues(\.reservation.id) }

    private static func makeKey(for suite: CryptoSuite) -> [UInt8] {
        randomOctets(suite.keyAndSaltLength)
    }
}

extension LocalStream {
    fileprivate init(_ slides: SlidesReservation) { self.init(address: slides.address.host, port: slides.address.port) }
}

/// What the desk has the user agent core do.
enum CallReply: Sendable {
    case accept(CallID, description: [UInt8])
    case reject(CallID, UInt16, String)
    case answerChange(CallID, description: [UInt8])
    case refuseChange(CallID, UInt16, String)
    case answerMessage(ServerTransactionID, MessageOutcome)
    case hangUp(CallID, CallEndReason)
}
