/// SRTCP (RFC 3711 §3.4, RFC 7714 §9) by OpenSSL for every engine but libsrtp2.
extension StreamContext {
    private static let encrypted: UInt32 = 1 << 31

    /// Encrypts and tags `length` bytes in place; on success `protectedLength` is what the packet has become.
    mutating func protectRTCP(
        _ packet: UnsafeMutablePointer<UInt8>, length: Int, capacity: Int, _ rtcp: OpenSSLTransform,
        protectedLength: inout Int32
    ) -> SRTPStatus {
        guard length >= 8, packet[0] >> 6 == 2 else { return .malformed }
        guard length + suite.rtcpOverhead <= capacity else { return .noRoom }
        let ssrc = BigEndian.load32(packet + 4)
        guard protectedRTCPPackets < Self.rtcpKeyLifetime else { return .keyExhausted }
        guard let state = table.findOrAdd(ssrc) else { return .noRoom }
        let index = state.pointee.nextRTCPIndex
        guard index < Self.encrypted else { return .keyExhausted }
        let word = index | Self.encrypted
        let done = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { scratch -> Bool in
            guard let vector = scratch.baseAddress else { return false }
            if suite.isAEAD {
                rtcp.salt.writeNonce(ssrc: ssrc, index: UInt64(index), to: vector)
                guard
                    rtcp.seal(
                        vector, header: UnsafeRawBufferPointer(start: packet, count: 8), trailer: word, packet + 8,
                        length: length - 8, tag: packet + length)
                else { return false }
                BigEndian.store(word, to: packet + length + 16)
            } else {
                rtcp.salt.writeCounter(ssrc: ssrc, index: UInt64(index), to: vector)
                guard rtcp.applyCounterMode(vector, packet + 8, length: length - 8) else { return false }
                BigEndian.store(word, to: packet + length)
                rtcp.computeTag(packet, length: length + 4, suffix: nil, to: vector + 16)
                (packet + length + 4).update(from: vector + 16, count: 10)
            }
            return true
        }
        guard done else { return .malformed }
        state.pointee.nextRTCPIndex += 1
        protectedRTCPPackets += 1
        protectedLength = Int32(truncatingIfNeeded: length + suite.rtcpOverhead)
        return .ok
    }

    /// Authenticates and decrypts `length` bytes in place. A packet whose E bit is clear was sent unencrypted and is
    /// taken when it authenticates.
    mutating func unprotectRTCP(
        _ packet: UnsafeMutablePointer<UInt8>, length: Int, _ rtcp: OpenSSLTransform,
        plainLength: inout Int32
    ) -> SRTPStatus {
        let plain = length - suite.rtcpOverhead
        guard plain >= 8, packet[0] >> 6 == 2 else { return .malformed }
        let ssrc = BigEndian.load32(packet + 4)
        let word = BigEndian.load32(packet + (suite.isAEAD ? length - 4 : plain))
        let isEncrypted = word & Self.encrypted != 0
        let index = word & ~Self.encrypted
        if let state = table.find(ssrc) {
            guard state.pointee.receivedRTCP.admits(index) else { return .replayed }
        } else if table.isFull {
            return .noRoom
        }
        let authentic = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { scratch -> Bool in
            guard let vector = scratch.baseAddress else { return false }
            if suite.isAEAD {
                rtcp.salt.writeNonce(ssrc: ssrc, index: UInt64(index), to: vector)
                let clear = isEncrypted ? 8 : plain
                return rtcp.open(
                    vector, header: UnsafeRawBufferPointer(start: packet, count: clear), trailer: word, packet + clear,
                    length: plain - clear, tag: packet + plain)
            }
            rtcp.computeTag(packet, length: plain + 4, suffix: nil, to: vector + 16)
            guard AuthenticationTag.matches(vector + 16, packet + plain + 4, length: 10) else { return false }
            rtcp.salt.writeCounter(ssrc: ssrc, index: UInt64(index), to: vector)
            return !isEncrypted || rtcp.applyCounterMode(vector, packet + 8, length: plain - 8)
        }
        guard authentic else { return .authenticationFailed }
        guard let state = table.findOrAdd(ssrc) else { return .noRoom }
        state.pointee.receivedRTCP.accept(index)
        plainLength = Int32(truncatingIfNeeded: plain)
        return .ok
    }

    // MARK: libsrtp2

    mutating func protectRTCP(
        _ packet: UnsafeMutablePointer<UInt8>, length: Int, capacity: Int, _ session: LibSRTPSession,
        protectedLength: inout Int32
    ) -> SRTPStatus {
        guard length >= 8, packet[0] >> 6 == 2 else { return .malformed }
        guard length + suite.rtcpOverhead <= capacity, table.findOrAdd(BigEndian.load32(packet + 4)) != nil else {
            return .noRoom
        }
        var size = Int32(truncatingIfNeeded: length)
        let status = session.protectRTCP(packet, &size)
        if status == .ok { protectedLength = size }
        return status
    }

    /// libsrtp refuses a packet whose E bit is clear.
    mutating func unprotectRTCP(
        _ packet: UnsafeMutablePointer<UInt8>, length: Int, _ session: LibSRTPSession, plainLength: inout Int32
    ) -> SRTPStatus {
        guard length - suite.rtcpOverhead >= 8, packet[0] >> 6 == 2 else { return .malformed }
        let ssrc = BigEndian.load32(packet + 4)
        guard !table.isFull || table.find(ssrc) != nil else { return .noRoom }
        var size = Int32(truncatingIfNeeded: length)
        let status = session.unprotectRTCP(packet, &size)
        if status == .ok {
            _ = table.findOrAdd(ssrc)
            plainLength = size
        }
        return status
    }
}
