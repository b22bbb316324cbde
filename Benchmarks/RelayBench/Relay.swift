import BenchSupport
import SRTP

/// A system under test: a process on the relay's core that carries streams from sources to sinks.
protocol Relay: AnyObject {
    var process: ChildProcess { get }

    /// Opens a leg for each source and each sink, tells the sources where to send, and settles keys. Once in a relay's
    /// life.
    func connect(_ load: StreamLoad, _ suite: SRTPSuite?) throws
}

/// The systems that are compared, in the order of the table.
enum System: String, CaseIterable {
    case floor
    case ipsecMB = "causeway-ipsec-mb"
    case openSSL = "causeway-openssl"
    case libsrtp2 = "causeway-libsrtp2"
    case rtpengine

    /// How the table calls it.
    var name: String {
        switch self {
        case .floor: "the floor"
        case .ipsecMB: "Causeway, ipsec-mb"
        case .openSSL: "Causeway, openssl"
        case .libsrtp2: "Causeway, libsrtp2"
        case .rtpengine: "rtpengine"
        }
    }

    private var engine: SRTPEngineChoice? {
        switch self {
        case .ipsecMB: .ipsecMB
        case .openSSL: .openSSL
        case .libsrtp2: .libsrtp2
        case .floor, .rtpengine: nil
        }
    }

    /// In the clear the engines have nothing to do: one stands for all.
    func isMeasured(with suite: SRTPSuite?) -> Bool { suite != nil || self != .openSSL && self != .libsrtp2 }

    func launch(core: Int32) throws -> any Relay {
        if let engine {
            let index = UInt16(SRTPEngineChoice.allCases.firstIndex(of: engine) ?? 0)
            let ports = 10_000 + 3_000 * index...12_999 + 3_000 * index
            return try LineRelay(CausewayServer.arguments(engine, ports), core: core)
        }
        if self == .rtpengine { return try RtpengineRelay(core: core) }
        return try LineRelay([Programs.beside("relay-floor")], core: core)
    }
}
