/// Writes the header extensions of a packet, element by element (RFC 8285 §4): where they belong, behind the fixed header and
/// the contributors. An element that does not fit, or cannot be said in the form chosen, writes nothing and returns false.
///
///     RTPHeaderWriter.write(packet, …)
///     var extensions = HeaderExtensionBuilder(into: afterHeader)
///     extensions.transportSequence(number, id: map[.transportSequence])
///     let length = extensions.finish()
///     if length > 0 { RTPHeaderWriter.setHasExtension(packet) }
public struct HeaderExtensionBuilder {
    public enum Form: Sendable {
        /// Ids 1...14, data of 1...16 octets.
        case oneByte
        /// Ids 1...255, data of up to 255 octets; only where `a=extmap-allow-mixed` or nothing but this form was agreed on.
        case twoByte
    }

    private let buffer: UnsafeMutableRawBufferPointer
    private let form: Form
    /// Octets written so far, with the four of the head.
    private var count = 4

    /// `buffer` must outlive the builder.
    public init(into buffer: UnsafeMutableRawBufferPointer, form: Form = .oneByte) {
        self.buffer = buffer
        self.form = form
    }

    @discardableResult
    public mutating func audioLevel(_ level: AudioLevel, id: UInt8) -> Bool {
        guard let data = begin(id, size: 1) else { return false }
        data.setByte(level.octet, 0)
        return true
    }

    @discardableResult
    public mutating func absoluteSendTime(_ time: AbsoluteSendTime, id: UInt8) -> Bool {
        guard let data = begin(id, size: 3) else { return false }
        data.setByte(UInt8(truncatingIfNeeded: time.rawValue >> 16), 0)
        data.setBig16(UInt16(truncatingIfNeeded: time.rawValue), 1)
        return true
    }

    @discardableResult
    public mutating func transportSequence(_ number: UInt16, id: UInt8) -> Bool {
        guard let data = begin(id, size: 2) else { return false }
        data.setBig16(number, 0)
        return true
    }

    @discardableResult
    public mutating func name(_ name: StreamName, id: UInt8) -> Bool {
        guard name.count > 0, let data = begin(id, size: Int(name.count)) else { return false }
        for index in 0..<Int(name.count) { data.setByte(name.octet(index), index) }
        return true
    }

    @discardableResult
    public mutating func element(_ octets: UnsafeRawBufferPointer, id: UInt8) -> Bool {
        guard let data = begin(id, size: octets.count) else { return false }
        if let base = octets.baseAddress { data.copyMemory(from: base, byteCount: octets.count) }
        return true
    }

    /// Every value that has an id.
    public mutating func add(_ values: HeaderExtensionValues, _ map: HeaderExtensionMap) {
        if let level = values.audioLevel { audioLevel(level, id: map[.audioLevel]) }
        if let time = values.absoluteSendTime { absoluteSendTime(time, id: map[.absoluteSendTime]) }
        if let number = values.transportSequence { transportSequence(number, id: map[.transportSequence]) }
        if let mid = values.mediaIdentification { name(mid, id: map[.mediaIdentification]) }
        if let rid = values.streamIdentifier { name(rid, id: map[.streamIdentifier]) }
        if let rid = values.repairedStreamIdentifier { name(rid, id: map[.repairedStreamIdentifier]) }
    }

    /// Writes the head and pads to a word. Returns how many octets the extensions take, a multiple of four; 0 when there are
    /// none: then the packet shall not say that it has any.
    public mutating func finish() -> Int {
        guard count > 4, let base = buffer.baseAddress else { return 0 }
        // `begin` has seen to it that the padding fits.
        while count & 3 != 0 {
            base.setByte(0, count)
            count += 1
        }
        base.setBig16(
            form == .oneByte ? HeaderExtensionElements.oneByteProfile : HeaderExtensionElements.twoByteProfile, 0)
        base.setBig16(UInt16(truncatingIfNeeded: count / 4 - 1), 2)
        return count
    }

    private mutating func begin(_ id: UInt8, size: Int) -> UnsafeMutableRawPointer? {
        let head = form == .oneByte ? 1 : 2
        let sizes = form == .oneByte ? 1...16 : 0...255
        guard id != 0, form == .twoByte || id < 15, sizes.contains(size),
            (count + head + size + 3) & ~3 <= buffer.count, let base = buffer.baseAddress
        else { return nil }
        if form == .oneByte {
            base.setByte(id << 4 | UInt8(truncatingIfNeeded: size - 1), count)
        } else {
            base.setByte(id, count)
            base.setByte(UInt8(truncatingIfNeeded: size), count + 1)
        }
        let data = base + count + head
        count += head + size
        return data
    }
}

extension RTPHeaderWriter {
    /// Says that header extensions follow the fixed header and the contributors.
    @inlinable @inline(__always)
    public static func setHasExtension(_ packet: UnsafeMutableRawPointer) {
        packet.setByte(packet.load(fromByteOffset: 0, as: UInt8.self) | 0x10, 0)
    }
}
