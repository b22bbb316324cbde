/// Which library encrypts and decrypts.
public enum SRTPEngineChoice: String, Sendable, CaseIterable {
    /// ipsec-mb where the processor has what it needs, OpenSSL elsewhere.
    case automatic = "auto"
    case ipsecMB = "ipsec-mb"
    case openSSL = "openssl"
    case libsrtp2 = "libsrtp2"
}

/// Protects and unprotects batches of packets of any number of streams (RFC 3711, RFC 6188, RFC 7714). A worker has one
/// of its own: an engine, its senders and its receivers stay on one thread.
public final class SRTPEngine {
    private enum Implementation {
        case openSSL(OpenSSLEngine)
        case ipsecMB(IPSecMBEngine)
        case libsrtp2(LibSRTPEngine)
    }

    private let implementation: Implementation

    /// Throws when the engine chosen cannot run on this machine; ``SRTPEngineChoice/automatic`` always can.
    public init(_ choice: SRTPEngineChoice) throws(SRTPError) {
        switch choice {
        case .automatic:
            if let engine = try? IPSecMBEngine() {
                implementation = .ipsecMB(engine)
            } else {
                implementation = .openSSL(OpenSSLEngine())
            }
        case .ipsecMB: implementation = .ipsecMB(try IPSecMBEngine())
        case .openSSL: implementation = .openSSL(OpenSSLEngine())
        case .libsrtp2: implementation = .libsrtp2(try LibSRTPEngine())
        }
    }

    deinit {
        switch implementation {
        case .openSSL(let engine): engine.free()
        case .ipsecMB(let engine): engine.free()
        case .libsrtp2: break
        }
    }

    /// The engine that runs, as the configuration names it.
    public var name: String {
        switch implementation {
        case .openSSL: SRTPEngineChoice.openSSL.rawValue
        case .ipsecMB: SRTPEngineChoice.ipsecMB.rawValue
        case .libsrtp2: SRTPEngineChoice.libsrtp2.rawValue
        }
    }

    /// Protects RTP packets in place, in order; each job's status and length are set.
    public func protect(_ jobs: UnsafeMutableBufferPointer<SRTPJob>) {
        switch implementation {
        case .openSSL(let engine):
            for index in jobs.indices { engine.protect(&jobs[index]) }
        case .ipsecMB(let engine): engine.protect(jobs)
        case .libsrtp2(let engine):
            for index in jobs.indices { engine.protect(&jobs[index]) }
        }
    }

    /// Authenticates and decrypts RTP packets in place; each job's status and length are set. A receiver's state moves
    /// only for packets that authenticated.
    public func unprotect(_ jobs: UnsafeMutableBufferPointer<SRTPJob>) {
        switch implementation {
        case .openSSL(let engine):
            for index in jobs.indices { engine.unprotect(&jobs[index]) }
        case .ipsecMB(let engine): engine.unprotect(jobs)
        case .libsrtp2(let engine):
            for index in jobs.indices { engine.unprotect(&jobs[index]) }
        }
    }

    func makeCrypto(
        _ key: SRTPMasterKey, _ direction: StreamContext.Direction
    ) throws(SRTPError) -> StreamContext.Crypto {
        switch implementation {
        case .libsrtp2(let engine): try engine.makeCrypto(key, direction)
        default: try makeCrypto(rtp: SessionKeys(key, for: .rtp), rtcp: SessionKeys(key, for: .rtcp), direction)
        }
    }

    /// Takes session keys already derived, as published vectors give them; libsrtp derives its own.
    func makeCrypto(
        rtp: SessionKeys, rtcp: SessionKeys, _ direction: StreamContext.Direction
    ) throws(SRTPError) -> StreamContext.Crypto {
        switch implementation {
        case .openSSL(let engine): try engine.makeCrypto(rtp: rtp, rtcp: rtcp, direction)
        case .ipsecMB(let engine): try engine.makeCrypto(rtp: rtp, rtcp: rtcp, direction)
        case .libsrtp2: throw .libraryRefused(.libsrtp2, operation: "session keys without a master key")
        }
    }
}
