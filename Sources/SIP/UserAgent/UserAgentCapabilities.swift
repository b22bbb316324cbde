/// What a user agent can do, and the checks of requests that follow from it (RFC 3261 §8.2).
public struct UserAgentCapabilities: Sendable, Hashable {
    /// The methods that it answers; Allow.
    public var methods: [SIPMethod]
    /// The option tags that it knows; Supported.
    public var extensions: [String]
    /// The bodies that it understands, for each method that may have one; Accept.
    public var contentTypes: [MediaType]
    /// Bodies of these methods may be of any type, as what they ask is decided by who handles them.
    public var methodsWithAnyBody: [SIPMethod] = [.info, .message, .refer, .subscribe, .notify]
    /// What Server says.
    public var product: String?

    public init(
        methods: [SIPMethod], extensions: [String] = [], contentTypes: [MediaType] = [.sdp], product: String? = nil
    ) {
        self.methods = methods
        self.extensions = extensions
        self.contentTypes = contentTypes
        self.product = product
    }

    public var allow: String { methods.map(\.rawValue).joined(separator: ", ") }
    public var supported: String { extensions.joined(separator: ", ") }
    public var accept: String { contentTypes.map(\.description).joined(separator: ", ") }

    /// Every method that a specification defines: of these an unsupported one is 405, any other 501 (§8.2.1, §21.5.2).
    private static let definedMethods: Set<SIPMethod> = [
        .invite, .ack, .bye, .cancel, .options, .register, .update, .info, .prack, .message, .refer, .subscribe,
        .notify,
        .publish,
    ]

    /// The refusal of a request that this user agent cannot take, in the order of §8.2; nil if it can.
    /// - Parameter tag: the To tag of a refusal.
    public func refusal(of request: SIPRequest, tag: @autoclosure () -> String) -> SIPResponse? {
        guard let (status, headers) = fault(of: request) else { return nil }
        var all = headers
        if let product { all[.server] = product }
        return request.response(status, tag: tag(), headers: all)
    }

    private func fault(of request: SIPRequest) -> (UInt16, SIPHeaders)? {
        var headers = SIPHeaders()
        guard methods.contains(request.method) else {
            headers[.allow] = allow
            return (Self.definedMethods.contains(request.method) ? 405 : 501, headers)
        }
        if case .other = request.uri { return (416, headers) }
        // The user agent is where the request ends: a spent Max-Forwards does not matter to it (§16.3 is for proxies).
        let unknown = request.headers.list(.require).filter { tag in
            !extensions.contains { $0.equalsIgnoringCase(tag) }
        }
        if !unknown.isEmpty, request.method != .cancel, request.method != .ack {
            headers[.unsupported] = unknown.joined(separator: ", ")
            return (420, headers)
        }
        return bodyFault(of: request)
    }

    /// §8.2.3: bodies of a type, a language or an encoding that is not understood.
    private func bodyFault(of request: SIPRequest) -> (UInt16, SIPHeaders)? {
        guard !request.body.isEmpty, request.method != .ack, !methodsWithAnyBody.contains(request.method) else {
            return nil
        }
        // A body that says it is optional may be ignored.
        if request.headers[.contentDisposition]?.asciiLowercased.contains("handling=optional") == true { return nil }
        var headers = SIPHeaders()
        if let encoding = request.headers[.contentEncoding], !encoding.equalsIgnoringCase("identity") {
            headers[.acceptEncoding] = "identity"
            return (415, headers)
        }
        guard let type = request.contentType, contentTypes.contains(where: { $0.isSame(as: type) }) else {
            headers[.accept] = accept
            return (415, headers)
        }
        guard type.type == "multipart" else { return nil }
        // Of the parts, all that are not optional must be understood (RFC 5621 §6).
        guard let body = try? MultipartBody(parsing: request.body, type: type) else { return (400, headers) }
        let isUnderstood = body.parts.allSatisfy { part in
            !part.isRequired || contentTypes.contains { $0.isSame(as: part.contentType) }
        }
        guard isUnderstood else {
            headers[.accept] = accept
            return (415, headers)
        }
        return nil
    }

    /// The answer to OPTIONS (§11.2), 200 unless an INVITE would be refused now.
    public func answerToOptions(
        _ request: SIPRequest, status: UInt16 = 200, contact: NameAddress?, tag: String
    ) -> SIPResponse {
        var headers = SIPHeaders()
        if let contact { headers[.contact] = contact.description }
        headers[.allow] = allow
        headers[.accept] = accept
        headers[.acceptEncoding] = "identity"
        headers[.acceptLanguage] = "vi, en"
        headers[.supported] = supported
        if let product { headers[.server] = product }
        return request.response(status, tag: tag, headers: headers)
    }
}
