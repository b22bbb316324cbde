import CLinux
import Congestion
import DTLS
import ICE
import RTP
import SRTP
import STUN

/// A transport of one leg: tells the packets of the streams that share it apart (RFC 9143 §9.2), and knows how far its
/// way and its keys are, and what the peer is to be told of what came.
struct PathState: ~Copyable {
    typealias Stream = UnsafeMutablePointer<StreamState>

    private static let mostSources = 16

    /// Whose sockets all use.
    let lead: Stream
    private(set) var members = PointerList<StreamState>()
    /// By which packets say whose they are: the `mid` of an m-line, or the `rid` of one stream of a simulcast.
    private var identifications: [(name: StreamName, stream: Stream)] = []
    private var layers: [(name: StreamName, stream: Stream)] = []
    private(set) var extensions = HeaderExtensionMap()

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

    /// When packets came, for a peer that numbers them all.
    var arrivals: ArrivalRecorder?
    /// What the peer's line carries, for one that says when it sent them.
    var estimate: ReceiverEstimate?

    /// Sources that were heard, and which member each belongs to.
    private var sources = InlineArray<16, UInt32>(repeating: 0)
    private var owners = InlineArray<16, Stream?>(repeating: nil)
    private var sourceCount = 0
    private var nextSource = 0
    /// The one that was heard first most lately.
    private(set) var newestSource: UInt32 = 0

    init(lead: Stream) { self.lead = lead }

    /// Whether an authentic check came from there.
    func hasChecked(_ source: UnsafePointer<cl_address>) -> Bool {
        agent?.isValidated(TransportAddress(source.pointee)) ?? false
    }

    /// Whether media may go out: a place was nominated, where that is waited for.
    var hasWay: Bool { agent == nil || agent?.selected != nil }
    /// The peer's packets say what their sender wants to be told of.
    var reportsArrivals: Bool { arrivals != nil || estimate != nil }

    /// What offer and answer settled; `streams` are those of the parameters' members, with those of a simulcast behind each
    /// other in the order of their names.
    mutating func apply(_ parameters: PathParameters, _ streams: [[Stream]]) {
        members = PointerList()
        identifications = []
        layers = []
        for (member, streams) in zip(parameters.members, streams) {
            for stream in streams { members.append(stream) }
            if let first = streams.first, let name = StreamName(member.identification) {
                identifications.append((name, first))
            }
            for (rid, stream) in zip(member.layers, streams) {
                if let name = StreamName(rid) { layers.append((name, stream)) }
            }
        }
        extensions = parameters.extensions
        let numbers = extensions[.transportSequence] != 0
        if !numbers { arrivals = nil } else if arrivals == nil { arrivals = ArrivalRecorder() }
        let stamps = !numbers && parameters.estimates && extensions[.absoluteSendTime] != 0
        if !stamps { estimate = nil } else if estimate == nil { estimate = ReceiverEstimate() }
    }

    /// The stream of an RTP packet that is not authenticated yet: by its source, where that was heard before, or else by
    /// what it says of itself, or else by its payload type, where only one stream has that.
    func stream(of datagram: UnsafeRawBufferPointer) -> Stream? {
        guard let info = try? RTPPacketInfo(parsing: datagram, readsPadding: false) else { return nil }
        for index in 0..<sourceCount where sources[index] == info.ssrc { return owners[index] }
        let said = info.headerExtensions(extensions, of: datagram)
        if let rid = said.streamIdentifier ?? said.repairedStreamIdentifier,
            let layer = layers.first(where: { $0.name == rid })
        {
            return layer.stream
        }
        if let mid = said.mediaIdentification, let named = identifications.first(where: { $0.name == mid }) {
            return named.stream
        }
        var found: Stream?
        for index in 0..<members.count where members[index].pointee.takes(info.payloadType) {
            guard found == nil else { return nil }
            found = members[index]
        }
        return found
    }

    /// An authentic packet of a source came: it belongs to a stream from now on. Of many the oldest is forgotten.
    mutating func note(_ ssrc: UInt32, of stream: Stream) {
        for index in 0..<sourceCount where sources[index] == ssrc { return }
        sources[nextSource] = ssrc
        owners[nextSource] = stream
        sourceCount = max(sourceCount, nextSource + 1)
        nextSource = (nextSource + 1) % Self.mostSources
        newestSource = ssrc
    }
}
