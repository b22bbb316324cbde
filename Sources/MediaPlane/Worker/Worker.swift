import CLinux
import Glibc
import RTP
import SRTP

/// One media worker: a loop on its own thread that receives, decrypts, forwards, mixes, encrypts and sends for the
/// meetings placed on it. Everything it touches is its own, so the packet path takes no lock.
struct Worker: ~Copyable {
    typealias Leg = UnsafeMutablePointer<LegState>
    typealias Room = UnsafeMutablePointer<RoomState>
    typealias Stream = UnsafeMutablePointer<StreamState>
    typealias Picture = UnsafeMutablePointer<PictureState>

    /// Longer datagrams are no media of ours (an Ethernet frame, and room to spare).
    static let longestPacket: Int32 = 2_048
    static let ingressCapacity = 512
    /// Buffers that one wake-up fills before what they hold is worked on, and of these one socket at a time.
    private static let receiveBuffers: UInt32 = 64
    private static let receiveBatch: UInt32 = 16
    /// Batches of the peer's that are taken before one of strangers'.
    private static let mostBatchesFirst = 4
    private static let pollBatch = 256
    /// Workers to which one hands packets at most; it hands them to all there are, for nobody has more cores.
    static let mostFanOuts = 1_024
    /// How long other work may hold up what has come, in nanoseconds.
    private static let longestBreath: UInt64 = 500_000
    /// After a stall, so many audio ticks are made up for at once; older ones are skipped.
    private static let mostLateTicks: UInt64 = 5

    let mailbox: WorkerMailbox
    let events: AsyncStream<MediaEvent>.Continuation
    let silenceLimit: UInt64
    let descriptors: WorkerDescriptors
    let engine: SRTPEngine
    let keys: KeyAgreement

    private let ring: OpaquePointer
    private let polled: UnsafeMutablePointer<epoll_event>
    let ingress: UnsafeMutablePointer<Ingress>
    let jobs: UnsafeMutablePointer<SRTPJob>
    var ingressCount = 0
    private var buffersFilled: UInt32 = 0
    var egress = EgressQueue()
    /// Video packets on their way to those who see them.
    var forwarded = ForwardedRun()
    let scratch: UnsafeMutablePointer<UInt8>

    /// Ways to workers that send for this one, and from those for which this one sends.
    let fanOuts: UnsafeMutablePointer<FanOut>
    var fanOutCount = 0
    var inbound: [Unmanaged<FanOutRing>] = []

    /// Makes pictures for this worker's rooms, and what it makes.
    let studio: StudioLink
    /// The same, without references counted.
    let studioRing: Unmanaged<StudioLink>
    var productions = PointerList<ProductionState>()
    var nextProduction: UInt32 = 1

    var rooms: [MediaRoomID: Room] = [:]
    var legs: [LegID: Leg] = [:]
    /// Why legs could not be taken in, until they are removed.
    private var refused: [LegID: MediaPlaneError] = [:]
    /// The slot of a leg is in the tags of its sockets.
    var slots: [LegSlot?] = []
    var random = PooledRandom()
    /// The monotonic clock in nanoseconds, read once a wake-up, and now and then in a long one.
    var now: UInt64 = 0
    private var clock = TickClock()
    /// Audio ticks so far.
    var ticks: UInt64 { clock.ticks }
    /// Something may be due in the next tick that was not when the worker began to rest.
    var isStirred = false
    private var punctuality = WorkerStatistics()
    /// Packets that were read and whose consequences are not sent yet.
    private var packetsInside: UInt64 = 0
    private var running = true

    /// Which of a stream's sockets something comes by.
    enum Door: UInt64 {
        case rtp, rtcp
        /// That for RTP, from others than the peer to which it is connected.
        case strangers
    }

    /// A received datagram on its way through the wake-up.
    struct Ingress {
        var stream: Stream
        var leg: Leg
        var bytes: UnsafeMutablePointer<UInt8>
        var length: Int32
        var door: Door
        var source: UnsafePointer<cl_address>
        /// On the monotonic clock, in nanoseconds.
        var arrival: UInt64
    }

    init(
        engine: SRTPEngine, keys: KeyAgreement, descriptors: WorkerDescriptors, mailbox: WorkerMailbox,
        studio: StudioLink, silenceLimit: Duration, events: AsyncStream<MediaEvent>.Continuation
    ) {
        self.engine = engine
        self.keys = keys
        self.descriptors = descriptors
        self.mailbox = mailbox
        self.studio = studio
        studioRing = .passUnretained(studio)
        self.events = events
        let (seconds, attoseconds) = silenceLimit.components
        self.silenceLimit = UInt64(max(0, seconds)) &* 1_000_000_000 &+ UInt64(max(0, attoseconds)) / 1_000_000_000
        guard let ring = cl_receive_ring_make(Self.receiveBuffers) else {
            fatalError("a media worker needs 4 MiB for its receive buffers and could not have it")
        }
        self.ring = ring
        polled = .allocate(capacity: Self.pollBatch)
        ingress = .allocate(capacity: Self.ingressCapacity)
        jobs = .allocate(capacity: Self.ingressCapacity)
        scratch = .allocate(capacity: EgressQueue.packetCapacity)
        fanOuts = .allocate(capacity: Self.mostFanOuts)
    }

    deinit {
        for way in 0..<fanOutCount { fanOuts[way].ring.release() }
        for way in inbound { way.release() }
        fanOuts.deallocate()
        cl_receive_ring_free(ring)
        polled.deallocate()
        ingress.deallocate()
        jobs.deallocate()
        scratch.deallocate()
        descriptors.close()
    }

    /// Runs until a `.stop` command.
    mutating func run() {
        while running {
            let ready = epoll_wait(descriptors.poller, polled, Int32(Self.pollBatch), -1)
            if ready < 0 && errno != EINTR { return }
            let wokenAt = monotonicNanoseconds()
            now = wokenAt
            var timerFired = false
            var commandsWait = false
            for index in 0..<max(0, Int(ready)) {
                switch polled[index].data.u64 {
                case WorkerDescriptors.wakeTag: commandsWait = true
                case WorkerDescriptors.timerTag: timerFired = true
                case let tag: receive(tag)
                }
            }
            finishReceiving()
            if commandsWait { mailbox.rearm() }
            drainFanOuts()
            takePictures()
            if commandsWait || timerFired {
                // After what was polled, for a command may remove a leg that it names; before sound is taken in, for what was
                // ordered before it came holds for it.
                egress.flush(engine)
                for command in mailbox.take() { obey(command) }
            }
            if timerFired {
                let begun = monotonicNanoseconds()
                receiveSound()
                finishReceiving()
                // Sound that is carried on does not wait for the mix.
                egress.flush(engine)
                tick()
                egress.flush(engine)
                let took = Duration.nanoseconds(Int64(clamping: monotonicNanoseconds() &- begun))
                punctuality.longestTick = max(punctuality.longestTick, took)
            }
            egress.flush(engine)
            noteLatency(since: wokenAt)
            wakeFanOuts()
            if isStirred { stir() }
        }
    }

    private mutating func stir() {
        isStirred = false
        guard clock.isAtRest else { return }
        clock.stir()
        _ = cl_timer_set(descriptors.timer, clock.pace)
    }

    /// Rests where nothing is due before the next tenth of a second, until it is stirred.
    private mutating func restIfNothingIsDue() {
        guard !clock.isAtRest, !isStirred else { return }
        for slot in slots {
            if let slot, !slot.duties.isDisjoint(with: .ofEachTick) { return }
        }
        for room in rooms.values where hasSound(room) { return }
        clock.rest()
        if cl_timer_set(descriptors.timer, clock.pace) < 0 { clock.stir() }
    }

    /// Called in the midst of a tick, which lasts long where many points are served: what has come meanwhile, pictures
    /// above all, does not wait for its end.
    mutating func breathe() {
        let time = monotonicNanoseconds()
        guard time &- now >= Self.longestBreath else { return }
        now = time
        let ready = epoll_wait(descriptors.poller, polled, Int32(Self.pollBatch), 0)
        for index in 0..<max(0, Int(ready)) where polled[index].data.u64 > WorkerDescriptors.timerTag {
            receive(polled[index].data.u64)
        }
        finishReceiving()
        drainFanOuts()
        takePictures()
        egress.flush(engine)
        noteLatency(since: time)
        wakeFanOuts()
    }

    private mutating func noteLatency(since read: UInt64) {
        guard packetsInside > 0 else { return }
        punctuality.latency.add(monotonicNanoseconds() &- read, packets: packetsInside)
        packetsInside = 0
    }

    // MARK: Receiving

    /// Has what was received taken in, and its buffers filled again from now on.
    mutating func finishReceiving() {
        processIngress()
        buffersFilled = 0
    }

    /// Tags: 1 and 2 are the worker's own; a socket's is its leg's slot, which of its streams it is, and which of that one's
    /// sockets.
    static func tag(slot: Int, stream: Int, _ door: Door) -> UInt64 {
        UInt64(slot + 1) << 16 | UInt64(stream) << 2 | door.rawValue
    }

    private mutating func receive(_ tag: UInt64) {
        let slot = Int(tag >> 16) - 1
        guard slots.indices.contains(slot), let leg = slots[slot]?.leg else { return }
        let index = Int(tag >> 2 & 0x3FFF)
        guard index < leg.pointee.streams.count, let door = Door(rawValue: tag & 3) else { return }
        let stream = leg.pointee.streams[index]
        switch door {
        case .rtp:
            if index == 0 {
                slots[slot]?.duties.insert(.sound)
                isStirred = true
            }
            receive(stream, of: leg, by: .rtp)
        case .rtcp:
            receive(stream, of: leg, by: .rtcp)
        case .strangers:
            // A copy of what the peer sent must not come before it, whichever socket waits for its tick.
            for _ in 0..<Self.mostBatchesFirst {
                guard receive(stream, of: leg, by: .rtp) == Self.receiveBatch else { break }
            }
            receive(stream, of: leg, by: .strangers)
        }
    }

    /// Takes what a socket holds, up to a batch: of a burst all at once, for a change of view that comes between two packets of a
    /// picture cuts it short. Returns how many datagrams, or runs of them, that was.
    @discardableResult
    mutating func receive(_ stream: Stream, of leg: Leg, by door: Door) -> UInt32 {
        if buffersFilled == Self.receiveBuffers {
            finishReceiving()
        }
        let socket = stream.pointee.socket(door)
        if door == .rtp { fetch(stream, of: leg) }
        let received = cl_receive(ring, socket, buffersFilled, Self.receiveBatch)
        guard received > 0 else { return 0 }
        if door == .rtp { stream.pointee.datagramsInTick &+= UInt32(received) }
        for _ in 0..<received {
            take(cl_received_at(ring, buffersFilled), stream, leg, by: door)
            buffersFilled += 1
        }
        return UInt32(received)
    }

    /// Has what a packet touches on its way in fetched while the kernel gives the packet.
    @inline(__always)
    private func fetch(_ stream: Stream, of leg: Leg) {
        stream.fetch(lines: MemoryLayout<StreamState>.size / 64 + 1)
        leg.pointee.room.fetch(lines: 2)
        if stream.pointee.isVideo { leg.pointee.video.fetch(lines: PictureState.linesToShow + 2) }
        stream.pointee.receiver?.pointee.fetch()
    }

    /// A datagram, or a run of them in one buffer: each is a packet of its own from here on.
    private mutating func take(_ received: cl_received, _ stream: Stream, _ leg: Leg, by door: Door) {
        guard let source = received.source, let bytes = received.bytes, received.segment > 0 else {
            stream.pointee.counters.malformed &+= 1
            return
        }
        let arrival = monotonic(received.arrival)
        var offset: UInt32 = 0
        while offset < received.length {
            if ingressCount == Self.ingressCapacity { processIngress() }
            let length = min(received.segment, received.length - offset)
            ingress[ingressCount] = Ingress(
                stream: stream, leg: leg, bytes: bytes + Int(offset), length: Int32(length),
                door: door, source: source, arrival: arrival)
            ingressCount += 1
            packetsInside &+= 1
            offset += length
        }
    }

    // MARK: The tick

    private mutating func tick() {
        var expirations: UInt64 = 0
        guard read(descriptors.timer, &expirations, 8) == 8 else { return }
        let made = min(expirations &* clock.ticksAtOnce, Self.mostLateTicks)
        punctuality.ticks &+= made
        if !clock.isAtRest {
            punctuality.lateTicks &+= made &- 1
            punctuality.skippedTicks &+= expirations &- made
        }
        clock.wake()
        for _ in 0..<made {
            clock.tick()
            for room in rooms.values where hasSound(room) {
                mix(room)
                breathe()
            }
        }
        for index in slots.indices { attend(slot: index) }
        for room in rooms.values where room.pointee.presentation.tick(at: now) { presenterChanged(in: room) }
        if endsPeriod(of: 25) {
            for room in rooms.values {
                endUnseenProductions(in: room)
                attend(room)
                breathe()
            }
        }
        restIfNothingIsDue()
    }

    /// So many ticks have passed again in this wake-up.
    func endsPeriod(of count: UInt64) -> Bool { clock.endsPeriod(of: count) }

    /// Does what a leg has waiting for the tick, some of it in each tenth of a second.
    private mutating func attend(slot: Int) {
        guard let place = slots[slot] else { return }
        let (leg, duties) = (place.leg, place.duties)
        if duties.contains(.losses) {
            var lacks = false
            for index in 0..<leg.pointee.sources.count {
                let source = leg.pointee.sources[index]
                askForLost(of: source)
                if !source.pointee.losses.isQuiet { lacks = true }
            }
            if !lacks { slots[slot]?.duties.remove(.losses) }
        }
        if duties.contains(.transport) {
            for index in 0..<leg.pointee.paths.count { tellArrivals(on: leg.pointee.paths[index]) }
        }
        if !duties.isDisjoint(with: [.transport, .pacing]) { advanceLine(of: leg) }
        if duties.contains(.pacing), !hasPaced(leg) { slots[slot]?.duties.remove(.pacing) }
        guard endsPeriod(of: 5) else { return }
        let isReporting = place.reportAt <= now
        guard isReporting || !duties.isDisjoint(with: [.rates, .line, .repeats]) else { return }
        if duties.contains(.rates) {
            for index in 0..<leg.pointee.sources.count { measure(leg.pointee.sources[index]) }
        }
        if duties.contains(.line) {
            if duties.isDisjoint(with: [.transport, .pacing]) { advanceLine(of: leg) }
            judgeLine(of: leg)
        }
        if duties.contains(.repeats) {
            slots[slot]?.duties.remove(.repeats)
            allowRetransmissions(to: leg)
        }
        if isReporting {
            let next = min(report(leg), connectStreams(of: leg))
            slots[slot]?.reportAt = next
        }
        breathe()
    }

    /// What the ticks have to do for a leg from now on.
    private mutating func engage(_ leg: Leg) {
        let slot = leg.pointee.slot
        // The rate of one who is on hold goes on being measured, and falls.
        var duties = (slots[slot]?.duties ?? []).intersection([.rates, .pacing])
        duties.formUnion([.losses, .repeats])
        if leg.pointee.audio.pointee.isHeard { duties.insert(.sound) }
        if leg.pointee.paths.count > 0 { duties.insert(.transport) }
        if leg.pointee.line != nil { duties.insert(.line) }
        for index in 0..<leg.pointee.sources.count
        where leg.pointee.sources[index].pointee.stream.pointee.receives {
            duties.insert(.rates)
        }
        slots[slot]?.duties = duties
        slots[slot]?.reportAt = leg.pointee.nextReportAt
    }

    /// Twice a second: pictures that stalled, legs that fell silent.
    private mutating func attend(_ room: Room) {
        retarget(room)
        lookForEchoes(in: room)
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            chooseRecorded(of: leg)
            guard leg.pointee.receives else { continue }
            // Who put the bridge on hold owes it nothing (RFC 3264 §8.4): whether it lives, its session timer tells.
            guard leg.pointee.sends else { continue }
            let silence = now &- leg.pointee.lastPacketAt
            if silence < silenceLimit {
                leg.pointee.silentReported = false
            } else if !leg.pointee.silentReported {
                leg.pointee.silentReported = true
                events.yield(.legSilent(leg.pointee.id))
            }
        }
        let dropped = room.pointee.tap?.takeUnretainedValue().droppedEntries ?? 0
        if dropped > room.pointee.reportedDrops {
            events.yield(.tapOverflow(room.pointee.id, packets: dropped - room.pointee.reportedDrops))
            room.pointee.reportedDrops = dropped
        }
    }

    // MARK: Commands

    private mutating func obey(_ command: WorkerCommand) {
        if command.mayStir { isStirred = true }
        switch command {
        case .openRoom(let id, let tap, let mutesNewcomers):
            let room = Room.allocateHot()
            room.initialize(to: RoomState(id: id, tap: tap, mutesNewcomers: mutesNewcomers))
            rooms[id] = room
        case .setTap(let id, let tap):
            set(tap, of: id)
        case .closeRoom(let id):
            close(id)
        case .addLeg(let seat):
            do throws(MediaPlaneError) { try add(seat) } catch { refused[seat.id] = error }
        case .addVideo(let id, let sockets): addVideo(to: id, sockets)
        case .addSlides(let id, let sockets, let track, let sources):
            addSlides(to: id, sockets, track: track, sources)
        case .setPresenter(let id, let leg):
            guard let room = rooms[id] else { return }
            // One who has left meanwhile, or sits elsewhere, is nobody here.
            let presenter = leg.flatMap { legs[$0]?.pointee.room == room ? $0 : nil }
            if room.pointee.presentation.appoint(presenter, at: now) { presenterChanged(in: room) }
        case .setMuted(let id, let isMuted): setMuted(id, isMuted)
        case .setSpotlight(let id, let leg): setSpotlight(leg, in: id)
        case .moveLeg(let id, let room): move(id, to: room)
        case .startLeg(let id, let parameters, let reply):
            reply.resume(returning: Result { () throws(MediaPlaneError) in try start(id, parameters) })
        case .sendOnPath(let name, let datagram, let address): send(datagram, to: address, on: name)
        case .keyPath(let name, let local, let remote, let address):
            key(name, local: local, remote: remote, at: address)
        case .removeLeg(let id, let reply):
            let last = remove(id)
            reply?.resume(returning: .success(last))
        case .requestKeyframe(let id):
            guard let leg = legs[id] else { return }
            for index in 0..<leg.pointee.pictures.count { viewerLostPicture(leg.pointee.pictures[index]) }
        case .play(let clip, let id, to: .room(let room)): play(clip, id, toRoom: room)
        case .play(let clip, let id, to: .legs(let legs)): play(clip, id, toLegs: legs)
        case .stopClips(let id): if let leg = legs[id] { cutClips(of: leg) }
        case .setEcho(let id, let frames):
            guard let room = rooms[id] else { return }
            room.pointee.echoFrames = frames
            retarget(room)
        case .setCare(let id, let care): rooms[id]?.pointee.care = care
        case .statistics(let id, let reply):
            receiveSound()
            finishReceiving()
            reply.resume(returning: statistics(of: id))
        case .workerStatistics(let reply):
            var statistics = punctuality
            // Counted where they arrive, so that each ring counts once.
            statistics.fanOutOverflows = inbound.reduce(0) { $0 &+ $1.takeUnretainedValue().ring.droppedEntries }
            statistics.filmOverflows = studio.film.droppedEntries
            statistics.pictureOverflows = studio.pictures.droppedEntries
            reply.resume(returning: statistics)
            punctuality.longestTick = .zero
        case .setLayout(let id, let layout): setLayout(layout, of: id)
        case .setLegLayout(let id, let layout): setLayout(layout, for: id)
        case .setCaptions(let id, let captions): setCaptions(captions, of: id)
        case .setPanes(let id, let use, let subjects): setPanes(use, subjects, of: id)
        case .studio(let notice): heed(notice)
        case .adopt(let ring):
            inbound.append(.passRetained(ring))
        case .retire(let retired):
            // Its last packets were handed over before.
            drainFanOuts()
            egress.flush(engine)
            retired.free()
        case .closeRooms(let done):
            for id in Array(rooms.keys) { close(id) }
            done.signal()
        case .stop:
            running = false
        }
    }

    /// A recording of pictures begins with a keyframe of each. What is missing while it pauses was not lost.
    private mutating func set(_ tap: TapRing?, of id: MediaRoomID) {
        guard let room = rooms[id] else { return }
        if tap == nil {
            // What was sent before the end belongs to the recording.
            receiveSound()
            finishReceiving()
        }
        for index in 0..<room.pointee.legs.count where tap == nil {
            let leg = room.pointee.legs[index]
            for index in 0..<leg.pointee.streams.count { tapEnd(of: leg.pointee.streams[index], in: room) }
        }
        room.pointee.setTap(tap)
        guard tap != nil else { return }
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            for index in 0..<leg.pointee.sources.count
            where leg.pointee.sources[index].pointee.stream.pointee.receives {
                askForKeyframe(of: leg.pointee.sources[index])
            }
        }
    }

    private mutating func add(_ seat: LegSeat) throws(MediaPlaneError) {
        guard let room = rooms[seat.room] else {
            seat.audio.close()
            seat.video?.close()
            throw .unknownRoom(seat.room)
        }
        let leg = Leg.allocateHot()
        leg.initialize(to: LegState(seat: seat, at: leg, room: room, now: now, random: &random))
        if let ring = seat.fanOut {
            let way = way(to: ring)
            for index in 0..<leg.pointee.streams.count {
                let stream = leg.pointee.streams[index]
                stream.pointee.fanOut = way
            }
        }
        let slot = slots.firstIndex { $0 == nil } ?? slots.count
        if slot == slots.count { slots.append(LegSlot(leg: leg)) } else { slots[slot] = LegSlot(leg: leg) }
        leg.pointee.slot = slot
        cl_stamp_arrivals(leg.pointee.audio.pointee.rtpSocket)
        for index in 0..<leg.pointee.streams.count where !leg.pointee.streams[index].pointee.isUnbound {
            let result = watchReports(leg.pointee.streams[index], index, ofSlot: slot)
            guard result == 0 else {
                slots[slot] = nil
                giveUp(leg)
                leg.deinitialize(count: 1)
                leg.deallocateHot()
                throw .cannotStartWorker(errno: -result)
            }
        }
        legs[seat.id] = leg
        enlist(leg, in: room)
    }

    /// Has the poller tell of a stream's socket for RTCP. 0, or less for an error.
    private func watchReports(_ stream: Stream, _ index: Int, ofSlot slot: Int) -> Int32 {
        cl_epoll_add(
            descriptors.poller, stream.pointee.rtcpSocket, Self.tag(slot: slot, stream: index, .rtcp))
    }

    /// Has the poller tell of the sockets for RTP on which something may come, and of no others: for each packet that leaves
    /// by a watched socket, the kernel looks at who watches it, which is a twentieth of what voice costs to send. Sound waits
    /// for the tick in which it is mixed.
    private mutating func watchPackets(of leg: Leg) throws(MediaPlaneError) {
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            let expects = expectsPackets(stream)
            guard stream.pointee.isVideo else {
                // What lies there came before anybody expected it.
                if expects, !stream.pointee.isHeard {
                    cl_discard(stream.pointee.rtpSocket)
                    awaitSound(on: stream)
                }
                stream.pointee.isHeard = expects
                if !expects { leaveAlone(stream) }
                continue
            }
            guard expects != stream.pointee.isWatched else { continue }
            guard expects else {
                leaveAlone(stream)
                continue
            }
            cl_discard(stream.pointee.rtpSocket)
            let tag = Self.tag(slot: leg.pointee.slot, stream: index, .rtp)
            let result = cl_epoll_add(descriptors.poller, stream.pointee.rtpSocket, tag)
            guard result == 0 else { throw .cannotStartWorker(errno: -result) }
            stream.pointee.isWatched = true
        }
    }

    /// Something may come by a stream's socket for RTP that is not dropped anyway.
    private func expectsPackets(_ stream: Stream) -> Bool {
        if let path = stream.pointee.path { return path.pointee.lead == stream }
        return stream.pointee.receives || stream.pointee.multiplexesRTCP
    }

    /// The poller watches a stream's socket for RTP no longer.
    func leaveAlone(_ stream: Stream) {
        guard stream.pointee.isWatched else { return }
        cl_epoll_remove(descriptors.poller, stream.pointee.rtpSocket)
        stream.pointee.isWatched = false
    }

    /// A leg that is gone, or has them already, gets none: what starts it then says so.
    private mutating func addVideo(to id: LegID, _ sockets: PortAllocator.Pair) {
        guard let leg = legs[id], leg.pointee.video.pointee.stream.pointee.isUnbound else { return sockets.close() }
        let stream = leg.pointee.video.pointee.stream
        retire(RetiredEgress(port: stream.pointee.bind(sockets), sender: nil), stream)
        _ = watchReports(stream, LegState.placeOfVideo, ofSlot: leg.pointee.slot)
    }

    /// A leg that is gone, or has slides already, gets none: what starts it then says so.
    private mutating func addSlides(
        to id: LegID, _ sockets: PortAllocator.Pair, track: UInt16, _ sources: StreamSources
    ) {
        guard let leg = legs[id], leg.pointee.slides == nil else {
            return sockets.close()
        }
        let slides = Picture.allocateHot()
        slides.initialize(
            to: PictureState(.slides, of: leg, sockets: sockets, track: track, sources: sources, random: &random))
        let stream = slides.pointee.stream
        stream.pointee.fanOut = leg.pointee.audio.pointee.fanOut
        guard watchReports(stream, leg.pointee.streams.count, ofSlot: leg.pointee.slot) == 0 else {
            giveUp(stream)
            slides.deinitialize(count: 1)
            slides.deallocateHot()
            return
        }
        leg.pointee.add(slides: slides)
        if leg.pointee.carriage == nil { leg.pointee.room.pointee.viewers.append(slides) }
    }

    private mutating func start(_ id: LegID, _ parameters: LegParameters) throws(MediaPlaneError) {
        guard let leg = legs[id] else { throw refused[id] ?? .unknownLeg(id) }
        let parameters = parameters.ofCarriage
        let (audio, video) = (leg.pointee.audio, leg.pointee.video.pointee.stream)
        guard parameters.video == nil || !video.pointee.isUnbound else { throw .videoNotReserved(id) }
        try audio.pointee.apply(parameters.audio, engine)
        try video.pointee.apply(parameters.video, engine)
        if let slides = leg.pointee.slides?.pointee.stream {
            try slides.pointee.apply(parameters.slides, engine)
        } else if parameters.slides != nil {
            throw .slidesNotReserved(id)
        }
        try lay(parameters, of: leg)
        for index in 0..<leg.pointee.panes.count where index >= parameters.panes.count {
            let pane = leg.pointee.panes[index].pointee.stream
            try pane.pointee.apply(nil, engine)
        }
        equipLine(of: leg, parameters)
        let isCounted = leg.pointee.line?.feedback == .packets
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            stream.pointee.isCounted = isCounted
        }
        try leg.pointee.input.prepare(for: parameters.audio?.receivable ?? [])
        leg.pointee.hasFloorControl = parameters.hasFloorControl
        leg.pointee.startedAt = now
        for index in 0..<leg.pointee.pictures.count {
            let viewer = leg.pointee.pictures[index]
            viewer.pointee.view.rewriter.forgetSent()
        }
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            retireKeys(of: stream)
            if stream.pointee.nextReportAt == 0 { stream.pointee.nextReportAt = now &+ 500_000_000 }
        }
        try watchPackets(of: leg)
        engage(leg)
        setCarried(parameters.carried, by: leg)
        noteSound(in: leg.pointee.room)
        let room = leg.pointee.room
        let sendsSlides = leg.pointee.slides?.pointee.stream.pointee.receives ?? false
        if !sendsSlides, room.pointee.presentation.slidesStopped(of: id, at: now) { presenterChanged(in: room) }
        retarget(room)
    }

    private mutating func remove(_ id: LegID) -> LegStatistics? {
        guard let leg = legs.removeValue(forKey: id) else {
            refused[id] = nil
            return nil
        }
        let room = leg.pointee.room
        // What it sent before it went is in its sockets: sound waits there for the tick.
        for index in 0..<leg.pointee.streams.count {
            let stream = leg.pointee.streams[index]
            guard !stream.pointee.isUnbound else { continue }
            receive(stream, of: leg, by: .rtp)
            if stream.pointee.strangersSocket >= 0 { receive(stream, of: leg, by: .strangers) }
        }
        finishReceiving()
        let last = statistics(of: leg)
        cutClips(of: leg)
        sayGoodbye(leg)
        endAssociations(of: leg)
        slots[leg.pointee.slot] = nil
        let wasPresenter = take(leg, outOf: room)
        giveUp(leg)
        leg.deinitialize(count: 1)
        leg.deallocateHot()
        if wasPresenter { presenterChanged(in: room) } else { retarget(room) }
        return last
    }

    /// Nothing more is received for a leg, and what sends for it is given up.
    private mutating func giveUp(_ leg: Leg) {
        for index in 0..<leg.pointee.streams.count { giveUp(leg.pointee.streams[index]) }
    }

    private mutating func giveUp(_ stream: Stream) {
        if !stream.pointee.isUnbound { cl_epoll_remove(descriptors.poller, stream.pointee.rtpSocket) }
        retireEgress(of: stream)
    }

    private mutating func close(_ id: MediaRoomID) {
        guard let room = rooms[id] else { return }
        while room.pointee.carriers.count > 0 { _ = remove(room.pointee.carriers[0].pointee.id) }
        while room.pointee.legs.count > 0 { _ = remove(room.pointee.legs[0].pointee.id) }
        cutClips(of: room)
        endProductions(in: room)
        rooms[id] = nil
        room.deinitialize(count: 1)
        room.deallocateHot()
    }

    private func statistics(of id: MediaRoomID) -> [LegStatistics] {
        guard let room = rooms[id] else { return [] }
        return (0..<room.pointee.legs.count).map { statistics(of: room.pointee.legs[$0]) }
            + (0..<room.pointee.carriers.count).map { statistics(of: room.pointee.carriers[$0]) }
    }
}

/// The monotonic clock, in nanoseconds.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
