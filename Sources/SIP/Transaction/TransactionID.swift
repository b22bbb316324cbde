/// A server transaction: a request that came and its responses. Unique within one `TransactionLayer`.
public struct ServerTransactionID: Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt64
    public var description: String { "server-\(rawValue)" }
}

/// A client transaction: a request that was sent and its responses. Unique within one `TransactionLayer`.
public struct ClientTransactionID: Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt64
    public var description: String { "client-\(rawValue)" }
}

/// Either.
public enum TransactionID: Hashable, Sendable {
    case server(ServerTransactionID)
    case client(ClientTransactionID)
}
