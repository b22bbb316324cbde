/// RTP by OpenSSL's EVP, a packet after the other.
struct OpenSSLEngine {
    /// 16 bytes of vector, then 20 of tag.
    private let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: 48)

    func free() { scratch.deallocate() }

    func makeCrypto(
        rtp: SessionKeys, rtcp: SessionKeys, _ direction: StreamContext.Direction
    ) throws(SRTPError) -> StreamContext.Crypto {
        let encrypting = direction == .sending
        let rtp = try OpenSSLTransform(rtp, encrypting: encrypting)
        do {
            return .openSSL(rtp: rtp, rtcp: try OpenSSLTransform(rtcp, encrypting: encrypting))
        } catch {
            rtp.free()
            throw error
        }
    }

    func protect(_ job: inout SRTPJob) {
        let context = job.context
        guard case .openSSL(let rtp, _) = context.pointee.crypto else {
            job.status = .malformed
            return
        }
        let plan: RTPPlan
        switch context.pointee.planProtect(job) {
        case .stop(let status):
            job.status = status
            return
        case .go(let decided): plan = decided
        }
        let packet = job.packet
        let length = Int(job.length)
        let payload = packet + plan.headerLength
        let payloadLength = length - plan.headerLength
        let done: Bool
        if context.pointee.suite.isAEAD {
            rtp.salt.writeNonce(ssrc: plan.ssrc, index: plan.index, to: scratch)
            done = rtp.seal(
                scratch, header: UnsafeRawBufferPointer(start: packet, count: plan.headerLength), trailer: nil,
                payload, length: payloadLength, tag: packet + length)
        } else {
            rtp.salt.writeCounter(ssrc: plan.ssrc, index: plan.index, to: scratch)
            done = rtp.applyCounterMode(scratch, payload, length: payloadLength)
            rtp.computeTag(packet, length: length, suffix: plan.rollover, to: scratch + 16)
            (packet + length).update(from: scratch + 16, count: context.pointee.tagLength)
        }
        job.status = done ? .ok : .malformed
        if done { job.length += Int32(truncatingIfNeeded: context.pointee.tagLength) }
    }

    func unprotect(_ job: inout SRTPJob) {
        let context = job.context
        guard case .openSSL(let rtp, _) = context.pointee.crypto else {
            job.status = .malformed
            return
        }
        let plan: RTPPlan
        switch context.pointee.planUnprotect(job) {
        case .stop(let status):
            job.status = status
            return
        case .go(let decided): plan = decided
        }
        let packet = job.packet
        let tagLength = context.pointee.tagLength
        let length = Int(job.length) - tagLength
        let payload = packet + plan.headerLength
        let payloadLength = length - plan.headerLength
        let authentic: Bool
        if context.pointee.suite.isAEAD {
            rtp.salt.writeNonce(ssrc: plan.ssrc, index: plan.index, to: scratch)
            authentic = rtp.open(
                scratch, header: UnsafeRawBufferPointer(start: packet, count: plan.headerLength), trailer: nil,
                payload, length: payloadLength, tag: packet + length)
        } else {
            rtp.computeTag(packet, length: length, suffix: plan.rollover, to: scratch + 16)
            rtp.salt.writeCounter(ssrc: plan.ssrc, index: plan.index, to: scratch)
            authentic =
                AuthenticationTag.matches(scratch + 16, packet + length, length: tagLength)
                && rtp.applyCounterMode(scratch, payload, length: payloadLength)
        }
        job.status = authentic ? context.pointee.commit(plan) : .authenticationFailed
        if job.status == .ok { job.length = Int32(truncatingIfNeeded: length) }
    }
}
