import CLinux
import DTLS
import ICE
import RTP
import SRTP

/// A transport of one leg: tells the packets of the streams that share it apart (RFC 9143 §9.2), and knows how far its
/// way and its keys are.
struct PathState: ~Copyable {
    typealias Stream = UnsafeMutablePointer<StreamState>

    private static let mostSources = 16

    /// Whose sockets all use.
    let lead: Stream
    private(set) var members = PointerList<StreamState>()
    /// The `mid` of each member.
    private var identifications: [[UInt8]] = []
    private var identificationExtension: UInt8?

    /// Answers the peer's checks; nil where the way is not found by ICE.
    var agent: ICELiteAgent<HMACSHA1Key>?
    enum Keying {
        /// Each stream has its own, or none.
        case none
        /// There is no way to the peer yet.
        case waiting
        case agreeing
    }
    var keying = Keying.none
    var name: KeyAgreement.Name?
    /// Where the peer is answered that is being shaken hands with.
    var peer: cl_address?

    /// Sources that were heard, and which member each belongs to.
    private var sources = InlineArray<16, UInt32>(repeating: 0)
    private var owners = InlineArray<16, UInt8>(repeating: 0)
    private var sourceCount = 0
    private var nextSource = 0

    init(lead: Stream) { self.lead = lead }

    /// Whether media may go out: a place was nominated, where that is waited for.
    var hasWay: Bool { agent == nil || agent?.selected != nil }

    /// What offer and answer settled; the streams in the order of the parameters' members.
    mutating func apply(_ parameters: PathParameters, _ streams: [Stream]) {
        members = PointerList()
        for stream in streams { members.append(stream) }
        identifications = parameters.members.map { Array($0.identification.utf8) }
        identificationExtension = parameters.identificationExtension
        sourceCount = 0
        nextSource = 0
    }

    /// The stream of an RTP packet that is not authenticated yet: by its source, where that was heard before, or else by
    /// its `mid`, or else by its payload type, where only one stream has that.
    func stream(of datagram: UnsafeRawBufferPointer) -> Stream? {
        guard let info = try? RTPPacketInfo(parsing: datagram, readsPadding: false) else { return nil }
        for index in 0..<sourceCount where sources[index] == info.ssrc { return members[Int(owners[index])] }
        if let index = identified(info, datagram) { return members[index] }
        var found: Stream?
        for index in 0..<members.count where members[index].pointee.takes(info.payloadType) {
            guard found == nil else { return nil }
            found = members[index]
        }
        return found
    }

    private func identified(_ info: RTPPacketInfo, _ datagram: UnsafeRawBufferPointer) -> Int? {
        nil
    }

    /// An authentic packet of a source came: it belongs to a stream from now on. Of many the oldest is forgotten.
    mutating func note(_ ssrc: UInt32, of stream: Stream) {
        for index in 0..<sourceCount where sources[index] == ssrc { return }
        var owner = 0
        while owner < members.count, members[owner] != stream { owner += 1 }
        guard owner < members.count else { return }
        sources[nextSource] = ssrc
        owners[nextSource] = UInt8(truncatingIfNeeded: owner)
        sourceCount = max(sourceCount, nextSource + 1)
        nextSource = (nextSource + 1) % Self.mostSources
    }
}
