/// What became of a packet.
public enum SRTPStatus: UInt8, Sendable, CaseIterable {
    case ok
    /// Not an RTP or RTCP packet of version 2 with room for its own header; or a job for the wrong direction or engine.
    case malformed
    /// The tag does not match: forged, damaged, or protected with another key.
    case authenticationFailed
    /// Seen before, or older than the replay window reaches (RFC 3711 §3.3.2).
    case replayed
    /// The master key has protected all it may (RFC 3711 §9.2); the stream needs a new one.
    case keyExhausted
    /// The buffer has no room for what protecting adds, or the stream has used as many SSRCs as it may.
    case noRoom
}
