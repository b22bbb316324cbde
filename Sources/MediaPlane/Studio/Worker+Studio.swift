import CLinux
import RTP

/// What a studio makes, as its worker knows it: a source of pictures like a camera, without a peer behind it.
struct ProductionState: ~Copyable {
    let id: ProductionID
    let content: ProductionPlan.Content
    let format: PictureFormat
    let room: UnsafeMutablePointer<RoomState>
    let picture: UnsafeMutablePointer<PictureState>
    let (width, height, bitsPerSecond): (Int, Int, Int)
    /// When somebody last looked at it, on the monotonic clock.
    var neededAt: UInt64
    /// The studio makes it.
    var isRunning = false
    /// Of a composition, what it shows.
    var scene = Scene()

    func isRendition(of leg: LegID) -> Bool {
        guard case .rendition(let source) = content else { return false }
        return source.leg == leg
    }

    func isMade(from source: FilmedSource) -> Bool {
        guard isRunning else { return false }
        guard case .rendition(source) = content else { return scene.shows(source) }
        return true
    }
}

/// Pictures that the bridge makes itself: which are needed, what they are made from, and their way to those who see them.
extension Worker {
    typealias Production = UnsafeMutablePointer<ProductionState>

    /// The smaller picture of a camera, and what it is to cost.
    private static let (renditionWidth, renditionHeight, renditionBits) = (320, 180, 100_000)
    /// With headers, in bit/s.
    private static let renditionRate: UInt64 = 120_000
    private static let mostRenditions = 32
    /// For how long something is made that nobody looks at, in nanoseconds: lines waver.
    private static let linger: UInt64 = 5_000_000_000
    /// A source that could not be decoded is not tried again for so long, in nanoseconds.
    private static let forbearance: UInt64 = 30_000_000_000
    /// While a line is only being found out, nothing is begun for it.
    private static let findingOut: UInt64 = 3_000_000_000

    // MARK: What a viewer may have

    /// What the small picture of a candidate costs, in bit/s; 0 where its viewer cannot have it.
    func renditionRate(of candidate: Picture, for viewer: Picture) -> UInt64 {
        guard candidate.pointee.content == .camera, candidate.pointee.production == nil,
            candidate.pointee.undecodableUntil <= now, let format = madeFormat(for: viewer)
        else { return 0 }
        if let made = rendition(of: candidate, format), isLive(made.pointee.picture) { return Self.renditionRate }
        guard now &- viewer.pointee.leg.pointee.startedAt >= Self.findingOut, productions.count < Self.mostRenditions
        else { return 0 }
        return Self.renditionRate
    }

    /// The small picture of a candidate, which is begun where it is not there yet. What its line does not carry, the viewer
    /// is not sent any longer meanwhile.
    mutating func takeRendition(of candidate: Picture, for viewer: Picture) -> Picture? {
        guard let format = madeFormat(for: viewer) else { return nil }
        guard let made = rendition(of: candidate, format) ?? beginRendition(of: candidate, format) else { return nil }
        if viewer.pointee.view.current.map({ $0.pointee.production == nil }) ?? false { viewer.pointee.view.want(nil) }
        viewer.pointee.temporalLimit.wanted = .max
        return made.pointee.picture
    }

    /// The format in which a viewer is sent what the bridge makes.
    func madeFormat(for viewer: Picture) -> PictureFormat? {
        for format in [PictureFormat.vp8, .h264BaselineSingle]
        where viewer.pointee.stream.pointee.payloadType(for: format) != nil {
            return format
        }
        return nil
    }

    private func rendition(of candidate: Picture, _ format: PictureFormat) -> Production? {
        let leg = candidate.pointee.leg.pointee.id
        for index in 0..<productions.count
        where productions[index].pointee.format == format && productions[index].pointee.isRendition(of: leg) {
            return productions[index]
        }
        return nil
    }

    private mutating func beginRendition(of candidate: Picture, _ format: PictureFormat) -> Production? {
        guard productions.count < Self.mostRenditions else { return nil }
        return prepare(
            .rendition(of: FilmedSource(leg: candidate.pointee.leg.pointee.id, content: .camera)), format,
            of: candidate.pointee.leg, width: Self.renditionWidth, height: Self.renditionHeight,
            bitsPerSecond: Self.renditionBits)
    }

    // MARK: Beginning and ending

    /// Has something ready to be made, once somebody looks.
    mutating func prepare(
        _ content: ProductionPlan.Content, _ format: PictureFormat, of leg: Leg, width: Int, height: Int,
        bitsPerSecond: Int
    ) -> Production {
        let id = ProductionID(rawValue: nextProduction)
        nextProduction &+= 1
        let picture = Picture.allocate(capacity: 1)
        picture.initialize(
            to: PictureState(
                .camera, of: leg, sockets: .none, track: .max, sources: .random(), random: &random))
        picture.pointee.production = id
        picture.pointee.stream.pointee.picture = picture
        picture.pointee.stream.pointee.becomeMade(format)
        let production = Production.allocate(capacity: 1)
        production.initialize(
            to: ProductionState(
                id: id, content: content, format: format, room: leg.pointee.room, picture: picture, width: width,
                height: height, bitsPerSecond: bitsPerSecond, neededAt: now))
        productions.append(production)
        return production
    }

    /// Somebody is to see a picture: if the bridge makes it, that begins or goes on.
    mutating func keepMade(_ picture: Picture) {
        guard picture.pointee.production != nil, let production = production(of: picture) else { return }
        production.pointee.neededAt = now
        guard !production.pointee.isRunning else { return }
        production.pointee.isRunning = true
        studio.post(
            .begin(
                production.pointee.id,
                ProductionPlan(
                    content: production.pointee.content, codec: production.pointee.format.codec,
                    width: production.pointee.width, height: production.pointee.height,
                    bitsPerSecond: production.pointee.bitsPerSecond, ssrc: .random(in: 1 ... .max, using: &random),
                    firstSequence: .random(in: 0 ... .max, using: &random) >> 1, firstTimestamp: random.next())))
        chooseFilmed(in: production.pointee.room)
    }

    /// Nobody looks any more. What comes when it is made again has nothing to do with what came before.
    private mutating func rest(_ production: Production) {
        guard production.pointee.isRunning else { return }
        studio.post(.end(production.pointee.id))
        production.pointee.isRunning = false
        production.pointee.scene = Scene()
        let picture = production.pointee.picture
        picture.pointee.losses = LossDetector()
        picture.pointee.forgetHistory()
        let stream = picture.pointee.stream
        stream.pointee.lastPacketAt = 0
        chooseFilmed(in: production.pointee.room)
    }

    func production(of picture: Picture) -> Production? {
        for index in 0..<productions.count where productions[index].pointee.picture == picture {
            return productions[index]
        }
        return nil
    }

    private mutating func end(_ production: Production) {
        let picture = production.pointee.picture
        let room = production.pointee.room
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            for index in 0..<leg.pointee.pictures.count {
                let viewer = leg.pointee.pictures[index]
                viewer.pointee.view.forget(picture)
                if viewer.pointee.candidate == picture { viewer.pointee.candidate = nil }
            }
        }
        if production.pointee.isRunning { studio.post(.end(production.pointee.id)) }
        productions.remove(production)
        retireEgress(of: picture.pointee.stream)
        picture.deinitialize(count: 1)
        picture.deallocate()
        production.deinitialize(count: 1)
        production.deallocate()
        chooseFilmed(in: room)
    }

    /// A leg is leaving: what is made of its pictures ends.
    mutating func endProductions(of leg: Leg) {
        for index in stride(from: productions.count - 1, through: 0, by: -1)
        where productions[index].pointee.picture.pointee.leg == leg {
            end(productions[index])
        }
        for index in 0..<leg.pointee.sources.count where leg.pointee.sources[index].pointee.isFilmed {
            let content = leg.pointee.sources[index].pointee.content
            studio.post(.forget(FilmedSource(leg: leg.pointee.id, content: content)))
        }
    }

    /// A room closes, and the bridge leaves its own seat there.
    mutating func endProductions(in room: Room) {
        for index in stride(from: productions.count - 1, through: 0, by: -1)
        where productions[index].pointee.room == room {
            end(productions[index])
        }
        guard let stage = room.pointee.stage else { return }
        room.pointee.stage = nil
        for index in 0..<stage.pointee.streams.count { retireEgress(of: stage.pointee.streams[index]) }
        stage.deinitialize(count: 1)
        stage.deallocate()
    }

    /// Twice a second: what nobody looks at any more rests, and what nobody may come to look at ends.
    mutating func endUnseenProductions(in room: Room) {
        var isMade = false
        for index in stride(from: productions.count - 1, through: 0, by: -1)
        where productions[index].pointee.room == room {
            let production = productions[index]
            if isSeen(production.pointee.picture, in: room) { production.pointee.neededAt = now }
            guard now &- production.pointee.neededAt > Self.linger else {
                isMade = true
                continue
            }
            rest(production)
            if !isOffered(production, in: room) { end(production) }
        }
        if isMade { chooseFilmed(in: room) }
    }

    /// Whether it is, in another size perhaps, what somebody would see.
    private func isOffered(_ production: Production, in room: Room) -> Bool {
        guard case .composition(let composition) = production.pointee.content else { return false }
        for index in 0..<room.pointee.legs.count {
            guard let candidate = room.pointee.legs[index].pointee.video.pointee.candidate,
                candidate.pointee.production != nil, let other = self.production(of: candidate),
                other.pointee.format == production.pointee.format,
                case .composition(composition) = other.pointee.content
            else { continue }
            return true
        }
        return false
    }

    private func isSeen(_ picture: Picture, in room: Room) -> Bool {
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            for index in 0..<leg.pointee.pictures.count {
                let view = leg.pointee.pictures[index].pointee.view
                if view.current == picture || view.wanted == picture { return true }
            }
        }
        return false
    }

    // MARK: What is filmed

    /// Decides whose packets the studio gets: of a camera in several sizes the cheapest, for as long as it comes, unless it
    /// is to fill a large part of a picture.
    mutating func chooseFilmed(in room: Room) {
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            for content in [PictureState.Content.camera, .slides] {
                chooseFilmed(FilmedSource(leg: leg.pointee.id, content: content), of: leg)
            }
        }
    }

    private mutating func chooseFilmed(_ source: FilmedSource, of leg: Leg) {
        let former = filmed(source, of: leg)
        var choice: Picture?
        if isWanted(source) {
            if isLarge(source) { choice = camera(of: leg) }
            choice = choice ?? former.flatMap { isLive($0) ? $0 : nil } ?? cheapest(source, of: leg) ?? former
        }
        guard choice != former else { return }
        former?.pointee.isFilmed = false
        guard let choice else { return studio.post(.forget(source)) }
        choice.pointee.isFilmed = true
        if former == nil { studio.post(.film(source)) }
        askForKeyframe(of: choice)
    }

    private func isWanted(_ source: FilmedSource) -> Bool {
        for index in 0..<productions.count where productions[index].pointee.isMade(from: source) { return true }
        return false
    }

    private func isLarge(_ source: FilmedSource) -> Bool {
        guard source.content == .camera else { return false }
        for index in 0..<productions.count where productions[index].pointee.isMade(from: source) {
            guard case .composition(let composition) = productions[index].pointee.content,
                productions[index].pointee.scene.content == nil
            else { continue }
            let tiles = productions[index].pointee.scene.tiles
            if tiles.count <= 2 || composition.arrangement == .firstLarge && tiles.first?.leg == source.leg {
                return true
            }
        }
        return false
    }

    private func filmed(_ source: FilmedSource, of leg: Leg) -> Picture? {
        for index in 0..<leg.pointee.sources.count {
            let picture = leg.pointee.sources[index]
            if picture.pointee.isFilmed, picture.pointee.content == source.content { return picture }
        }
        return nil
    }

    private func cheapest(_ source: FilmedSource, of leg: Leg) -> Picture? {
        var best: Picture?
        for index in 0..<leg.pointee.sources.count {
            let picture = leg.pointee.sources[index]
            guard picture.pointee.content == source.content, isLive(picture) || source.content == .slides else {
                continue
            }
            if best.map({ picture.pointee.rate < $0.pointee.rate }) ?? true { best = picture }
        }
        return best
    }

    /// Copies a packet for the studio. One that does not fit is lost to it.
    func film(_ datagram: UnsafeRawBufferPointer, codec: MediaCodec, of picture: Picture, arrival: UInt64) {
        let source = FilmedSource(leg: picture.pointee.leg.pointee.id, content: picture.pointee.content)
        studioRing._withUnsafeGuaranteedRef {
            _ = $0.film.write(FilmEntry(source: source, codec: codec, arrival: arrival), bytes: datagram)
        }
    }

    // MARK: From the studio

    mutating func heed(_ notice: StudioNotice) {
        switch notice {
        case .keyframeWanted(let source):
            if let leg = legs[source.leg], let picture = filmed(source, of: leg) { askForKeyframe(of: picture) }
        case .undecodable(let source):
            guard let leg = legs[source.leg] else { return }
            for index in 0..<leg.pointee.sources.count
            where leg.pointee.sources[index].pointee.content == source.content {
                leg.pointee.sources[index].pointee.undecodableUntil = now &+ Self.forbearance
            }
        }
    }

    /// Forwards the pictures that the studio made.
    mutating func takePictures() {
        let ring = studioRing
        ring._withUnsafeGuaranteedRef { _ = $0.pictures.drain { id, packets in take(packets, of: id) } }
    }

    /// The packets of one picture.
    private mutating func take(_ packets: UnsafeRawBufferPointer, of id: ProductionID) {
        guard let picture = made(id) else { return }
        var rest = packets[...]
        while let packet = Self.nextPacket(&rest) {
            guard let info = try? RTPPacketInfo(parsing: packet) else { return }
            picture.pointee.losses.receive(info.sequenceNumber, atNanoseconds: now)
            picture.pointee.stream.pointee.lastPacketAt = now
            picture.pointee.stream.pointee.counters.packetsReceived &+= 1
            picture.pointee.stream.pointee.counters.bytesReceived &+= UInt64(packet.count)
            forward(info, packet, from: picture)
        }
        // The bytes are valid during this call only.
        sendForwarded()
    }

    private func made(_ id: ProductionID) -> Picture? {
        for index in 0..<productions.count where productions[index].pointee.id == id {
            return productions[index].pointee.picture
        }
        return nil
    }

    private static func nextPacket(_ rest: inout Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer? {
        guard rest.count > StudioLink.lengthOctets else { return nil }
        let start = rest.startIndex
        let length = Int(rest[start]) << 8 | Int(rest[start + 1])
        guard rest.count >= StudioLink.lengthOctets + length else { return nil }
        defer { rest = rest.dropFirst(StudioLink.lengthOctets + length) }
        return UnsafeRawBufferPointer(rebasing: rest.dropFirst(StudioLink.lengthOctets).prefix(length))
    }
}
