import CIPSecMB
import COpenSSL

/// RTP by intel-ipsec-mb: GCM with its vectorised single-packet calls, counter mode and HMAC-SHA1 as bursts, whose
/// hashes run in as many lanes as the processor's vectors hold.
struct IPSecMBEngine {
    /// Packets of one burst: enough to fill the lanes, few enough to stay in the first caches.
    static let burst = 64
    /// Hashes that run side by side with AVX2, and how many of them must be filled for that to pay.
    private static let lanes = 8
    private static let fewest = 4

    /// A packet that waits for its burst.
    private struct Waiting {
        var job: UnsafeMutablePointer<SRTPJob>
        var keys: IPSecMBKeys
        var plan: RTPPlan
        /// Bytes of header and payload.
        var length: Int
    }

    private let manager: UnsafeMutablePointer<IMB_MGR>
    private let gcmContext = UnsafeMutablePointer<gcm_context_data>.allocate(capacity: 1)
    private let hashJobs = UnsafeMutablePointer<IMB_JOB>.allocate(capacity: Self.burst)
    private let cipherJobs = UnsafeMutablePointer<IMB_JOB>.allocate(capacity: Self.burst)
    private let wideCipherJobs = UnsafeMutablePointer<IMB_JOB>.allocate(capacity: Self.burst)
    private let waiting = UnsafeMutablePointer<Waiting>.allocate(capacity: Self.burst)
    private let deferred = UnsafeMutablePointer<UnsafeMutablePointer<SRTPJob>>.allocate(capacity: Self.burst)
    private let vectors = UnsafeMutablePointer<UInt8>.allocate(capacity: 16 * Self.burst)
    /// A tag of 20 bytes and the received one of at most 10 for each packet.
    private let tags = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.tagStride * Self.burst)
    private static let tagStride = 32
    private static let receivedOffset = 20

    /// Throws where the processor lacks AES instructions.
    init() throws(SRTPError) {
        guard let manager = alloc_mb_mgr(0) else {
            throw .engineUnavailable(.ipsecMB, reason: "no memory for its manager")
        }
        init_mb_mgr_auto(manager, nil)
        guard imb_get_errno(manager) == 0, causeway_imb_has_aes(manager) != 0 else {
            free_mb_mgr(manager)
            throw .engineUnavailable(
                .ipsecMB, reason: "this processor lacks AES-NI or PCLMULQDQ; choose auto or openssl")
        }
        self.manager = manager
        for index in 0..<Self.burst {
            causeway_imb_prepare_job(hashJobs + index, 0)
            causeway_imb_prepare_job(cipherJobs + index, 0)
            causeway_imb_prepare_job(wideCipherJobs + index, 1)
        }
    }

    func free() {
        free_mb_mgr(manager)
        gcmContext.deallocate()
        hashJobs.deallocate()
        cipherJobs.deallocate()
        wideCipherJobs.deallocate()
        waiting.deallocate()
        deferred.deallocate()
        vectors.deallocate()
        tags.deallocate()
    }

    func makeCrypto(
        rtp: SessionKeys, rtcp: SessionKeys, _ direction: StreamContext.Direction
    ) throws(SRTPError) -> StreamContext.Crypto {
        let rtcp = try OpenSSLTransform(rtcp, encrypting: direction == .sending)
        return .ipsecMB(rtp: IPSecMBKeys(rtp, manager), rtcp: rtcp)
    }

    // MARK: Protecting

    func protect(_ jobs: UnsafeMutableBufferPointer<SRTPJob>) {
        guard let first = jobs.baseAddress else { return }
        var start = 0
        while start < jobs.count {
            let count = min(Self.burst, jobs.count - start)
            protectBurst(first + start, count)
            start += count
        }
    }

    private func protectBurst(_ jobs: UnsafeMutablePointer<SRTPJob>, _ count: Int) {
        var waitingCount = 0
        for position in 0..<min(count, Self.contextsAhead) { jobs[position].context.fetch() }
        for position in 0..<min(count, Self.keysAhead) { jobs[position].context.fetchKeys() }
        for position in 0..<count {
            fetch(jobs, after: position, count)
            let job = jobs + position
            let context = job.pointee.context
            guard case .ipsecMB(let keys, _) = context.pointee.crypto else {
                job.pointee.status = .malformed
                continue
            }
            switch context.pointee.planProtect(job.pointee) {
            case .stop(let status): job.pointee.status = status
            case .go(let plan):
                let length = Int(job.pointee.length)
                if context.pointee.suite.isAEAD {
                    seal(job, keys, plan, length)
                } else {
                    (waiting + waitingCount).initialize(
                        to: Waiting(job: job, keys: keys, plan: plan, length: length))
                    waitingCount += 1
                }
            }
        }
        guard waitingCount > 0 else { return }
        // Were a burst refused, its packets must not leave half done.
        guard applyCounterMode(waitingCount), computeTags(waitingCount) else {
            for position in 0..<waitingCount { waiting[position].job.pointee.status = .malformed }
            return
        }
        for position in 0..<waitingCount {
            let job = waiting[position].job
            let tagLength = job.pointee.context.pointee.tagLength
            (job.pointee.packet + waiting[position].length).update(
                from: tags + position * Self.tagStride, count: tagLength)
            job.pointee.length += Int32(truncatingIfNeeded: tagLength)
            job.pointee.status = .ok
        }
    }

    // How many packets ahead the state of a stream is fetched, and then what that points at: each receiver's was last
    // touched a frame ago.
    private static let contextsAhead = 4
    private static let keysAhead = 2

    @inline(__always)
    private func fetch(_ jobs: UnsafeMutablePointer<SRTPJob>, after position: Int, _ count: Int) {
        let context = position + Self.contextsAhead
        if context < count, jobs[context].context != jobs[context - 1].context { jobs[context].context.fetch() }
        let keys = position + Self.keysAhead
        if keys < count, jobs[keys].context != jobs[keys - 1].context { jobs[keys].context.fetchKeys() }
    }

    @inline(__always)
    private func seal(_ job: UnsafeMutablePointer<SRTPJob>, _ keys: IPSecMBKeys, _ plan: RTPPlan, _ length: Int) {
        let packet = job.pointee.packet
        keys.salt.writeNonce(ssrc: plan.ssrc, index: plan.index, to: vectors)
        causeway_imb_gcm_seal(
            manager, keys.wide, keys.gcm, gcmContext, vectors, packet, UInt64(plan.headerLength),
            packet + plan.headerLength, UInt64(length - plan.headerLength), packet + length)
        job.pointee.length += 16
        job.pointee.status = .ok
    }

    // MARK: Unprotecting

    func unprotect(_ jobs: UnsafeMutableBufferPointer<SRTPJob>) {
        guard let first = jobs.baseAddress else { return }
        var start = 0
        while start < jobs.count {
            let count = min(Self.burst, jobs.count - start)
            unprotectBurst(first + start, count)
            start += count
        }
    }

    /// The first packets of an SSRC are taken one by one after the others: until one has authenticated, there is no
    /// rollover counter to tell the next ones' indices by.
    private func unprotectBurst(_ jobs: UnsafeMutablePointer<SRTPJob>, _ count: Int) {
        var waitingCount = 0
        var deferredCount = 0
        for position in 0..<min(count, Self.contextsAhead) { jobs[position].context.fetch() }
        for position in 0..<min(count, Self.keysAhead) { jobs[position].context.fetchKeys() }
        for position in 0..<count {
            fetch(jobs, after: position, count)
            let job = jobs + position
            let context = job.pointee.context
            guard case .ipsecMB(let keys, _) = context.pointee.crypto else {
                job.pointee.status = .malformed
                continue
            }
            switch context.pointee.planUnprotect(job.pointee) {
            case .stop(let status): job.pointee.status = status
            case .go(let plan):
                let length = Int(job.pointee.length) - context.pointee.tagLength
                if context.pointee.suite.isAEAD {
                    open(job, keys, plan, length)
                } else if plan.isFirst {
                    deferred[deferredCount] = job
                    deferredCount += 1
                } else {
                    (waiting + waitingCount).initialize(
                        to: Waiting(job: job, keys: keys, plan: plan, length: length))
                    waitingCount += 1
                }
            }
        }
        if waitingCount > 0 { authenticateAndDecrypt(waitingCount) }
        for position in 0..<deferredCount {
            let job = deferred[position]
            let context = job.pointee.context
            guard case .ipsecMB(let keys, _) = context.pointee.crypto else { continue }
            switch context.pointee.planUnprotect(job.pointee) {
            case .stop(let status): job.pointee.status = status
            case .go(let plan):
                let length = Int(job.pointee.length) - context.pointee.tagLength
                waiting.initialize(to: Waiting(job: job, keys: keys, plan: plan, length: length))
                authenticateAndDecrypt(1)
            }
        }
    }

    @inline(__always)
    private func open(_ job: UnsafeMutablePointer<SRTPJob>, _ keys: IPSecMBKeys, _ plan: RTPPlan, _ length: Int) {
        let packet = job.pointee.packet
        keys.salt.writeNonce(ssrc: plan.ssrc, index: plan.index, to: vectors)
        causeway_imb_gcm_open(
            manager, keys.wide, keys.gcm, gcmContext, vectors, packet, UInt64(plan.headerLength),
            packet + plan.headerLength, UInt64(length - plan.headerLength), tags)
        guard AuthenticationTag.matches(tags, packet + length, length: 16) else {
            job.pointee.status = .authenticationFailed
            return
        }
        job.pointee.status = job.pointee.context.pointee.commit(plan)
        if job.pointee.status == .ok { job.pointee.length = Int32(truncatingIfNeeded: length) }
    }

    /// Of the packets waiting, decrypts those that authenticate.
    private func authenticateAndDecrypt(_ count: Int) {
        for position in 0..<count {
            // The rollover counter, which is hashed after the packet, takes the tag's place.
            (tags + position * Self.tagStride + Self.receivedOffset).update(
                from: waiting[position].job.pointee.packet + waiting[position].length,
                count: waiting[position].job.pointee.context.pointee.tagLength)
        }
        guard computeTags(count) else {
            for position in 0..<count { waiting[position].job.pointee.status = .authenticationFailed }
            return
        }
        var authentic = 0
        for position in 0..<count {
            let job = waiting[position].job
            let tag = tags + position * Self.tagStride
            guard
                AuthenticationTag.matches(
                    tag, tag + Self.receivedOffset, length: job.pointee.context.pointee.tagLength)
            else {
                job.pointee.status = .authenticationFailed
                continue
            }
            job.pointee.status = job.pointee.context.pointee.commit(waiting[position].plan)
            guard job.pointee.status == .ok else { continue }
            job.pointee.length = Int32(truncatingIfNeeded: waiting[position].length)
            waiting[authentic] = waiting[position]
            authentic += 1
        }
        if !applyCounterMode(authentic) {
            for position in 0..<authentic { waiting[position].job.pointee.status = .malformed }
        }
    }

    // MARK: Bursts over the packets waiting

    /// False when the library refused.
    private func applyCounterMode(_ count: Int) -> Bool {
        var narrow = 0
        var wide = 0
        for position in 0..<count {
            let plan = waiting[position].plan
            let keys = waiting[position].keys
            let length = waiting[position].length - plan.headerLength
            // The library refuses a job without bytes.
            guard length > 0 else { continue }
            let vector = vectors + 16 * position
            keys.salt.writeCounter(ssrc: plan.ssrc, index: plan.index, to: vector)
            let slot: UnsafeMutablePointer<IMB_JOB>
            if keys.wide != 0 {
                slot = wideCipherJobs + wide
                wide += 1
            } else {
                slot = cipherJobs + narrow
                narrow += 1
            }
            causeway_imb_set_cipher(
                slot, keys.roundKeys, vector, waiting[position].job.pointee.packet + plan.headerLength, UInt64(length))
        }
        return (narrow == 0 || causeway_imb_cipher_burst(manager, cipherJobs, UInt32(narrow), 0) == narrow)
            && (wide == 0 || causeway_imb_cipher_burst(manager, wideCipherJobs, UInt32(wide), 1) == wide)
    }

    /// Leaves each packet's tag in its place of `tags`. Every suite's tag has room for the rollover counter.
    /// False when the library refused.
    private func computeTags(_ count: Int) -> Bool {
        // Lanes that stay empty cost as much as full ones: a few packets are faster one by one.
        let remainder = count % Self.lanes
        let inLanes = remainder < Self.fewest ? count - remainder : count
        for position in 0..<count {
            let packet = waiting[position].job.pointee.packet
            let length = waiting[position].length
            let tag = tags + position * Self.tagStride
            BigEndian.store(waiting[position].plan.rollover, to: packet + length)
            if position < inLanes {
                causeway_imb_set_hash(
                    hashJobs + position, waiting[position].keys.inner, waiting[position].keys.outer, packet,
                    UInt64(length + 4), tag)
            } else {
                causeway_hmac_sha1_tag(waiting[position].keys.scalar, packet, length + 4, nil, 0, tag)
            }
        }
        return inLanes == 0 || causeway_imb_hash_burst(manager, hashJobs, UInt32(inLanes)) == inLanes
    }
}
