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
    }

    private let implementation: Implementation

    /// Throws when the engine chosen cannot run on this machine; ``SRTPEngineChoice/automatic`` always can.
    public init(_ choice: SRTPEngineChoice) throws(SRTPError) {
        switch choice {
        case .automatic, .openSSL: implementation = .openSSL(OpenSSLEngine())
        case .ipsecMB, .libsrtp2:
            throw .engineUnavailable(choice, reason: "not built in; choose auto or openssl")
        }
    }

    deinit {
        switch implementation {
        case .openSSL(let engine): engine.free()
        }
    }

    /// The engine that runs, as the configuration names it.
    public var name: String {
        switch implementation {
        case .openSSL: SRTPEngineChoice.openSSL.rawValue
        }
    }

    /// Protects RTP packets in place, in order; each job's status and length are set.
    public func protect(_ jobs: UnsafeMutableBufferPointer<SRTPJob>) {
        switch implementation {
        case .openSSL(let engine):
            for index in jobs.indices { engine.protect(&jobs[index]) }
        }
    }

    /// Authenticates and decrypts RTP packets in place; each job's status and length are set. A receiver's state moves
    /// only for packets that authenticated.
    public func unprotect(_ jobs: UnsafeMutableBufferPointer<SRTPJob>) {
        switch implementation {
        case .openSSL(let engine):
            for index in jobs.indices { engine.unprotect(&jobs[index]) }
        }
    }

    func makeCrypto(
        _ key: SRTPMasterKey, _ direction: StreamContext.Direction
    ) throws(SRTPError) -> StreamContext.Crypto {
        switch implementation {
        case .openSSL(let engine): try engine.makeCrypto(key, direction)
        }
    }
}
