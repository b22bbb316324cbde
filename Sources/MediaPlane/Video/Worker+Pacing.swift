import Congestion
import RTP

/// Pictures to those whose line carries little more than they take. Sound never waits.
extension Worker {
    /// Ten times a second: how fast pictures may leave to a leg. `sound` is what its sound takes, in bit/s.
    func pace(_ leg: Leg, sound: UInt64) {
        let line = leg.pointee.line?.bitsPerSecond
        // While a queue drains what is left of a picture goes on, slowly.
        let left = line.map { max(Double($0) - Double(sound), Double($0) / 2, 40_000) }
        for index in 0..<leg.pointee.pictures.count {
            let viewer = leg.pointee.pictures[index]
            viewer.pointee.pacer.adapt(to: left)
        }
    }

    /// Something waits for its turn on a leg's line.
    func hasPaced(_ leg: Leg) -> Bool {
        for index in 0..<leg.pointee.pictures.count where leg.pointee.pictures[index].pointee.pacer.cursor != nil {
            return true
        }
        return false
    }

    /// A packet of what a viewer is shown waits for its turn, and all after it.
    mutating func wait(from sequence: UInt16, to viewer: Picture) {
        viewer.pointee.pacer.wait(from: sequence, at: now)
        slots[viewer.pointee.leg.pointee.slot]?.duties.insert(.pacing)
        isStirred = true
    }

    /// Each tick: sends a leg what waits and may leave now.
    mutating func releasePaced(of leg: Leg) {
        for index in 0..<leg.pointee.pictures.count where leg.pointee.pictures[index].pointee.pacer.cursor != nil {
            release(to: leg.pointee.pictures[index])
        }
    }

    private mutating func release(to viewer: Picture) {
        guard let source = viewer.pointee.view.current, let newest = source.pointee.losses.highest,
            let history = source.pointee.history
        else { return viewer.pointee.pacer.clear() }
        let stream = viewer.pointee.stream
        while var sequence = viewer.pointee.pacer.cursor, viewer.pointee.pacer.hasRoom(at: now) {
            let left = Int16(bitPattern: newest &- sequence)
            guard left >= 0, !viewer.pointee.pacer.isTooLate(at: now), left < PacketHistory.slots else {
                viewer.pointee.pacer.clear()
                if left >= 0 { viewerLostPicture(viewer) }
                return
            }
            let datagram = history.pointee.find(sequence)
            sequence &+= 1
            viewer.pointee.pacer.advance(to: sequence)
            // One that was lost on its way here is not waited for: it goes by itself should it come.
            guard let datagram, let info = try? RTPPacketInfo(parsing: datagram),
                let format = source.pointee.stream.pointee.format(of: info.payloadType),
                let payloadType = stream.pointee.sends ? stream.pointee.payloadType(for: format) : nil
            else { continue }
            let payload = info.payload(of: datagram)
            let beginsKeyframe =
                format.codec == .h264
                ? H264Payload.beginsKeyframe(payload) : VP8FrameHeader.beginsKeyframe(payload)
            let packet = ForwardedRun.Packet(
                info: info, datagram: datagram,
                descriptor: format == .vp8 ? VP8PayloadDescriptor(parsing: payload) : nil,
                beginsKeyframe: beginsKeyframe)
            show(packet, of: source, viewID(of: source, info.ssrc), as: payloadType, to: viewer)
        }
    }
}
