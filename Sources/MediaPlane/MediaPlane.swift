public import DTLS
import Dispatch
import Glibc
public import SRTP
import Synchronization

/// Where and how the media plane listens.
public struct MediaPlaneConfiguration: Sendable {
    /// The local address that sockets bind.
    public var bindAddress: String
    /// The address written into SDP, where it differs from the bound one.
    public var advertisedAddress: String
    /// UDP ports for media; each stream takes an even port and the one above it.
    public var ports: ClosedRange<UInt16>
    /// Media worker threads; 0 means one a core.
    public var workers: Int
    public var srtpEngine: SRTPEngineChoice
    /// What is agreed on where keys come by DTLS, the best first.
    public var handshakeSuites: [SRTPSuite] = [
        .aeadAES128GCM, .aeadAES256GCM, .aes128CMSHA1_80, .aes128CMSHA1_32,
    ]
    /// A leg from which nothing authentic came for this long is reported silent.
    public var silenceLimit: Duration
    /// DSCP of sent sound and pictures; 46 is expedited forwarding (RFC 3246), 34 is AF41 (RFC 8837 §5).
    public var audioDSCP: UInt8
    public var videoDSCP: UInt8
    /// Legs of one room whose packets its own worker sends; those of further legs are sent by the others.
    public var legsBeforeFanOut: Int
    /// Of the workers' threads, where the system allows it: 1 to 99 (SCHED_RR); 0 for none.
    public var realTimePriority = 0

    public init(
        bindAddress: String, advertisedAddress: String? = nil, ports: ClosedRange<UInt16> = 20_000...29_999,
        workers: Int = 0, srtpEngine: SRTPEngineChoice = .automatic, silenceLimit: Duration = .seconds(30),
        audioDSCP: UInt8 = 46, videoDSCP: UInt8 = 34, legsBeforeFanOut: Int = 150
    ) {
        self.bindAddress = bindAddress
        self.advertisedAddress = advertisedAddress ?? bindAddress
        self.ports = ports
        self.workers = workers
        self.srtpEngine = srtpEngine
        self.silenceLimit = silenceLimit
        self.audioDSCP = audioDSCP
        self.videoDSCP = videoDSCP
        self.legsBeforeFanOut = legsBeforeFanOut
    }
}

/// The packet path's face towards control: rooms and legs are opened, changed and closed by commands to the media
/// workers, and what happens in them comes back as events.
public final class MediaPlane: Sendable {
    /// What the workers report, in order. One consumer.
    public let events: AsyncStream<MediaEvent>

    private struct Seat {
        /// On which the leg lives.
        var worker: Int
        /// Which sends its packets.
        var sender: Int
        var room: MediaRoomID
    }
    private struct Place {
        var worker: Int
        /// Beside which it is: streams of both are numbered together.
        var mainRoom: MediaRoomID?
        var nextTrack: UInt16 = 0
        /// Legs whose packets the room's own worker sends.
        var legsAtHome = 0
    }
    private struct Way: Hashable { var from, to: Int }
    private struct Directory {
        var nextRoom: UInt32 = 1
        var nextLeg: UInt32 = 1
        var nextPlayback: UInt64 = 1
        var rooms: [MediaRoomID: Place] = [:]
        var legs: [LegID: Seat] = [:]
        /// Legs whose packets each worker sends.
        var legsOfWorker: [Int]
        var fanOuts: [Way: FanOutRing] = [:]
    }

    private let configuration: MediaPlaneConfiguration
    private let workers: [WorkerThread]
    private let keys: KeyAgreement
    private let ports: PortAllocator
    private let directory: Mutex<Directory>
    private let isRunning = Atomic(true)
    private let continuation: AsyncStream<MediaEvent>.Continuation

    /// Starts the workers. Throws when an address is not numeric or the SRTP engine cannot run here.
    public init(_ configuration: MediaPlaneConfiguration) throws(MediaPlaneError) {
        self.configuration = configuration
        for address in [configuration.bindAddress, configuration.advertisedAddress] {
            guard Self.isNumericAddress(address) else { throw .badAddress(address) }
        }
        ports = try PortAllocator(host: configuration.bindAddress, ports: configuration.ports)
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4096))
        keys = try KeyAgreement(suites: configuration.handshakeSuites) { [continuation] leg, failure in
            continuation.yield(.keysRefused(leg, reason: "\(failure)"))
        }
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        var workers: [WorkerThread] = []
        for index in 0..<(configuration.workers == 0 ? cores : configuration.workers) {
            workers.append(
                try WorkerThread(
                    index: index, core: index % cores,
                    realTimePriority: Int32(clamping: configuration.realTimePriority), engine: configuration.srtpEngine,
                    keys: keys,
                    silenceLimit: configuration.silenceLimit, events: continuation))
        }
        self.workers = workers
        directory = Mutex(Directory(legsOfWorker: Array(repeating: 0, count: workers.count)))
    }

    /// Of the certificate by which peers know the bridge in handshakes, for descriptions.
    public var fingerprint: DTLSFingerprint { keys.fingerprint }

    /// Opens a room on the least loaded worker. Where `tap` is given, every authenticated packet is copied into it.
    /// Legs begin muted in it where `mutesNewcomers` says so.
    public func openRoom(tap: TapRing? = nil, mutesNewcomers: Bool = false) -> MediaRoomID {
        let (id, worker) = directory.withLock { directory in
            let id = MediaRoomID(rawValue: directory.nextRoom)
            directory.nextRoom &+= 1
            let legs = directory.legsOfWorker
            var rooms = Array(repeating: 0, count: legs.count)
            for room in directory.rooms.values { rooms[room.worker] += 1 }
            let worker = legs.indices.min { (legs[$0], rooms[$0]) < (legs[$1], rooms[$1]) } ?? 0
            directory.rooms[id] = Place(worker: worker)
            return (id, worker)
        }
        workers[worker].mailbox.post(.openRoom(id, tap: tap, mutesNewcomers: mutesNewcomers))
        return id
    }

    /// Opens a room to and from which legs of `room` can be moved. It is to be closed before that.
    public func openRoom(beside room: MediaRoomID, mutesNewcomers: Bool = false) throws(MediaPlaneError) -> MediaRoomID
    {
        let opened = directory.withLock { directory -> (MediaRoomID, Int)? in
            guard let place = directory.rooms[room] else { return nil }
            let id = MediaRoomID(rawValue: directory.nextRoom)
            directory.nextRoom &+= 1
            directory.rooms[id] = Place(worker: place.worker, mainRoom: place.mainRoom ?? room)
            return (id, place.worker)
        }
        guard let (id, worker) = opened else { throw .unknownRoom(room) }
        workers[worker].mailbox.post(.openRoom(id, tap: nil, mutesNewcomers: mutesNewcomers))
        return id
    }

    /// Takes a leg to a room beside its own. What it sends from then on is heard and seen there only.
    public func moveLeg(_ leg: LegID, to room: MediaRoomID) throws(MediaPlaneError) {
        let worker = try worker(of: leg)
        let outcome = directory.withLock { directory -> MediaPlaneError? in
            guard let seat = directory.legs[leg], let place = directory.rooms[room], place.worker == worker else {
                return .unknownRoom(room)
            }
            if seat.sender == seat.worker {
                directory.rooms[seat.room]?.legsAtHome -= 1
                directory.rooms[room]?.legsAtHome += 1
            }
            directory.legs[leg]?.room = room
            return nil
        }
        if let outcome { throw outcome }
        workers[worker].mailbox.post(.moveLeg(leg, to: room), isPatient: true)
    }

    /// What comes of a leg's sound is mixed and recorded from now on, or no more. Its keys are heard in any case.
    public func setMuted(_ leg: LegID, _ isMuted: Bool) throws(MediaPlaneError) {
        workers[try worker(of: leg)].mailbox.post(.setMuted(leg, isMuted), isPatient: true)
    }

    /// All in a room see this leg's camera, and it the one before; nil: whoever speaks. Ends when the leg goes.
    public func setSpotlight(_ leg: LegID?, in room: MediaRoomID) throws(MediaPlaneError) {
        workers[try worker(of: room)].mailbox.post(.setSpotlight(room, leg))
    }

    /// Begins or ends the recording tap of a room.
    public func setTap(_ tap: TapRing?, of room: MediaRoomID) throws(MediaPlaneError) {
        workers[try worker(of: room)].mailbox.post(.setTap(room, tap))
    }

    /// Closes a room and drops the legs that are still in it.
    public func closeRoom(_ room: MediaRoomID) {
        let worker = directory.withLock { directory -> Int? in
            guard let worker = directory.rooms.removeValue(forKey: room)?.worker else { return nil }
            for (leg, seat) in directory.legs where seat.room == room {
                directory.legs[leg] = nil
                directory.legsOfWorker[seat.sender] -= 1
            }
            return worker
        }
        if let worker { workers[worker].mailbox.post(.closeRoom(room)) }
    }

    /// Binds the sockets of a new leg, so that its answer can name them. Should its worker not be able to take it in,
    /// `startLeg` says so.
    /// - Parameter withVideo: a leg without, as most telephones' are, costs half the sockets; `reserveVideo` makes up for it.
    public func reserveLeg(
        in room: MediaRoomID, withVideo: Bool = true
    ) throws(MediaPlaneError) -> LegReservation {
        let worker = try worker(of: room)
        let audio = try ports.bind(
            receiveBuffer: 256 << 10, sendBuffer: 256 << 10, dscp: configuration.audioDSCP)
        var video: PortAllocator.Pair?
        do {
            if withVideo { video = try bindForPictures() }
        } catch {
            audio.close()
            throw error
        }
        let seat = directory.withLock { directory -> LegSeat? in
            let main = directory.rooms[room]?.mainRoom ?? room
            guard directory.rooms[room] != nil, let track = directory.rooms[main]?.nextTrack else { return nil }
            directory.rooms[main]?.nextTrack = track &+ 2
            let id = LegID(rawValue: directory.nextLeg)
            directory.nextLeg &+= 1
            let sender = self.sender(in: room, directory)
            directory.legs[id] = Seat(worker: worker, sender: sender, room: room)
            directory.legsOfWorker[sender] += 1
            if sender == worker { directory.rooms[room]?.legsAtHome += 1 }
            return LegSeat(
                id: id, room: room, audio: audio, video: video, audioTrack: track, videoTrack: track &+ 1,
                audioSources: .random(), videoSources: .random(),
                fanOut: sender == worker ? nil : fanOut(Way(from: worker, to: sender), &directory))
        }
        guard let seat else {
            audio.close()
            video?.close()
            throw .unknownRoom(room)
        }
        workers[worker].mailbox.post(.addLeg(seat), isPatient: true)
        return LegReservation(
            id: seat.id, audio: .init(host: configuration.advertisedAddress, port: audio.port),
            video: video.map { .init(host: configuration.advertisedAddress, port: $0.port) },
            audioTrack: seat.audioTrack, videoTrack: seat.videoTrack, audioSources: seat.audioSources,
            videoSources: seat.videoSources)
    }

    private func bindForPictures() throws(MediaPlaneError) -> PortAllocator.Pair {
        try ports.bind(receiveBuffer: 1 << 20, sendBuffer: 1 << 20, dscp: configuration.videoDSCP)
    }

    /// Binds the sockets for the camera's picture of a leg that was reserved without. Once a leg.
    public func reserveVideo(for leg: LegID) throws(MediaPlaneError) -> MediaAddress {
        let worker = try worker(of: leg)
        let pair = try bindForPictures()
        workers[worker].mailbox.post(.addVideo(leg, pair))
        return .init(host: configuration.advertisedAddress, port: pair.port)
    }

    /// Binds the sockets for a leg's slides, which most legs have none of. Once a leg.
    public func reserveSlides(for leg: LegID) throws(MediaPlaneError) -> SlidesReservation {
        let worker = try worker(of: leg)
        let pair = try bindForPictures()
        let track = directory.withLock { directory -> UInt16? in
            guard let room = directory.legs[leg]?.room else { return nil }
            let main = directory.rooms[room]?.mainRoom ?? room
            guard let track = directory.rooms[main]?.nextTrack else { return nil }
            directory.rooms[main]?.nextTrack = track &+ 1
            return track
        }
        guard let track else {
            pair.close()
            throw .unknownLeg(leg)
        }
        let sources = StreamSources.random()
        workers[worker].mailbox.post(.addSlides(leg, pair, track: track, sources))
        return SlidesReservation(
            address: .init(host: configuration.advertisedAddress, port: pair.port), track: track, sources: sources)
    }

    /// Control says whose slides a room sees; nil for nobody's. Without, they are those of whichever point without floor
    /// control sends some first.
    public func setPresenter(_ leg: LegID?, in room: MediaRoomID) throws(MediaPlaneError) {
        workers[try worker(of: room)].mailbox.post(.setPresenter(room, leg))
    }

    /// What the points of a room are shown, those that have no layout of their own. At first that is `forwarded`.
    public func setLayout(_ layout: RoomLayout, in room: MediaRoomID) throws(MediaPlaneError) {
        workers[try worker(of: room)].mailbox.post(.setLayout(room, layout))
    }

    /// What one leg is shown; nil for what the room is.
    public func setLayout(_ layout: RoomLayout?, for leg: LegID) throws(MediaPlaneError) {
        workers[try worker(of: leg)].mailbox.post(.setLegLayout(leg, layout))
    }

    /// Whose cameras a leg's panes show, in their order; nil for nobody's. Each is sent as it comes.
    public func setPanes(_ use: PaneUse, _ subjects: [LegID?], of leg: LegID) throws(MediaPlaneError) {
        let subjects = use == .none ? [] : Array(subjects.prefix(PaneParameters.most))
        workers[try worker(of: leg)].mailbox.post(.setPanes(leg, use, subjects))
    }

    /// What composed pictures of a room say: names, order, a message, the mark of a recording. Takes the place of what was
    /// said before.
    public func setCaptions(_ captions: RoomCaptions, in room: MediaRoomID) throws(MediaPlaneError) {
        workers[try worker(of: room)].mailbox.post(.setCaptions(room, captions), isPatient: true)
    }

    /// The worker that is to send a new leg's packets.
    private func sender(in room: MediaRoomID, _ directory: Directory) -> Int {
        guard let place = directory.rooms[room] else { return 0 }
        guard place.legsAtHome >= configuration.legsBeforeFanOut else { return place.worker }
        let legs = directory.legsOfWorker
        return legs.indices.min { (legs[$0], $0 == place.worker ? 0 : 1) < (legs[$1], $1 == place.worker ? 0 : 1) }
            ?? place.worker
    }

    private func fanOut(_ way: Way, _ directory: inout Directory) -> FanOutRing {
        if let ring = directory.fanOuts[way] { return ring }
        let ring = FanOutRing(to: workers[way.to].mailbox)
        directory.fanOuts[way] = ring
        workers[way.to].mailbox.post(.adopt(ring))
        return ring
    }

    /// Begins a reserved leg's media, or changes it after a re-INVITE.
    nonisolated(nonsending) public func startLeg(_ leg: LegID, _ parameters: LegParameters)
        async throws(MediaPlaneError)
    {
        let worker = try worker(of: leg)
        if let carried = parameters.carried, !isOneMeeting(leg, carried) { throw .carriedElsewhere(carried) }
        let result = await withCheckedContinuation { reply in
            workers[worker].mailbox.post(.startLeg(leg, parameters, reply: reply))
        }
        try result.get()
    }

    /// Ends a leg and returns its last counters; nil when it was gone already.
    @discardableResult
    nonisolated(nonsending) public func removeLeg(_ leg: LegID) async -> LegStatistics? {
        guard let worker = forget(leg) else { return nil }
        let result = await withCheckedContinuation { reply in
            workers[worker].mailbox.post(.removeLeg(leg, reply: reply))
        }
        return (try? result.get()) ?? nil
    }

    /// Ends a leg within a tick, without waiting for that.
    public func dropLeg(_ leg: LegID) {
        guard let worker = forget(leg) else { return }
        workers[worker].mailbox.post(.removeLeg(leg, reply: nil), isPatient: true)
    }

    /// The peer of `leg` needs a keyframe of what it is being sent (RFC 5168).
    public func requestKeyframe(for leg: LegID) {
        guard let worker = try? worker(of: leg) else { return }
        workers[worker].mailbox.post(.requestKeyframe(leg))
    }

    /// Plays a clip into what a room or some legs hear; each leg, or the room, tells by `MediaEvent.clipEnded` when it is
    /// over. Clips for the same ears wait for each other, up to eight.
    @discardableResult
    public func play(_ clip: SoundClip, to audience: ClipAudience) -> PlaybackID {
        let (id, places) = directory.withLock { directory -> (PlaybackID, [(Int, ClipAudience)]) in
            let id = PlaybackID(rawValue: directory.nextPlayback)
            directory.nextPlayback &+= 1
            switch audience {
            case .room(let room): return (id, directory.rooms[room].map { [($0.worker, audience)] } ?? [])
            case .legs(let legs):
                let known = Dictionary(grouping: legs.filter { directory.legs[$0] != nil }) {
                    directory.legs[$0]?.worker ?? 0
                }
                return (id, known.map { ($0.key, .legs($0.value)) })
            }
        }
        for (worker, audience) in places { workers[worker].mailbox.post(.play(clip, id, to: audience)) }
        return id
    }

    /// Whatever a leg was to hear of clips it hears no more.
    public func stopClips(of leg: LegID) {
        guard let worker = try? worker(of: leg) else { return }
        workers[worker].mailbox.post(.stopClips(leg))
    }

    /// Everybody in a room hears and sees itself and nobody else from now on, its sound later by `delay` (20 ms to 2 s).
    public func setEcho(of room: MediaRoomID, delay: Duration) throws(MediaPlaneError) {
        let frames = min(max(Int(delay / .milliseconds(20)), 1), 100)
        workers[try worker(of: room)].mailbox.post(.setEcho(room, frames: frames))
    }

    /// What is done for the sound of those who are heard in a room; nothing unless told.
    public func setSoundCare(_ care: SoundCare, of room: MediaRoomID) throws(MediaPlaneError) {
        workers[try worker(of: room)].mailbox.post(.setCare(room, care))
    }

    /// Counters of every leg in a room, those that carry others (`LegParameters.carried`) last.
    public func statistics(of room: MediaRoomID) async -> [LegStatistics] {
        guard let worker = try? worker(of: room) else { return [] }
        return await withCheckedContinuation { reply in
            workers[worker].mailbox.post(.statistics(room, reply: reply))
        }
    }

    /// How each worker keeps up, in the order of their cores.
    public func workerStatistics() async -> [WorkerStatistics] {
        var all: [WorkerStatistics] = []
        for worker in workers {
            all.append(
                await withCheckedContinuation { worker.mailbox.post(.workerStatistics(reply: $0)) })
        }
        return all
    }

    /// What the studios, which make pictures out of others, do now.
    public var studioStatistics: StudioStatistics {
        workers.reduce(StudioStatistics()) { $0 + $1.studio.link.statistics }
    }

    /// Ends every worker and closes every socket.
    public func stop() {
        guard isRunning.exchange(false, ordering: .acquiringAndReleasing) else { return }
        // Workers send for each other, so all close their rooms before the first ends.
        let closed = DispatchSemaphore(value: 0)
        for worker in workers { worker.mailbox.post(.closeRooms(closed)) }
        for _ in workers { closed.wait() }
        for worker in workers { worker.stop() }
        continuation.finish()
    }

    private func worker(of room: MediaRoomID) throws(MediaPlaneError) -> Int {
        guard let worker = directory.withLock({ $0.rooms[room]?.worker }) else { throw .unknownRoom(room) }
        return worker
    }

    private func worker(of leg: LegID) throws(MediaPlaneError) -> Int {
        guard let worker = directory.withLock({ $0.legs[leg]?.worker }) else { throw .unknownLeg(leg) }
        return worker
    }

    /// Whether two legs are of one meeting, as far as both are there.
    private func isOneMeeting(_ first: LegID, _ second: LegID) -> Bool {
        directory.withLock { directory in
            guard let one = directory.legs[first]?.room, let other = directory.legs[second]?.room else { return true }
            return directory.rooms[one]?.mainRoom ?? one == directory.rooms[other]?.mainRoom ?? other
        }
    }

    @discardableResult
    private func forget(_ leg: LegID) -> Int? {
        directory.withLock { directory in
            guard let seat = directory.legs.removeValue(forKey: leg) else { return nil }
            directory.legsOfWorker[seat.sender] -= 1
            if seat.sender == seat.worker { directory.rooms[seat.room]?.legsAtHome -= 1 }
            return seat.worker
        }
    }

    private static func isNumericAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }
}
