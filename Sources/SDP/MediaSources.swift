/// A stream that we send, as we tell of it beforehand (RFC 5576, RFC 8830): browsers show a track by it.
public struct LocalSource: Sendable, Hashable {
    public var ssrc: UInt32
    /// Of what is sent again (RFC 4588); written where that was agreed on.
    public var retransmissionSSRC: UInt32?
    /// Of all streams of one clock: what plays together.
    public var cname: String
    /// Of the MediaStream; "-" for none.
    public var streamID: String
    public var trackID: String

    public init(ssrc: UInt32, retransmissionSSRC: UInt32? = nil, cname: String, streamID: String, trackID: String) {
        self.ssrc = ssrc
        self.retransmissionSSRC = retransmissionSSRC
        self.cname = cname
        self.streamID = streamID
        self.trackID = trackID
    }

    func attributes(retransmits: Bool) -> [SDPAttribute] {
        var lines = [SDPAttribute("msid", "\(streamID) \(trackID)")]
        let again = retransmits ? retransmissionSSRC : nil
        if let again { lines.append(SDPAttribute("ssrc-group", "FID \(ssrc) \(again)")) }
        lines += [ssrc, again].compactMap { $0.map { SDPAttribute("ssrc", "\($0) cname:\(cname)") } }
        return lines
    }
}

/// A stream that the peer says it sends.
public struct RemoteSource: Sendable, Hashable {
    public var ssrc: UInt32
    /// Of what it sends again (RFC 5576 §4.2, "FID").
    public var retransmissionSSRC: UInt32?
}

/// `a=ssrc-group`: streams that belong together (RFC 5576 §4.2).
public struct SourceGroup: Sendable, Hashable {
    /// Upper case: "FID" of a stream and what is sent again of it, "SIM" of a simulcast without rids.
    public var semantics: String
    public var sources: [UInt32]

    /// nil when malformed.
    public init?(parsing value: String) {
        let words = value.words
        guard words.count >= 2 else { return nil }
        semantics = words[0].uppercased()
        sources = words.dropFirst().prefix(16).compactMap { UInt32($0) }
        guard sources.count == min(words.count - 1, 16) else { return nil }
    }
}

/// `a=msid`: the MediaStream and the track that an m-line carries (RFC 8830 §2).
public struct MediaStreamIdentification: Sendable, Hashable {
    /// nil for "-": in no MediaStream.
    public var streamID: String?
    public var trackID: String?

    /// nil when malformed.
    public init?(parsing value: String) {
        let words = value.words
        guard (1...2).contains(words.count), words.allSatisfy({ $0.utf8.count <= 64 }) else { return nil }
        streamID = words[0] == "-" ? nil : String(words[0])
        trackID = words.count > 1 ? String(words[1]) : nil
    }
}

extension MediaDescription {
    static let maximumSources = 16

    public var sourceGroups: [SourceGroup] {
        attributes.all("ssrc-group").prefix(Self.maximumSources).compactMap { SourceGroup(parsing: $0) }
    }
    public var streamIdentifications: [MediaStreamIdentification] {
        attributes.all("msid").prefix(Self.maximumSources).compactMap { MediaStreamIdentification(parsing: $0) }
    }

    /// The streams that are told of, those of what is sent again with what they belong to.
    public var remoteSources: [RemoteSource] {
        let pairs = sourceGroups.filter { $0.semantics == "FID" && $0.sources.count == 2 }
        let again = Set(pairs.map { $0.sources[1] })
        return sources.lazy.filter { !again.contains($0) }.prefix(Self.maximumSources).map { ssrc in
            RemoteSource(ssrc: ssrc, retransmissionSSRC: pairs.first { $0.sources[0] == ssrc }?.sources[1])
        }
    }
}
