extension SIPResponse {
    /// The session description in the body, or in the first part of it that is one; nil where there is none.
    public var sessionDescription: [UInt8]? {
        guard !body.isEmpty else { return nil }
        guard let type = contentType, type.type == "multipart" else { return body }
        return try? MultipartBody(parsing: body, type: type).parts.first { $0.contentType.isSame(as: .sdp) }?.body
    }

    /// The number of a provisional response that its sender wants acknowledged by PRACK (RFC 3262 §4); nil for one
    /// that is not reliable.
    public var reliableNumber: UInt32? {
        guard isProvisional, status > 100, headers.lists("100rel", in: .require) else { return nil }
        return headers[.rSeq]?.decimal(atMost: UInt64(UInt32.max)).map { UInt32($0) }
    }
}
