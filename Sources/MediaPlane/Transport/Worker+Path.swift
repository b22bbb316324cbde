import CLinux
import Congestion
import DTLS
import Glibc
import ICE
import RTP
import SRTP
import STUN

/// Transports of legs: streams that share one (RFC 9143), found by ICE (RFC 8445) and keyed by DTLS (RFC 5763).
extension Worker {
    typealias Path = UnsafeMutablePointer<PathState>

    // MARK: From offer and answer

    /// Has a leg's streams go as offer and answer settled.
    mutating func lay(_ all: LegParameters, of leg: Leg) throws(MediaPlaneError) {
        for parameters in all.paths {
            var streams: [[Stream]] = []
            for member in parameters.members {
                if member.role == .pane {
                    guard let lead = streams.first?.first else { throw .slidesNotReserved(leg.pointee.id) }
                    streams.append(try pane(member.pane, of: leg, all.panes, on: lead))
                    continue
                }
                guard let stream = leg.pointee.stream(member.role) else { throw .slidesNotReserved(leg.pointee.id) }
                streams.append([stream])
            }
            guard let lead = streams.first?.first, let role = parameters.members.first?.role else { continue }
            for (index, member) in parameters.members.enumerated() where member.role == .video {
                streams[index] += try layers(of: leg, member.layers.count, all.video, on: lead)
            }
            let path = leg.pointee.path(ledBy: lead)
            let members = path.pointee.members.count
            path.pointee.apply(parameters, streams)
            for stream in streams.joined() {
                try join(stream, path)
                stream.pointee.transportSequenceID = parameters.transportSequenceID
            }
            // Pictures and handshakes do not wait for the tick in which sound is mixed.
            if lead == leg.pointee.audio { watchForGood(lead, slot: leg.pointee.slot) }
            find(path, parameters.finding)
            agree(path, parameters.keying, KeyAgreement.Name(leg: leg.pointee.id, lead: role), formerMembers: members)
        }
    }

    /// The streams of a simulcast beside the camera's own, which is the first.
    private mutating func layers(
        of leg: Leg, _ count: Int, _ parameters: StreamParameters?, on lead: Stream
    ) throws(MediaPlaneError) -> [Stream] {
        while leg.pointee.layers.count < min(count, PictureOffer.mostLayers) - 1 {
            let socket = dup(lead.pointee.rtpSocket)
            guard socket >= 0 else { throw .noFreePort(errno: errno) }
            let layer = Picture.allocateHot()
            layer.initialize(
                to: PictureState(
                    .camera, of: leg, sockets: .init(port: 0, rtp: socket, rtcp: -1),
                    track: leg.pointee.video.pointee.stream.pointee.track, sources: .random(), random: &random))
            layer.pointee.stream.pointee.fanOut = leg.pointee.audio.pointee.fanOut
            // It has its socket from the beginning.
            layer.pointee.stream.pointee.path = leg.pointee.path(ledBy: lead)
            leg.pointee.add(layer: layer)
        }
        var streams: [Stream] = []
        for index in 0..<leg.pointee.layers.count {
            let stream = leg.pointee.layers[index].pointee.stream
            try stream.pointee.apply(index < count - 1 ? parameters : nil, engine)
            stream.pointee.sends = false
            if index < count - 1 { streams.append(stream) }
        }
        return streams
    }

    /// The stream of a pane, made where there is none yet.
    private mutating func pane(
        _ number: Int, of leg: Leg, _ parameters: [PaneParameters], on lead: Stream
    ) throws(MediaPlaneError) -> [Stream] {
        guard parameters.indices.contains(number), number < PaneParameters.most else { return [] }
        while leg.pointee.panes.count <= number {
            let socket = dup(lead.pointee.rtpSocket)
            guard socket >= 0 else { throw .noFreePort(errno: errno) }
            let pane = Picture.allocateHot()
            pane.initialize(
                to: PictureState(
                    .pane, of: leg, sockets: .init(port: 0, rtp: socket, rtcp: -1), track: .max,
                    sources: parameters[leg.pointee.panes.count].sources, random: &random))
            pane.pointee.stream.pointee.fanOut = leg.pointee.audio.pointee.fanOut
            // It has its socket from the beginning.
            pane.pointee.stream.pointee.path = leg.pointee.path(ledBy: lead)
            leg.pointee.add(pane: pane)
        }
        let stream = leg.pointee.panes[number].pointee.stream
        // Nothing comes in by it, so no payload type tells that something is its own.
        var settled = parameters[number].stream
        (settled.receivable, settled.retransmissions, settled.receives) = ([], [], false)
        try stream.pointee.apply(settled, engine)
        return [stream]
    }

    private mutating func join(_ stream: Stream, _ path: Path) throws(MediaPlaneError) {
        let former = stream.pointee.path
        stream.pointee.path = path
        let lead = path.pointee.lead
        guard stream != lead, former != path else { return }
        leaveAlone(stream)
        let socket = dup(lead.pointee.rtpSocket)
        guard socket >= 0 else { throw .noFreePort(errno: errno) }
        retire(RetiredEgress(port: stream.pointee.replacePort(by: socket), sender: nil), stream)
    }

    /// Begins to answer the peer's checks, or begins again where the credentials are new.
    private func find(_ path: Path, _ finding: PathParameters.Finding?) {
        guard let finding else {
            path.pointee.agent = nil
            return
        }
        if path.pointee.agent == nil {
            path.pointee.agent = ICELiteAgent(finding.local)
        } else if path.pointee.agent?.local != finding.local {
            path.pointee.agent?.restart(finding.local)
        }
        path.pointee.agent?.setRemote(usernameFragment: finding.remoteFragment)
        // What offer and answer say of the peer's address is not where it was found.
        if let selected = path.pointee.agent?.selected { direct(path, to: cl_address(selected)) }
    }

    private mutating func agree(
        _ path: Path, _ keying: PathParameters.Keying?, _ name: KeyAgreement.Name, formerMembers: Int
    ) {
        guard let keying else {
            if case .agreeing = path.pointee.keying { keys.end(name) }
            path.pointee.keying = .none
            return
        }
        if keying.isKept, case .agreeing = path.pointee.keying {
            // Who joined the transport has its keys.
            let lead = path.pointee.lead
            if path.pointee.members.count != formerMembers, let held = lead.pointee.heldKeys {
                key(path, local: held.local, remote: held.remote)
            }
            return
        }
        for index in 0..<path.pointee.members.count {
            let stream = path.pointee.members[index]
            stream.pointee.awaitKeys()
            retireKeys(of: stream)
        }
        // Without ICE the peer is where its description says, and a client begins there.
        let isFound = path.pointee.agent != nil
        keys.prepare(
            name, keying, at: isFound ? nil : TransportAddress(path.pointee.lead.pointee.remoteRTP), for: mailbox)
        path.pointee.keying = .waiting
        path.pointee.name = name
        if !isFound {
            begin(path)
        } else if path.pointee.peer != nil {
            begin(path)
        }
    }

    private func begin(_ path: Path) {
        guard case .waiting = path.pointee.keying, let name = path.pointee.name else { return }
        path.pointee.keying = .agreeing
        keys.start(name)
    }

    /// Where a path's media goes from now on.
    private func direct(_ path: Path, to address: cl_address) {
        withUnsafePointer(to: address) {
            for index in 0..<path.pointee.members.count { path.pointee.members[index].pointee.latch($0) }
        }
        path.pointee.peer = address
    }

    // MARK: What comes

    /// A check of the peer's.
    mutating func answerCheck(_ packet: Ingress, on path: Path) {
        guard path.pointee.agent != nil, packet.door != .rtcp else {
            packet.stream.pointee.counters.malformed &+= 1
            return
        }
        let room = UnsafeMutableRawBufferPointer(
            start: scratch, count: ICELiteAgent<HMACSHA1Key>.answerCapacity)
        let outcome = path.pointee.agent?.handle(
            RawSpan(_unsafeStart: UnsafeRawPointer(packet.bytes), byteCount: Int(packet.length)),
            from: TransportAddress(packet.source.pointee), at: now, answer: room)
        guard let outcome else { return }
        // Whoever asks with little is not answered with more, for the address may be somebody else's.
        if outcome.answerLength > 0, outcome.answerLength <= Int(packet.length) {
            var vector = iovec(iov_base: scratch, iov_len: outcome.answerLength)
            _ = cl_send_segments(path.pointee.lead.pointee.rtpSocket, packet.source, &vector, 1, 0)
        }
        switch outcome.event {
        case .ignored, .refused: packet.stream.pointee.counters.unauthenticated &+= 1
        case .checked: break
        case .validated:
            // Handshakes need not wait until a full agent has made up its mind.
            if path.pointee.agent?.selected == nil { path.pointee.peer = packet.source.pointee }
            begin(path)
        case .selected:
            direct(path, to: packet.source.pointee)
            begin(path)
        }
    }

    /// A part of a handshake.
    mutating func shakeHands(_ packet: Ingress, on path: Path) {
        guard let name = path.pointee.name, packet.door != .rtcp, case .agreeing = path.pointee.keying else {
            packet.stream.pointee.counters.malformed &+= 1
            return
        }
        if let agent = path.pointee.agent {
            // Nobody answers strangers, who would use the bridge to flood others.
            guard agent.isValidated(TransportAddress(packet.source.pointee)) else {
                packet.stream.pointee.counters.unauthenticated &+= 1
                return
            }
            if agent.selected == nil { path.pointee.peer = packet.source.pointee }
        }
        keys.take(
            UnsafeRawBufferPointer(start: packet.bytes, count: Int(packet.length)),
            from: TransportAddress(packet.source.pointee), of: name)
    }

    // MARK: What the handshake wants

    /// - Parameter address: nil where ICE says where to.
    mutating func send(_ datagram: [UInt8], to address: TransportAddress?, on name: KeyAgreement.Name) {
        guard let path = path(name), let peer = address.map({ cl_address($0) }) ?? path.pointee.peer,
            datagram.count <= EgressQueue.packetCapacity
        else { return }
        datagram.withUnsafeBytes {
            guard let base = $0.baseAddress else { return }
            UnsafeMutableRawPointer(scratch).copyMemory(from: base, byteCount: $0.count)
        }
        var vector = iovec(iov_base: scratch, iov_len: datagram.count)
        withUnsafePointer(to: peer) { _ = cl_send_segments(path.pointee.lead.pointee.rtpSocket, $0, &vector, 1, 0) }
    }

    mutating func key(
        _ name: KeyAgreement.Name, local: SRTPMasterKey, remote: SRTPMasterKey, at address: TransportAddress?
    ) {
        guard let path = path(name) else { return }
        // Behind a NAT its description names another address.
        if path.pointee.agent == nil, let address { direct(path, to: cl_address(address)) }
        key(path, local: local, remote: remote)
        guard let leg = legs[name.leg] else { return }
        for index in 0..<leg.pointee.pictures.count {
            let viewer = leg.pointee.pictures[index]
            viewer.pointee.view.rewriter.forgetSent()
        }
        retarget(leg.pointee.room)
    }

    private mutating func key(_ path: Path, local: SRTPMasterKey, remote: SRTPMasterKey) {
        for index in 0..<path.pointee.members.count {
            let stream = path.pointee.members[index]
            do throws(MediaPlaneError) {
                try stream.pointee.take(local: local, remote: remote, engine)
            } catch {
                if let name = path.pointee.name { events.yield(.keysRefused(name.leg, reason: "\(error)")) }
            }
            retireKeys(of: stream)
        }
    }

    private func path(_ name: KeyAgreement.Name) -> Path? {
        legs[name.leg]?.pointee.stream(name.lead)?.pointee.path
    }

    func endAssociations(of leg: Leg) {
        for index in 0..<leg.pointee.paths.count {
            if let name = leg.pointee.paths[index].pointee.name { keys.end(name) }
        }
    }
}

extension cl_address {
    init(_ address: TransportAddress) {
        self.init()
        if let v4 = address.ipv4 {
            self.v4.sin_family = sa_family_t(AF_INET)
            self.v4.sin_port = address.port.bigEndian
            self.v4.sin_addr.s_addr = v4.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
        } else if let (high, low) = address.ipv6 {
            self.v6.sin6_family = sa_family_t(AF_INET6)
            self.v6.sin6_port = address.port.bigEndian
            withUnsafeMutableBytes(of: &self.v6.sin6_addr) {
                $0.storeBytes(of: high.bigEndian, as: UInt64.self)
                $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
    }
}

extension TransportAddress {
    init(_ address: cl_address) {
        if address.any.sa_family == sa_family_t(AF_INET) {
            self.init(
                ipv4: UInt32(bigEndian: address.v4.sin_addr.s_addr), port: UInt16(bigEndian: address.v4.sin_port))
        } else {
            let (high, low) = withUnsafeBytes(of: address.v6.sin6_addr) {
                ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            self.init(
                ipv6: UInt64(bigEndian: high), UInt64(bigEndian: low), port: UInt16(bigEndian: address.v6.sin6_port))
        }
    }
}
