/// An RTP packet read in place (RFC 3550 §5.1). It cannot outlive its bytes and allocates nothing.
public struct RTPHeader: ~Escapable {
    public let bytes: RawSpan
    /// What was read from the header, with every offset checked.
    public let info: RTPPacketInfo

    @_lifetime(copy bytes)
    public init(parsing bytes: RawSpan) throws(RTPMalformed) {
        let parsed = bytes.withUnsafeBytes { buffer -> Result<RTPPacketInfo, RTPMalformed> in
            do throws(RTPMalformed) {
                return .success(try RTPPacketInfo(parsing: buffer))
            } catch {
                return .failure(error)
            }
        }
        info = try parsed.get()
        self.bytes = bytes
    }

    public var version: UInt8 { bytes.byte(0) >> 6 }
    public var hasPadding: Bool { bytes.byte(0) & 0x20 != 0 }
    public var hasExtension: Bool { bytes.byte(0) & 0x10 != 0 }
    public var contributorCount: Int { Int(info.contributorCount) }
    public var marker: Bool { info.marker }
    public var payloadType: UInt8 { info.payloadType }
    public var sequenceNumber: UInt16 { info.sequenceNumber }
    public var timestamp: UInt32 { info.timestamp }
    public var ssrc: UInt32 { info.ssrc }
    public var payloadRange: Range<Int> { info.payloadRange }

    /// The contributing source at `index`, in 0..<`contributorCount`; nil beyond.
    public func contributor(_ index: Int) -> UInt32? {
        guard index >= 0, index < contributorCount else { return nil }
        return bytes.big32(RTPPacketInfo.fixedHeaderSize + index * 4)
    }

    /// The payload, without padding.
    public var payload: RawSpan {
        @_lifetime(copy self) get { bytes.extracting(info.payloadRange) }
    }

    /// Where in the packet the data of header extension `id` lies (RFC 8285 §4).
    public func headerExtensionRange(_ id: UInt8) -> Range<Int>? {
        let start = Int(info.extensionOffset)
        return HeaderExtensionElements.find(
            id, profile: info.extensionProfile, start: start, end: start + Int(info.extensionLength),
            byte: { bytes.byte($0) })
    }
}
