/// What a request has in common with its retransmissions, its ACK and its CANCEL (RFC 3261 §17.2.3).
struct ServerTransactionKey: Hashable, Sendable {
    private let branch: String
    /// The sent-by value, its host in lower case.
    private let host: String
    private let port: UInt16?
    /// Beyond the RFC: senders behind different NATs can have the same private sent-by, and no stranger cancels a call.
    private let remoteHost: String
    private let method: SIPMethod
    /// What stands in for a unique branch in requests by RFC 2543.
    private let legacy: [String]

    /// - Parameter method: the method of the transaction that is looked for, where it is not the request's own.
    init(_ request: SIPRequest, on flow: Flow, method: SIPMethod? = nil) {
        let via = request.vias.first
        branch = via?.branch ?? ""
        host = via?.host.asciiLowercased ?? ""
        port = via?.port
        remoteHost = flow.remoteHost
        self.method = method ?? (request.method == .ack ? .invite : request.method)
        let isUnique = via?.hasUniqueBranch ?? false
        legacy =
            isUnique
            ? [] : [request.uri.description, request.from.tag ?? "", request.callID, String(request.cseq.number)]
    }
}

/// What two copies of one request have in common that came by different ways (RFC 3261 §8.2.2.2).
struct MergeKey: Hashable, Sendable {
    private let callID: String
    private let fromTag: String
    private let cseq: CSeq

    /// Nil for requests within a dialog, which cannot merge.
    init?(_ request: SIPRequest) {
        guard request.to.tag == nil, let fromTag = request.from.tag else { return nil }
        callID = request.callID
        self.fromTag = fromTag
        cseq = request.cseq
    }
}

/// What a response has in common with its request (RFC 3261 §17.1.3).
struct ClientTransactionKey: Hashable, Sendable {
    let branch: String
    let method: SIPMethod
}
