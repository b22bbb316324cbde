/// What is subscribed to: Event (RFC 6665 §8.2.1).
public struct SIPEvent: Hashable, Sendable, CustomStringConvertible {
    /// The event package with its templates, such as `conference`; compared letter by letter.
    public var package: String
    /// Tells subscriptions to one package within one dialog apart.
    public var id: String?
    /// The others.
    public var parameters: SIPParameters

    public init(_ package: String, id: String? = nil) {
        self.package = package
        self.id = id
        parameters = .init()
    }

    public init(parsing text: String) throws(SIPSyntaxError) {
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        package = try scanner.token("Event")
        parameters = try SIPParameters(header: &scanner)
        try scanner.finish("Event")
        if parameters.contains("id") {
            guard let id = parameters["id"], !id.isEmpty else { throw SIPSyntaxError("Event's id is empty") }
            self.id = id
            parameters.remove("id")
        }
    }

    /// The same subscription: parameters other than `id` do not count (§4.5.2).
    public func matches(_ other: SIPEvent) -> Bool { package == other.package && id == other.id }

    public var description: String {
        var all = SIPParameters()
        if let id { all["id"] = id }
        return "\(package)\(all)\(parameters)"
    }
}

/// Where a subscription stands: Subscription-State (RFC 6665 §8.2.3).
public struct SubscriptionState: Hashable, Sendable, CustomStringConvertible {
    public enum Value: Hashable, Sendable {
        case pending
        case active
        case terminated
        /// To be taken as `active` is.
        case other(String)
    }

    /// Why it ended (§4.1.3), with what the subscriber should do.
    public enum Reason: Hashable, Sendable {
        /// Subscribe anew at once.
        case deactivated
        /// Subscribe anew later.
        case probation
        case rejected
        /// It was not refreshed.
        case timeout
        case giveup
        /// There is nothing to subscribe to any more.
        case noresource
        /// What was told will not change again.
        case invariant
        case other(String)

        init(_ text: String) {
            self = Self.known.first { $0.text.equalsIgnoringCase(text) } ?? .other(text)
        }

        var text: String {
            switch self {
            case .deactivated: "deactivated"
            case .probation: "probation"
            case .rejected: "rejected"
            case .timeout: "timeout"
            case .giveup: "giveup"
            case .noresource: "noresource"
            case .invariant: "invariant"
            case .other(let text): text
            }
        }

        private static let known: [Reason] = [
            .deactivated, .probation, .rejected, .timeout, .giveup, .noresource, .invariant,
        ]
    }

    public var value: Value
    public var reason: Reason?
    /// How long it still lasts, in whole seconds; nil where it ended.
    public var expires: Duration?
    public var retryAfter: Duration?

    public init(_ value: Value, reason: Reason? = nil, expires: Duration? = nil, retryAfter: Duration? = nil) {
        self.value = value
        self.reason = reason
        self.expires = expires
        self.retryAfter = retryAfter
    }

    public init(parsing text: String) throws(SIPSyntaxError) {
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        let word = try scanner.token("Subscription-State")
        value =
            switch word.asciiLowercased {
            case "pending": .pending
            case "active": .active
            case "terminated": .terminated
            default: .other(word)
            }
        let parameters = try SIPParameters(header: &scanner)
        try scanner.finish("Subscription-State")
        reason = parameters["reason"].map { Reason($0) }
        expires = try Self.seconds(parameters, "expires")
        retryAfter = try Self.seconds(parameters, "retry-after")
    }

    private static func seconds(_ parameters: SIPParameters, _ name: String) throws(SIPSyntaxError) -> Duration? {
        guard parameters.contains(name) else { return nil }
        guard let seconds = parameters[name]?.decimal(atMost: UInt64(UInt32.max)) else {
            throw SIPSyntaxError("Subscription-State's \(name) is malformed")
        }
        return .seconds(seconds)
    }

    public var description: String {
        var text =
            switch value {
            case .pending: "pending"
            case .active: "active"
            case .terminated: "terminated"
            case .other(let word): word
            }
        if let reason { text += ";reason=\(reason.text)" }
        if let expires { text += ";expires=\(expires.components.seconds)" }
        if let retryAfter { text += ";retry-after=\(retryAfter.components.seconds)" }
        return text
    }
}

extension SIPHeaders {
    /// Nil if there is none.
    public func event() throws(SIPSyntaxError) -> SIPEvent? {
        guard let text = try single(.event) else { return nil }
        return try SIPEvent(parsing: text)
    }

    /// Nil if there is none.
    public func subscriptionState() throws(SIPSyntaxError) -> SubscriptionState? {
        guard let text = try single(.subscriptionState) else { return nil }
        return try SubscriptionState(parsing: text)
    }
}
