import CLibSSL

/// What an association reads and writes instead of a socket: one datagram that came, and those that are to be sent, each
/// by itself.
final class DatagramBIO {
    /// Taken away by whoever reads it.
    var incoming: [UInt8]?
    private var outgoing: [[UInt8]] = []

    func takeOutgoing() -> [[UInt8]] {
        defer { outgoing = [] }
        return outgoing
    }

    /// A BIO that leads here; whoever takes it sees to it that it does not outlive this.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private static func of(_ bio: OpaquePointer?) -> DatagramBIO? {
        BIO_get_data(bio).map { Unmanaged<DatagramBIO>.fromOpaque($0).takeUnretainedValue() }
    }

    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams in memory") else {
            return nil
        }
        BIO_meth_set_read(method) { bio, room, count in
            causeway_bio_clear_retry(bio)
            guard let room, count > 0, let datagram = DatagramBIO.of(bio)?.take() else {
                causeway_bio_retry_read(bio)
                return -1
            }
            // What does not fit is lost, as it is with a socket.
            let length = min(datagram.count, Int(count))
            datagram.withUnsafeBytes {
                UnsafeMutableRawPointer(room).copyMemory(from: $0.baseAddress ?? .init(room), byteCount: length)
            }
            return Int32(length)
        }
        BIO_meth_set_write(method) { bio, octets, count in
            guard let octets, count > 0, let datagrams = DatagramBIO.of(bio) else { return -1 }
            datagrams.outgoing.append(Array(UnsafeRawBufferPointer(start: octets, count: Int(count))))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    private func take() -> [UInt8]? {
        defer { incoming = nil }
        return incoming
    }
}
