import STUN

/// A datagram that may be STUN, and the answer to it.
enum STUNTarget {
    private static let source = STUNAddress(octets: [UInt8](repeating: 0x20, count: 16), port: 5060)

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        let isLikely = STUNMessage.isLikely(octets)
        let message = STUNMessage(parsing: octets)
        try require(isLikely || message == nil, "a message that is not likely one")
        if let message {
            let written = message.serialized()
            try require(written.count == octets.count, "the round trip changes the length")
            try require(STUNMessage(parsing: written) == message, "the round trip changes the message")
            for attribute in message.attributes {
                guard
                    let address = STUNAddress(xorMapped: attribute.value, transactionID: message.transactionID)
                else { continue }
                let value = address.xorMapped(transactionID: message.transactionID)
                try require(
                    STUNAddress(xorMapped: value, transactionID: message.transactionID) == address, "an address changes"
                )
            }
        }
        guard let answer = STUNKeepAlive.answer(to: octets, from: source) else { return }
        try require(STUNMessage(parsing: answer) != nil, "the answer cannot be read")
        try require(STUNKeepAlive.answer(to: answer, from: source) == nil, "an answer is answered")
        // Whoever forges a source must not gain much by it.
        try require(answer.count <= octets.count + 88, "\(octets.count) octets draw \(answer.count)")
    }
}
