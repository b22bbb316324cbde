import CLinux
import RTP

/// What a studio makes, as its worker knows it: a source of pictures like a camera, without a peer behind it.
struct ProductionState: ~Copyable {
    let id: ProductionID
    let content: ProductionPlan.Content
    let format: PictureFormat
    let room: UnsafeMutablePointer<RoomState>
    let picture: UnsafeMutablePointer<PictureState>
    /// When somebody last looked at it, on the monotonic clock.
    var neededAt: UInt64

    func isRendition(of leg: LegID) -> Bool {
        switch content {
        case .rendition(let source): source.leg == leg
        }
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
        made.pointee.neededAt = now
        return made.pointee.picture
    }

    /// The format in which a viewer is sent what the bridge makes.
    private func madeFormat(for viewer: Picture) -> PictureFormat? {
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
        return begin(
            .rendition(of: FilmedSource(leg: candidate.pointee.leg.pointee.id, content: .camera)), format,
            of: candidate.pointee.leg, width: Self.renditionWidth, height: Self.renditionHeight,
            bitsPerSecond: Self.renditionBits)
    }

    // MARK: Beginning and ending

    private mutating func begin(
        _ content: ProductionPlan.Content, _ format: PictureFormat, of leg: Leg, width: Int, height: Int,
        bitsPerSecond: Int
    ) -> Production {
        let id = ProductionID(rawValue: nextProduction)
        nextProduction &+= 1
        let sources = StreamSources.random()
        let picture = Picture.allocate(capacity: 1)
        picture.initialize(
            to: PictureState(
                .camera, of: leg, sockets: .init(port: 0, rtp: -1, rtcp: -1), track: .max, sources: sources,
                random: &random))
        picture.pointee.production = id
        picture.pointee.stream.pointee.picture = picture
        picture.pointee.stream.pointee.becomeMade(format)
        let room = leg.pointee.room
        let production = Production.allocate(capacity: 1)
        production.initialize(
            to: ProductionState(
                id: id, content: content, format: format, room: room, picture: picture, neededAt: now))
        productions.append(production)
        studio.post(
            .begin(
                id,
                ProductionPlan(
                    content: content, codec: format.codec, width: width, height: height, bitsPerSecond: bitsPerSecond,
                    ssrc: sources.media, firstSequence: UInt16.random(in: 0 ... .max, using: &random) >> 1,
                    firstTimestamp: random.next())))
        chooseFilmed(in: room)
        return production
    }

    private mutating func end(_ production: Production) {
        let picture = production.pointee.picture
        let room = production.pointee.room
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            for index in 0..<leg.pointee.pictures.count {
                leg.pointee.pictures[index].pointee.view.forget(picture)
                if leg.pointee.pictures[index].pointee.candidate == picture {
                    leg.pointee.pictures[index].pointee.candidate = nil
                }
            }
        }
        studio.post(.end(production.pointee.id))
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
    }

    /// Twice a second: what nobody looks at any more ends.
    mutating func endUnseenProductions(in room: Room) {
        var isMade = false
        for index in stride(from: productions.count - 1, through: 0, by: -1)
        where productions[index].pointee.room == room {
            let production = productions[index]
            if isSeen(production.pointee.picture, in: room) { production.pointee.neededAt = now }
            if now &- production.pointee.neededAt > Self.linger { end(production) } else { isMade = true }
        }
        if isMade { chooseFilmed(in: room) }
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

    /// Decides whose packets the studio gets: of a camera in several sizes the cheapest, and that one for as long as it comes.
    private mutating func chooseFilmed(in room: Room) {
        for index in 0..<room.pointee.legs.count {
            let leg = room.pointee.legs[index]
            let former = filmed(of: leg)
            var choice: Picture?
            if isWanted(leg) {
                choice = former.flatMap { isLive($0) ? $0 : nil } ?? cheapestCamera(of: leg) ?? former
            }
            guard choice != former else { continue }
            former?.pointee.isFilmed = false
            if let choice {
                choice.pointee.isFilmed = true
                askForKeyframe(of: choice)
            } else {
                studio.post(.forget(FilmedSource(leg: leg.pointee.id, content: .camera)))
            }
        }
    }

    private func isWanted(_ leg: Leg) -> Bool {
        for index in 0..<productions.count where productions[index].pointee.isRendition(of: leg.pointee.id) {
            return true
        }
        return false
    }

    private func filmed(of leg: Leg) -> Picture? {
        for index in 0..<leg.pointee.sources.count where leg.pointee.sources[index].pointee.isFilmed {
            return leg.pointee.sources[index]
        }
        return nil
    }

    private func cheapestCamera(of leg: Leg) -> Picture? {
        var best: Picture?
        for index in 0..<leg.pointee.sources.count {
            let picture = leg.pointee.sources[index]
            guard picture.pointee.content == .camera, isLive(picture) else { continue }
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
            if let leg = legs[source.leg], let picture = filmed(of: leg) { askForKeyframe(of: picture) }
        case .undecodable(let source):
            guard let leg = legs[source.leg] else { return }
            for index in 0..<leg.pointee.sources.count {
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
