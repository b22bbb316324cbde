import CSRTP2

/// RTP and RTCP by libsrtp2, the reference.
struct LibSRTPEngine {
    /// The library's own start, once in the process.
    private static let started = srtp_init() == srtp_err_status_ok

    init() throws(SRTPError) {
        guard Self.started else {
            throw .engineUnavailable(.libsrtp2, reason: "its self-test failed; choose auto or openssl")
        }
    }

    func makeCrypto(
        _ key: SRTPMasterKey, _ direction: StreamContext.Direction
    ) throws(SRTPError) -> StreamContext.Crypto {
        .libsrtp2(try LibSRTPSession(key, direction))
    }

    func protect(_ job: inout SRTPJob) {
        let context = job.context
        guard case .libsrtp2(let session) = context.pointee.crypto, context.pointee.direction == .sending,
            let layout = RTPLayout(job.packet, length: Int(job.length))
        else {
            job.status = .malformed
            return
        }
        // The library would grow its list of streams without bound.
        guard Int(job.length) + context.pointee.tagLength <= Int(job.capacity),
            context.pointee.table.findOrAdd(layout.ssrc) != nil
        else {
            job.status = .noRoom
            return
        }
        job.status = session.protect(job.packet, &job.length)
    }

    func unprotect(_ job: inout SRTPJob) {
        let context = job.context
        guard case .libsrtp2(let session) = context.pointee.crypto, context.pointee.direction == .receiving,
            job.length <= job.capacity,
            let layout = RTPLayout(job.packet, length: Int(job.length) - context.pointee.tagLength)
        else {
            job.status = .malformed
            return
        }
        guard !context.pointee.table.isFull || context.pointee.table.find(layout.ssrc) != nil else {
            job.status = .noRoom
            return
        }
        job.status = session.unprotect(job.packet, &job.length)
        if job.status == .ok { _ = context.pointee.table.findOrAdd(layout.ssrc) }
    }
}
