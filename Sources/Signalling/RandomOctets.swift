import Glibc

/// Octets that nobody can guess, from the kernel.
func randomOctets(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        if let base = buffer.baseAddress { arc4random_buf(base, count) }
        filled = count
    }
}
