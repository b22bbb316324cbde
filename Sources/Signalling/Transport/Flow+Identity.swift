import SIP

/// How this module fills the `id` of a flow: the listener's index above, below it the number of the connection, 0 for UDP.
extension Flow {
    init(listener: Int, connection: UInt64, transport: SIPTransport, remoteHost: String, remotePort: Int) {
        self.init(
            id: UInt64(listener) << 48 | connection, transport: transport, remoteHost: remoteHost,
            remotePort: UInt16(truncatingIfNeeded: remotePort))
    }

    var listener: Int { Int(id >> 48) }
    var connection: UInt64 { id & 0xFFFF_FFFF_FFFF }
}
