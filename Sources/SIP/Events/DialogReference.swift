/// A dialog that a request outside it names: what Replaces, Join and Target-Dialog hold (RFC 3891 §6.1, RFC 3911 §7.1,
/// RFC 4538 §7).
public struct DialogReference: Hashable, Sendable {
    public var callID: String
    /// The tag of whoever receives the request: To tag of Replaces and Join, `remote-tag` of Target-Dialog.
    public var receiverTag: String
    /// The tag of the receiver's peer in the dialog; `0` stands for the missing tag of RFC 2543.
    public var peerTag: String
    /// Replaces only: the call must not have been answered yet.
    public var isEarlyOnly: Bool

    public init(callID: String, receiverTag: String, peerTag: String, isEarlyOnly: Bool = false) {
        self.callID = callID
        self.receiverTag = receiverTag
        self.peerTag = peerTag
        self.isEarlyOnly = isEarlyOnly
    }

    /// How the receiver of the request knows the dialog (RFC 3891 §3).
    public var receiverID: DialogID {
        DialogID(callID: callID, localTag: receiverTag, remoteTag: peerTag == "0" ? "" : peerTag)
    }

    /// Which header it stands in.
    public enum Header: Sendable, Hashable, CaseIterable {
        case replaces, join, targetDialog

        var name: SIPHeaderName {
            switch self {
            case .replaces: .replaces
            case .join: .join
            case .targetDialog: .targetDialog
            }
        }

        fileprivate var tags: (receiver: String, peer: String) {
            self == .targetDialog ? ("remote-tag", "local-tag") : ("to-tag", "from-tag")
        }
    }

    /// - Throws: unless it has a Call-ID and each of both tags exactly once.
    public init(parsing text: String, as header: Header) throws(SIPSyntaxError) {
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        callID = scanner.take { $0 > .space && $0 != 0x7F && $0 != .semicolon && $0 != .comma }
        guard !callID.isEmpty else { throw SIPSyntaxError("\(header.name) has no Call-ID") }
        let parameters = try SIPParameters(header: &scanner)
        try scanner.finish("\(header.name)")
        func tag(_ name: String) throws(SIPSyntaxError) -> String {
            let found = parameters.all.filter { $0.name.equalsIgnoringCase(name) }
            guard found.count == 1, let value = found.first?.value, value.isToken else {
                throw SIPSyntaxError("\(header.name) needs one \(name)")
            }
            return value
        }
        receiverTag = try tag(header.tags.receiver)
        peerTag = try tag(header.tags.peer)
        isEarlyOnly = header == .replaces && parameters.contains("early-only")
    }

    /// The header's value.
    public func headerValue(as header: Header) -> String {
        let tags = header.tags
        let early = isEarlyOnly && header == .replaces ? ";early-only" : ""
        return "\(callID);\(tags.receiver)=\(receiverTag);\(tags.peer)=\(peerTag)\(early)"
    }
}

extension SIPHeaders {
    /// The dialog that a header names; nil if there is no such header.
    public func dialogReference(_ header: DialogReference.Header) throws(SIPSyntaxError) -> DialogReference? {
        guard let text = try single(header.name) else { return nil }
        return try DialogReference(parsing: text, as: header)
    }

    /// Nil if there is none.
    /// - Throws: also if the request asks to join a dialog at the same time (RFC 3891 §3).
    public func replaces() throws(SIPSyntaxError) -> DialogReference? {
        guard let found = try dialogReference(.replaces) else { return nil }
        guard !contains(.join) else { throw SIPSyntaxError("Replaces and Join exclude each other") }
        return found
    }
}
