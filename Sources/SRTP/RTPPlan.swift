/// What an RTP packet's header and its stream's state decide before any cipher runs.
struct RTPPlan {
    let ssrc: UInt32
    let index: UInt64
    let headerLength: Int
    /// Of a packet received: none of its SSRC has authenticated yet.
    let isFirst: Bool

    var rollover: UInt32 { UInt32(truncatingIfNeeded: index >> 16) }
}

enum Planned {
    case go(RTPPlan)
    case stop(SRTPStatus)
}

extension StreamContext {
    /// RFC 3711 §9.2.
    static let rtpKeyLifetime: UInt64 = 1 << 48
    static let rtcpKeyLifetime: UInt64 = 1 << 31

    /// Checks a packet to send and takes an index for it. A sequence number sent before keeps its index: a
    /// retransmission must be of the same bytes.
    @inline(__always)
    mutating func planProtect(_ job: SRTPJob) -> Planned {
        let length = Int(job.length)
        guard direction == .sending, let layout = RTPLayout(job.packet, length: length) else {
            return .stop(.malformed)
        }
        guard length + tagLength <= Int(job.capacity) else { return .stop(.noRoom) }
        guard protectedPackets < Self.rtpKeyLifetime else { return .stop(.keyExhausted) }
        guard let state = table.findOrAdd(layout.ssrc) else { return .stop(.noRoom) }
        let index: UInt64
        if let highest = state.pointee.highestSent {
            guard let estimate = PacketIndex.estimate(highest: highest, sequence: layout.sequence) else {
                return .stop(.keyExhausted)
            }
            index = estimate
            if index > highest { state.pointee.highestSent = index }
        } else {
            index = UInt64(layout.sequence)
            state.pointee.highestSent = index
        }
        protectedPackets += 1
        return .go(RTPPlan(ssrc: layout.ssrc, index: index, headerLength: layout.headerLength, isFirst: false))
    }

    /// Checks a packet received, changing nothing.
    @inline(__always)
    mutating func planUnprotect(_ job: SRTPJob) -> Planned {
        let length = Int(job.length)
        guard direction == .receiving, length <= Int(job.capacity),
            let layout = RTPLayout(job.packet, length: length - tagLength)
        else { return .stop(.malformed) }
        let index: UInt64
        let isFirst: Bool
        if let window = table.find(layout.ssrc)?.pointee.received {
            guard let estimate = PacketIndex.estimate(highest: window.highest, sequence: layout.sequence) else {
                return .stop(.keyExhausted)
            }
            index = estimate
            guard window.admits(index) else { return .stop(.replayed) }
            isFirst = false
        } else {
            guard !table.isFull || table.find(layout.ssrc) != nil else { return .stop(.noRoom) }
            index = UInt64(layout.sequence)
            isFirst = true
        }
        return .go(RTPPlan(ssrc: layout.ssrc, index: index, headerLength: layout.headerLength, isFirst: isFirst))
    }

    /// Takes a packet that authenticated into the stream's state. Asks the window again: another packet of the same
    /// batch may have been the same.
    @inline(__always)
    mutating func commit(_ plan: RTPPlan) -> SRTPStatus {
        guard let state = table.findOrAdd(plan.ssrc) else { return .noRoom }
        if state.pointee.received == nil {
            state.pointee.received = ReplayWindow(first: plan.index)
            return .ok
        }
        guard state.pointee.received?.admits(plan.index) == true else { return .replayed }
        state.pointee.received?.accept(plan.index)
        return .ok
    }
}
