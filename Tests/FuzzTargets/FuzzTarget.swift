/// A parser, or a machine that hostile octets reach, with what must hold whatever they are. libFuzzer runs the targets
/// (`make fuzz`), and `FuzzTests` replays what it found.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case sipMessage = "sip-message"
    case sipStream = "sip-stream"
    case sipURI = "sip-uri"
    case digest
    case transactions
    case sdp
    case stun
    case rtp
    case rtcp
    case congestion
    case srtp
    case ice
    case dtls
    #if canImport(BFCP)
        case bfcp
    #endif

    /// Runs one input. Octets that are refused are no finding; a trap is one too.
    public func run(_ octets: [UInt8]) throws(FuzzFinding) {
        switch self {
        case .sipMessage: try SIPMessageTarget.run(octets)
        case .sipStream: try SIPStreamTarget.run(octets)
        case .sipURI: try SIPURITarget.run(octets)
        case .digest: try DigestTarget.run(octets)
        case .transactions: try TransactionTarget.run(octets)
        case .sdp: try SDPTarget.run(octets)
        case .stun: try STUNTarget.run(octets)
        case .rtp: try RTPTarget.run(octets)
        case .rtcp: try RTCPTarget.run(octets)
        case .congestion: try CongestionTarget.run(octets)
        case .srtp: try SRTPTarget.run(octets)
        case .ice: try ICETarget.run(octets)
        case .dtls: try DTLSTarget.run(octets)
        #if canImport(BFCP)
            case .bfcp: try BFCPTarget.run(octets)
        #endif
        }
    }
}

/// Something that must hold and does not.
public struct FuzzFinding: Error, CustomStringConvertible {
    public let description: String
}

func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(FuzzFinding) {
    guard holds else { throw FuzzFinding(description: what()) }
}

/// Takes an input apart into the choices that a target makes; zeros where it has ended.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) { rest = octets[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }
    mutating func half() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }
    mutating func word() -> UInt32 { UInt32(half()) << 16 | UInt32(half()) }

    mutating func octets(_ count: Int) -> [UInt8] {
        let taken = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }
}

/// Copies octets into room of just their size, where an address sanitizer sees a read beyond them.
func withExactBytes<Value, Failure: Error>(
    _ octets: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
) throws(Failure) -> Value {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: octets.count, alignment: 1)
    defer { room.deallocate() }
    room.copyBytes(from: octets)
    return try body(UnsafeRawBufferPointer(room))
}
