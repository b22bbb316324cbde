/// What the transaction layer tells its user.
public enum TransactionEvent: Sendable, Hashable {
    /// A new request, ACK and CANCEL excepted, to be answered with `respond(_:to:at:)`.
    case request(ServerTransactionID, SIPRequest, Flow)
    /// An ACK of a 2xx.
    case ack(SIPRequest, Flow)
    /// The sender of an INVITE gives up. The CANCEL is answered already; the INVITE wants a 487 now.
    case cancel(of: ServerTransactionID, SIPRequest)
    /// To an INVITE there may be more than one 2xx.
    case response(ClientTransactionID, SIPResponse, Flow)
    /// A client transaction got no final response, or a server transaction no ACK to a 300–699. It is gone.
    case timeout(TransactionID)
    /// The flow failed under a transaction, which is gone.
    case transportError(TransactionID)
    /// Octets or a message that were not let through, for counting and logging. An answer, if one is due, is sent
    /// already.
    case discarded(reason: String, Flow)
}

/// What the owner of the transaction layer has to do, in order.
public enum TransactionAction: Sendable, Hashable {
    case send([UInt8], on: Flow)
    case report(TransactionEvent)
}

/// Why a request was not sent.
public enum TransactionError: Error, Sendable, Hashable {
    /// There are as many client transactions as there may be.
    case tooManyTransactions
    /// ACK and CANCEL are not sent as requests of their own: see `acknowledge` and `cancel`.
    case notARequest(SIPMethod)
}

/// The name that this side gives itself in Via (RFC 3261 §18.1.1).
public struct SentBy: Sendable, Hashable {
    public var host: String
    public var port: UInt16?
    public init(host: String, port: UInt16?) {
        self.host = host
        self.port = port
    }
}
