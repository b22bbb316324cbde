/// Answers the Binding requests by which a peer keeps its NAT open and learns whether its address changed, without any
/// credentials (RFC 5626 §4.4.2 and §8).
public enum STUNKeepAlive {
    /// What to send back to `source`; nil where nothing is due.
    public static func answer(to octets: [UInt8], from source: STUNAddress) -> [UInt8]? {
        guard let request = STUNMessage(parsing: octets), request.messageClass == .request,
            request.method == STUNMessage.binding
        else { return nil }
        let unknown = request.attributes.map(\.type).filter { $0.mustBeUnderstood && $0 != .mappedAddress }
        var answer: STUNMessage
        if unknown.isEmpty {
            answer = STUNMessage(.success, transactionID: request.transactionID)
            answer.attributes = [
                .init(.xorMappedAddress, source.xorMapped(transactionID: request.transactionID))
            ]
        } else {
            // 420 Unknown Attribute (RFC 8489 §6.3.1).
            answer = STUNMessage(.error, transactionID: request.transactionID)
            var types: [UInt8] = []
            for type in unknown.prefix(16) { types.append(half: type.rawValue) }
            answer.attributes = [
                .init(.errorCode, [0, 0, 4, 20] + Array("Unknown Attribute".utf8)), .init(.unknownAttributes, types),
            ]
        }
        if request[.fingerprint] != nil { answer.attributes.append(.init(.fingerprint, [0, 0, 0, 0])) }
        return answer.serialized()
    }
}
