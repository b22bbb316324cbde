/// The headers of event notification and of call transfer.
extension SIPHeaderName {
    public static let allowEvents: Self = "Allow-Events"
    public static let event: Self = "Event"
    public static let join: Self = "Join"
    public static let referredBy: Self = "Referred-By"
    public static let referSub: Self = "Refer-Sub"
    public static let referTo: Self = "Refer-To"
    public static let replaces: Self = "Replaces"
    public static let subscriptionState: Self = "Subscription-State"
    public static let targetDialog: Self = "Target-Dialog"
}

extension SIPHeaders {
    /// The only value of a header that must not stand twice; nil if there is none.
    func single(_ name: SIPHeaderName) throws(SIPSyntaxError) -> String? {
        let values = values(name)
        guard values.count <= 1 else { throw SIPSyntaxError("\(name) appears twice") }
        return values.first
    }

    /// Expires (RFC 3261 §20.19); nil if there is none.
    public func expires() throws(SIPSyntaxError) -> Duration? {
        guard let text = try single(.expires) else { return nil }
        guard let seconds = text.decimal(atMost: UInt64(UInt32.max)) else {
            throw SIPSyntaxError("Expires is malformed")
        }
        return .seconds(seconds)
    }
}
