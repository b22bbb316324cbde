import COpenSSL
public import STUN

/// MESSAGE-INTEGRITY by OpenSSL, both key blocks hashed beforehand: two compressions fewer for each message.
public struct HMACSHA1Key: MessageIntegrityKey {
    private let state: causeway_hmac_sha1

    /// A password of more than 64 octets is hashed first (RFC 2104 §2).
    public init(password: some Collection<UInt8>) {
        var key = Array(password)
        if key.count > Int(SHA_CBLOCK) {
            var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
            SHA1(key, key.count, &digest)
            key = digest
        }
        var state = causeway_hmac_sha1()
        causeway_hmac_sha1_init(&state, key, key.count)
        self.state = state
    }

    public func tag(over head: RawSpan, _ tail: RawSpan) -> MessageIntegrityTag {
        var tag = InlineArray<20, UInt8>(repeating: 0)
        var output = tag.mutableSpan
        output.withUnsafeMutableBufferPointer { output in
            head.withUnsafeBytes { head in
                tail.withUnsafeBytes { tail in
                    withUnsafePointer(to: state) {
                        causeway_hmac_sha1_tag(
                            $0, head.baseAddress?.assumingMemoryBound(to: UInt8.self), head.count,
                            tail.baseAddress?.assumingMemoryBound(to: UInt8.self), tail.count, output.baseAddress)
                    }
                }
            }
        }
        return MessageIntegrityTag(tag.span.bytes)
    }
}
