import Certificates
import Crypto
import Documents
import Foundation
import Office
import OfficeStore
import SiteConfiguration

/// What join guides say, from the configuration and the Office's register in force.
struct SiteGuides: Sendable {
    let site: GuideSite
    private let configuration: Configuration
    private let office: OfficeStore

    init(_ configuration: Configuration, certificate: CertificatePaths, office: OfficeStore) {
        self.configuration = configuration
        self.office = office
        let portal = configuration.portal
        let host = portal.address.contains(":") ? "[\(portal.address)]" : portal.address
        site = GuideSite(
            domain: configuration.sip.domain,
            entrances: configuration.sip.listeners.compactMap { listener in
                GuideSite.Transport(rawValue: listener.transport.rawValue).map { transport in
                    GuideSite.Entrance(
                        transport: transport, host: listener.advertised ?? listener.address, port: listener.port,
                        allowsClearMedia: listener.allowClearMedia)
                }
            },
            portalURL: portal.port == 0 ? nil : portal.url ?? "https://\(host):\(portal.port)",
            trust: certificate.authority.flatMap(Self.fingerprint).map { .ownAuthority(fingerprint: $0) } ?? .known,
            mediaHost: configuration.media.advertised ?? configuration.media.bind,
            mediaPorts: configuration.media.ports, lineCheck: configuration.lineCheck.name,
            telephoneNumber: portal.telephone, support: portal.support)
    }

    func material(for id: String) -> GuideMaterial? {
        let register = office.register
        guard let point = register.point(id) else { return nil }
        let rooms = register.rooms.filter { $0.points?.contains(id) ?? true }
        return GuideMaterial(
            site: site,
            point: GuidePoint(
                id: id, name: point.name,
                unit: point.unit.flatMap { unit in register.units.first { $0.id == unit }?.name },
                username: point.username,
                officer: [point.officer, point.telephone].filter { !$0.isEmpty }.joined(separator: ", "),
                rooms: rooms.map { .init(id: $0.id, title: $0.title) }),
            secrets: secrets(of: id))
    }

    /// Of a point of the file by its password there, of one that the Office manages by what is kept of its password.
    private func secrets(of id: String) -> [LinphoneProvisioning.Secret] {
        guard let point = configuration.points.first(where: { $0.id == id }) else {
            guard let kept = try? office.pointSecrets()[id] else { return [] }
            return [.init(ha1: kept.sha256, algorithm: .sha256), .init(ha1: kept.md5, algorithm: .md5)]
        }
        switch point.credential {
        case .password(let password):
            let whole = Data("\(point.username):\(configuration.sip.domain):\(password.reveal())".utf8)
            return [
                .init(ha1: Self.hexadecimal(SHA256.hash(data: whole)), algorithm: .sha256),
                .init(ha1: Self.hexadecimal(Insecure.MD5.hash(data: whole)), algorithm: .md5),
            ]
        case .digests(let sha256, let md5):
            return [
                sha256.map { .init(ha1: $0.reveal(), algorithm: .sha256) },
                md5.map { .init(ha1: $0.reveal(), algorithm: .md5) },
            ].compactMap { $0 }
        case .none: return []
        }
    }

    /// SHA-256 of the first certificate in a PEM file (RFC 7468), as `openssl x509 -fingerprint -sha256` has it.
    private static func fingerprint(_ path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let begin = text.range(of: "-----BEGIN CERTIFICATE-----"),
            let end = text.range(of: "-----END CERTIFICATE-----", range: begin.upperBound..<text.endIndex),
            let octets = Data(
                base64Encoded: String(text[begin.upperBound..<end.lowerBound]), options: .ignoreUnknownCharacters)
        else { return nil }
        return hexadecimal(SHA256.hash(data: octets))
    }

    private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        digest.map { octet in String(octet >> 4, radix: 16) + String(octet & 15, radix: 16) }.joined()
    }
}
