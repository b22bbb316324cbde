import Crypto
public import Foundation

/// The key of one meeting's files: 256 random bits.
public struct ContentKey: Sendable {
    static let octets = 32
    let key: SymmetricKey

    /// A new one.
    public init() { key = SymmetricKey(size: .bits256) }

    init(_ key: SymmetricKey) { self.key = key }
}

/// The key that wraps the keys of meetings. It is given to the daemon, and lies nowhere in the archive.
public struct KeyEncryptionKey: Sendable {
    static let octets = 32
    /// Of a wrapped key: nonce, key and tag.
    public static let wrappedOctets = CipherFileFormat.nonceOctets + ContentKey.octets + CipherFileFormat.tagOctets

    private let key: SymmetricKey
    /// Tells it from others, and says nothing of it: 16 hexadecimal digits.
    public let id: String

    /// - Parameter data: 32 octets, or as many in hexadecimal digits, with or without an end of line.
    public init(_ data: Data) throws(CipherFileError) {
        guard let octets = data.count == Self.octets ? Array(data) : Self.hexadecimal(data) else {
            throw .noKey(reason: "it has \(data.count) octets, not \(Self.octets), nor 64 hexadecimal digits")
        }
        guard Set(octets).count > 1 else { throw .noKey(reason: "all of its octets are the same") }
        key = SymmetricKey(data: octets)
        let name = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: Data(), info: Data("causeway-kek-id/1".utf8), outputByteCount: 8)
        id = name.withUnsafeBytes { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    private static func hexadecimal(_ data: Data) -> [UInt8]? {
        var digits = Array(data)
        if digits.last == UInt8(ascii: "\n") { digits.removeLast() }
        if digits.last == UInt8(ascii: "\r") { digits.removeLast() }
        guard digits.count == 2 * octets else { return nil }
        let values = digits.compactMap(value)
        guard values.count == digits.count else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func context(_ meeting: String) -> Data { Data("causeway-meeting-key/1 \(meeting)".utf8) }

    /// AES-256-GCM under a random nonce, the meeting's id authenticated with it: nonce, key and tag.
    public func wrap(_ content: ContentKey, of meeting: String) throws(CipherFileError) -> Data {
        do {
            let box = try content.key.withUnsafeBytes { bytes in
                try AES.GCM.seal(Data(bytes), using: key, authenticating: Self.context(meeting))
            }
            guard let wrapped = box.combined else { throw CipherFileError.cipher }
            return wrapped
        } catch { throw .cipher }
    }

    /// The key that was wrapped by this one for this meeting.
    public func unwrap(_ wrapped: Data, of meeting: String) throws(CipherFileError) -> ContentKey {
        guard wrapped.count == Self.wrappedOctets, let box = try? AES.GCM.SealedBox(combined: wrapped),
            let octets = try? AES.GCM.open(box, using: key, authenticating: Self.context(meeting))
        else { throw .notUnwrapped }
        return ContentKey(SymmetricKey(data: octets))
    }
}
