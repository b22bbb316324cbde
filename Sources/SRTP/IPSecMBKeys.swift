import CIPSecMB
import COpenSSL

/// The session keys of RTP in the form that ipsec-mb takes, in one block aligned to a cache line. A raw pointer without
/// reference counting: whoever made it frees it once.
struct IPSecMBKeys {
    private static let roundKeysSize = 240
    private static let stateSize = 32
    private static let scalarOffset = roundKeysSize + 2 * stateSize
    private static let alignment = 64

    private let block: UnsafeMutableRawPointer
    private let size: Int
    let salt: SessionSalt
    /// 1 for a key of 32 bytes, 0 for one of 16.
    let wide: Int32

    init(_ keys: SessionKeys, _ manager: UnsafeMutablePointer<IMB_MGR>) {
        salt = SessionSalt(keys.salt)
        wide = keys.encryption.count == 32 ? 1 : 0
        if keys.suite.isAEAD {
            size = MemoryLayout<gcm_key_data>.size
            block = HotMemory.allocate(size)
            causeway_imb_gcm_keys(manager, wide, keys.encryption, block.assumingMemoryBound(to: gcm_key_data.self))
            return
        }
        size = Self.scalarOffset + MemoryLayout<causeway_hmac_sha1>.size
        block = HotMemory.allocate(size)
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: Self.roundKeysSize, alignment: Self.alignment)
        causeway_imb_round_keys(manager, wide, keys.encryption, block, scratch)
        OPENSSL_cleanse(scratch, Self.roundKeysSize)
        scratch.deallocate()
        for (pad, offset) in [(UInt8(0x36), Self.roundKeysSize), (0x5c, Self.roundKeysSize + Self.stateSize)] {
            let padded = (0..<64).map { (keys.authentication.indices.contains($0) ? keys.authentication[$0] : 0) ^ pad }
            causeway_imb_sha1_block(manager, padded, block + offset)
        }
        causeway_hmac_sha1_init(
            (block + Self.scalarOffset).assumingMemoryBound(to: causeway_hmac_sha1.self), keys.authentication,
            keys.authentication.count)
    }

    func free() {
        OPENSSL_cleanse(block, size)
        HotMemory.free(block, size)
    }

    /// Has fetched, without waiting for it, what a short packet takes: the round keys, and of GCM's table of powers of the
    /// hash key the lowest, which are its end.
    @inline(__always)
    func fetch() {
        for offset in stride(from: 0, to: Self.fetched, by: Self.alignment) { causeway_prefetch(block + offset) }
        let end = size - Self.fetched
        for offset in stride(from: 0, to: Self.fetched, by: Self.alignment) { causeway_prefetch(block + end + offset) }
    }

    private static let fetched = 4 * alignment

    /// Of a GCM suite.
    var gcm: UnsafePointer<gcm_key_data> { UnsafePointer(block.assumingMemoryBound(to: gcm_key_data.self)) }
    /// Of a counter mode suite, as are the states of HMAC-SHA1.
    var roundKeys: UnsafeRawPointer { UnsafeRawPointer(block) }
    var inner: UnsafePointer<UInt8> {
        UnsafePointer((block + Self.roundKeysSize).assumingMemoryBound(to: UInt8.self))
    }
    var outer: UnsafePointer<UInt8> { inner + Self.stateSize }
    /// The same two states as OpenSSL has them.
    var scalar: UnsafePointer<causeway_hmac_sha1> {
        UnsafePointer((block + Self.scalarOffset).assumingMemoryBound(to: causeway_hmac_sha1.self))
    }
}
