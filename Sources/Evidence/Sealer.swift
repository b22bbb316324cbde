import CSeal
public import Foundation

/// Who signs: the archive's own key, or a certificate with its chain and key.
public enum Sealer: Sendable {
    case key(SealKey)
    /// Both PEM, the signer's certificate first.
    case certificate(chain: String, key: String)

    /// The files that the signature of `document` makes up, by their names in the package.
    public func sign(_ document: Data) throws(EvidenceError) -> [String: Data] {
        switch self {
        case .key(let key):
            [
                SealedPackage.signature: try key.sign(document),
                SealedPackage.signer: Data(key.publicKey.utf8),
            ]
        case .certificate(let chain, let key):
            [
                SealedPackage.cmsSignature: try CMS.sign(document, chain: chain, key: key),
                SealedPackage.signer: Data(chain.utf8),
            ]
        }
    }

    /// What those who check have to trust: PEM.
    public var trusted: String {
        switch self {
        case .key(let key): key.publicKey
        case .certificate(let chain, _): chain
        }
    }
}

/// Detached signatures in CMS (RFC 5652).
enum CMS {
    static func sign(_ data: Data, chain: String, key: String) throws(EvidenceError) -> Data {
        let (signature, reason) = Foreign.data { out, length, reason in
            Foreign.bytes(data) { bytes, count in
                cs_cms_sign(bytes, count, chain, chain.utf8.count, key, key.utf8.count, out, length, reason)
            }
        }
        guard let signature else { throw .cannotSign(reason: reason) }
        return signature
    }

    /// - Parameters:
    ///   - trusted: public keys of signers, their certificates, or authorities, in PEM.
    ///   - time: when the certificates have to be good.
    static func verify(_ signature: Data, of data: Data, by trusted: String, at time: Date) throws(EvidenceError) {
        var reason = Foreign.Reason()
        let result = Foreign.bytes(data) { bytes, count in
            Foreign.bytes(signature) { signature, length in
                cs_cms_verify(
                    bytes, count, signature, length, trusted, trusted.utf8.count,
                    Int64(time.timeIntervalSince1970), &reason.text)
            }
        }
        guard result == 0 else { throw .notValid(reason: reason.description) }
    }
}

/// Time stamps (RFC 3161) by the SHA-256 of what is stamped.
public enum TimeStamp {
    public static func request(for data: Data, nonce: UInt64) throws(EvidenceError) -> Data {
        let (request, reason) = Foreign.data { out, length, reason in
            Foreign.bytes(data) { cs_stamp_request($0, $1, nonce, out, length, reason) }
        }
        guard let request else { throw .cannotSign(reason: reason) }
        return request
    }

    /// The time that a response states for `data`.
    ///
    /// - Parameters:
    ///   - nonce: the request's; 0 where it is not known any more.
    ///   - authorities: PEM; whose stamp it is is not checked where it is empty.
    public static func verify(
        _ response: Data, of data: Data, nonce: UInt64 = 0, authorities: String
    ) throws(EvidenceError) -> Date {
        var reason = Foreign.Reason()
        var time: Int64 = 0
        let result = Foreign.bytes(data) { bytes, count in
            Foreign.bytes(response) { response, length in
                cs_stamp_verify(
                    bytes, count, response, length, nonce, authorities, authorities.utf8.count, &time, &reason.text)
            }
        }
        guard result == 0 else { throw .notValid(reason: reason.description) }
        return Date(timeIntervalSince1970: TimeInterval(time))
    }
}

/// How CSeal's functions are called.
enum Foreign {
    struct Reason: CustomStringConvertible {
        var text = [CChar](repeating: 0, count: Int(CS_REASON_SIZE))
        var description: String {
            String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    static func bytes<Result>(_ data: Data, _ body: (UnsafePointer<UInt8>?, Int) -> Result) -> Result {
        data.withUnsafeBytes { body($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
    }

    static func data(
        _ make: (
            UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>, UnsafeMutablePointer<CChar>?
        ) -> Int32
    ) -> (Data?, String) {
        var out: UnsafeMutablePointer<UInt8>?
        var length = 0
        var reason = Reason()
        let result = reason.text.withUnsafeMutableBufferPointer { make(&out, &length, $0.baseAddress) }
        defer { cs_free(out) }
        guard result == 0, let out else { return (nil, reason.description) }
        return (Data(bytes: out, count: length), "")
    }
}
