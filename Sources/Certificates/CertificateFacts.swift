import Foundation
import X509

/// What a server's certificate says of itself.
public struct CertificateFacts: Hashable, Sendable {
    public var notAfter: Date
    /// DNS names in small letters, and numeric IP addresses; `*.example.vn` stands for one label more.
    public var names: Set<String>

    /// Of the first certificate in a file of PEM.
    public init(ofChain path: String) throws(CertificateError) {
        guard let certificate = try PEMFile(path: path).certificates().first else {
            throw .malformed(file: path, expected: "a certificate")
        }
        notAfter = certificate.notValidAfter
        var names: Set<String> = []
        for name in (try? certificate.extensions.subjectAlternativeNames) ?? SubjectAlternativeNames([]) {
            switch name {
            case .dnsName(let name): names.insert(name.lowercased())
            case .ipAddress(let octets):
                if let text = Self.text(ofAddress: Array(octets.bytes)) { names.insert(text) }
            default: break
            }
        }
        self.names = names
    }

    /// As a client compares (RFC 6125 §6.4).
    public func isGood(for host: String) -> Bool {
        let host = host.lowercased()
        if names.contains(host) { return true }
        guard let dot = host.firstIndex(of: ".") else { return false }
        return names.contains("*" + host[dot...])
    }

    private static func text(ofAddress octets: [UInt8]) -> String? {
        var room = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = octets.count == 4 ? AF_INET : octets.count == 16 ? AF_INET6 : nil
        guard let family, inet_ntop(family, octets, &room, socklen_t(room.count)) != nil else { return nil }
        return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
