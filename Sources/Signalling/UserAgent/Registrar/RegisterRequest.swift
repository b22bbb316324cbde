import SIP

/// What a REGISTER asks for, read from its headers.
extension Registrar.Request {
    init(_ request: SIPRequest) throws(SIPSyntaxError) {
        let expires = try Self.seconds(request.headers[.expires], "Expires")
        switch try request.headers.contacts() {
        case .all:
            guard expires == 0 else { throw SIPSyntaxError("Contact: * needs Expires: 0") }
            self = .removeAll
        case .addresses(let contacts) where contacts.isEmpty:
            self = .query
        case .addresses(let contacts):
            // A device that does not say that it knows flows does not mean them (RFC 5626 §6).
            let knowsFlows = request.headers.lists("outbound", in: .supported)
            var changes: [Registrar.Change] = []
            for contact in contacts {
                guard contact.uri.sip != nil else { throw SIPSyntaxError("Contact is no SIP URI") }
                let instance = try Self.instance(contact)
                let number = try contact.parameters["reg-id"].map { text throws(SIPSyntaxError) in
                    guard let number = UInt32(text), (1...UInt32(Int32.max)).contains(number) else {
                        throw SIPSyntaxError("Contact's reg-id is malformed")
                    }
                    return number
                }
                changes.append(
                    .init(
                        uri: contact.uri, expires: try Self.seconds(contact.parameters["expires"], "Contact's expires"),
                        quality: contact.parameters["q"], instance: instance,
                        flowNumber: instance == nil || !knowsFlows ? nil : number))
            }
            let flows = changes.filter { $0.flowNumber != nil && $0.expires != 0 }
            guard flows.count < 2 || expires == 0 else {
                throw SIPSyntaxError("more than one Contact with a reg-id")
            }
            self = .change(changes, expires: expires)
        }
    }

    /// Whether it is about flows of a device.
    var namesFlows: Bool {
        if case .change(let changes, _) = self { changes.contains { $0.flowNumber != nil } } else { false }
    }

    private static func instance(_ contact: NameAddress) throws(SIPSyntaxError) -> String? {
        guard let instance = contact.parameters["+sip.instance"] else { return nil }
        guard instance.utf8.count <= 200, instance.hasPrefix("<"), instance.hasSuffix(">"),
            instance.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        else { throw SIPSyntaxError("Contact's +sip.instance is malformed") }
        return instance
    }

    private static func seconds(_ text: String?, _ what: String) throws(SIPSyntaxError) -> UInt32? {
        guard let text else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw SIPSyntaxError("\(what) is malformed")
        }
        return UInt32(text) ?? .max
    }
}
