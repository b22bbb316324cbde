/// The records of a datagram, before OpenSSL sees them (RFC 6347 §4.1).
///
/// OpenSSL 3.0 takes an encrypted record that is too short for its cipher as an internal error and ends the association,
/// where RFC 6347 §4.1.2.7 has invalid records dropped: one forged datagram of 14 octets would be enough.
enum DTLSRecords {
    private static let headerLength = 13
    /// What AES-GCM adds, its explicit nonce and its tag (RFC 5288 §3); there is no record without an octet inside.
    private static let leastEncryptedLength = 8 + 16 + 1

    /// How many octets from the beginning are records that can be valid; the rest is to be dropped.
    static func plausiblePrefix(of datagram: [UInt8]) -> Int {
        var position = 0
        while datagram.count - position > headerLength {
            let header = datagram[position..<(position + headerLength)]
            let isEncrypted = header[position + 3] | header[position + 4] != 0
            let length = Int(header[position + 11]) << 8 | Int(header[position + 12])
            guard (20...23).contains(header[position]), header[position + 1] == 254,
                length >= (isEncrypted ? leastEncryptedLength : 1),
                length <= datagram.count - position - headerLength
            else { break }
            position += headerLength + length
        }
        return position
    }
}
