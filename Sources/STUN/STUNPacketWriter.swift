/// Writes one STUN message into the caller's buffer (RFC 8489 §5), attribute by attribute, without allocating. What does
/// not fit is not written, and shows in `isComplete`.
public struct STUNPacketWriter {
    private let buffer: UnsafeMutableRawBufferPointer
    private let transactionID: STUNTransactionID
    /// Octets written so far.
    public private(set) var count = 0
    /// Everything has fitted.
    public private(set) var isComplete = true

    /// `buffer` must outlive the writer.
    public init(
        into buffer: UnsafeMutableRawBufferPointer, _ messageClass: STUNMessage.Class,
        method: UInt16 = STUNMessage.binding, transactionID: STUNTransactionID
    ) {
        self.buffer = buffer
        self.transactionID = transactionID
        guard let base = buffer.baseAddress, buffer.count >= STUNMessage.headerLength else {
            isComplete = false
            return
        }
        base.setBig16(STUNMessage.type(messageClass, method: method), 0)
        base.setBig16(0, 2)
        base.setBig32(STUNMessage.magicCookie, 4)
        base.setBig32(transactionID.first, 8)
        base.setBig64(transactionID.rest, 12)
        count = STUNMessage.headerLength
    }

    /// An attribute of at most 65,535 octets.
    public mutating func add(_ type: STUNAttributeType, _ value: RawSpan) {
        guard let base = begin(type, length: value.byteCount) else { return }
        for offset in 0..<value.byteCount {
            base.storeBytes(of: value.byte(offset), toByteOffset: offset, as: UInt8.self)
        }
    }

    /// An attribute that is only there or not, such as USE-CANDIDATE.
    public mutating func addFlag(_ type: STUNAttributeType) { _ = begin(type, length: 0) }

    public mutating func addWord(_ type: STUNAttributeType, _ value: UInt32) {
        begin(type, length: 4)?.setBig32(value, 0)
    }

    public mutating func addDoubleWord(_ type: STUNAttributeType, _ value: UInt64) {
        begin(type, length: 8)?.setBig64(value, 0)
    }

    /// XOR-MAPPED-ADDRESS (§14.2).
    public mutating func addXORMappedAddress(_ address: TransportAddress) {
        guard let base = begin(.xorMappedAddress, length: address.family == .ipv4 ? 8 : 20) else { return }
        base.setBig16(UInt16(address.family.rawValue), 0)
        base.setBig16(address.port ^ UInt16(truncatingIfNeeded: STUNMessage.magicCookie >> 16), 2)
        switch address.family {
        case .ipv4:
            base.setBig32(UInt32(truncatingIfNeeded: address.low) ^ STUNMessage.magicCookie, 4)
        case .ipv6:
            let mask = transactionID.addressMask
            base.setBig64(address.high ^ mask.high, 4)
            base.setBig64(address.low ^ mask.low, 12)
        }
    }

    /// ERROR-CODE with the phrase that belongs to it (§14.8).
    public mutating func addErrorCode(_ code: STUNErrorCode) {
        let phrase = code.phrase
        guard let base = begin(.errorCode, length: 4 + phrase.utf8CodeUnitCount) else { return }
        base.setBig16(0, 0)
        base.setBig16((code.rawValue / 100) << 8 | (code.rawValue % 100), 2)
        (base + 4).copyMemory(from: phrase.utf8Start, byteCount: phrase.utf8CodeUnitCount)
    }

    public mutating func addUnknownAttributes(_ unknown: STUNUnknownAttributes) {
        guard let base = begin(.unknownAttributes, length: unknown.count * 2) else { return }
        for index in 0..<unknown.count { base.setBig16(unknown.types[index], index * 2) }
    }

    /// Covers all that was written; only FINGERPRINT may follow.
    public mutating func addMessageIntegrity(_ key: some MessageIntegrityKey) {
        let covered = count
        guard let base = begin(.messageIntegrity, length: MessageIntegrityTag.length), let start = buffer.baseAddress
        else { return }
        let bytes = UnsafeRawBufferPointer(start: start, count: covered).bytes
        key.tag(over: bytes.extracting(first: 4), bytes.extracting(droppingFirst: 4)).write(to: base)
    }

    /// Covers all that was written; nothing may follow.
    public mutating func addFingerprint() {
        let covered = count
        guard let base = begin(.fingerprint, length: 4), let start = buffer.baseAddress else { return }
        let crc = CRC32.of(UnsafeRawBufferPointer(start: start, count: covered).bytes)
        base.setBig32(crc ^ CRC32.fingerprintMask, 0)
    }

    /// Writes the header of an attribute and its padding, and counts it into the message's length.
    private mutating func begin(_ type: STUNAttributeType, length: Int) -> UnsafeMutableRawPointer? {
        let padded = (length + 3) & ~3
        guard isComplete, length <= 0xFFFF, count + 4 + padded <= min(buffer.count, 0xFFFF),
            let base = buffer.baseAddress
        else {
            isComplete = false
            return nil
        }
        let attribute = base + count
        attribute.setBig16(type.rawValue, 0)
        attribute.setBig16(UInt16(length), 2)
        if padded > length { (attribute + padded).setBig32(0, 0) }
        count += 4 + padded
        base.setBig16(UInt16(count - STUNMessage.headerLength), 2)
        return attribute + 4
    }
}
