/// What a REFER asks its receiver to do: Refer-To (RFC 3515 §2.1).
public struct ReferTo: Hashable, Sendable {
    /// Without headers and method.
    public var target: NameAddress
    public var method: SIPMethod
    /// The call that the new one takes the place of (RFC 3891), as an attended transfer has it.
    public var replaces: DialogReference?

    public init(_ target: NameAddress, method: SIPMethod = .invite, replaces: DialogReference? = nil) {
        self.target = target
        self.method = method
        self.replaces = replaces
    }

    public init(parsing text: String) throws(SIPSyntaxError) {
        // One address, which may hold commas only within brackets and quotes.
        guard TextScanner.commaSeparated(text).count == 1 else { throw SIPSyntaxError("Refer-To holds more than one") }
        target = try NameAddress(parsing: text)
        method = .invite
        guard case .sip(var uri) = target.uri else { return }
        if uri.parameters.contains("method") {
            guard let name = uri.parameters["method"], name.isToken else {
                throw SIPSyntaxError("Refer-To's method is malformed")
            }
            method = SIPMethod(rawValue: name)
            uri.parameters.remove("method")
        }
        for (name, value) in uri.headerFields where name == .replaces {
            guard replaces == nil else { throw SIPSyntaxError("Refer-To holds Replaces twice") }
            replaces = try DialogReference(parsing: value, as: .replaces)
        }
        // Others would let the sender write into this side's request (RFC 3261 §19.1.5).
        uri.headers = nil
        target.uri = .sip(uri)
    }

    /// The header's value.
    public var headerValue: String {
        guard case .sip(var uri) = target.uri else { return target.description }
        if method != .invite { uri.parameters["method"] = method.rawValue }
        if let replaces {
            let value = SIPURI.escape(replaces.headerValue(as: .replaces)) { $0.isUnreserved }
            uri.headers = "Replaces=\(value)"
        }
        var address = target
        address.uri = .sip(uri)
        return address.description
    }
}

extension SIPURI {
    private static let mostHeaderFields = 16

    /// The `?name=value&…` of the URI, without escapes (RFC 3261 §19.1.1).
    var headerFields: [(name: SIPHeaderName, value: String)] {
        guard let headers else { return [] }
        return headers.split(separator: "&").prefix(Self.mostHeaderFields).compactMap { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            return (SIPHeaderName(Self.unescape(String(parts[0]))), Self.unescape(String(parts[1])))
        }
    }
}

/// Who asked for what a request does: Referred-By (RFC 3892 §3).
public struct ReferredBy: Hashable, Sendable {
    public var referrer: NameAddress
    /// The Content-ID of the body part that proves it; this side checks none.
    public var contentID: String?

    public init(_ referrer: NameAddress) { self.referrer = referrer }

    public init(parsing text: String) throws(SIPSyntaxError) {
        guard TextScanner.commaSeparated(text).count == 1 else {
            throw SIPSyntaxError("Referred-By holds more than one")
        }
        referrer = try NameAddress(parsing: text)
        contentID = referrer.parameters["cid"]
    }
}

extension SIPHeaders {
    /// Nil if there is none; two are an error (RFC 3515 §2.4.2).
    public func referTo() throws(SIPSyntaxError) -> ReferTo? {
        guard let text = try single(.referTo) else { return nil }
        return try ReferTo(parsing: text)
    }

    /// Nil if there is none.
    public func referredBy() throws(SIPSyntaxError) -> ReferredBy? {
        guard let text = try single(.referredBy) else { return nil }
        return try ReferredBy(parsing: text)
    }

    /// Whether a REFER wants to be told what became of it; it does unless it says no (RFC 4488 §4).
    public func wantsReferSubscription() throws(SIPSyntaxError) -> Bool {
        guard let text = try single(.referSub) else { return true }
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        let word = try scanner.token("Refer-Sub").asciiLowercased
        _ = try SIPParameters(header: &scanner)
        try scanner.finish("Refer-Sub")
        switch word {
        case "true": return true
        case "false": return false
        default: throw SIPSyntaxError("Refer-Sub is neither true nor false")
        }
    }
}
