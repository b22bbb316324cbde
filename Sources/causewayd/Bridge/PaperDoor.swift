import Crypto
import SIP

/// Knows points that ask over HTTP by what they sign in with over SIP: digest (RFC 7616), with a nonce of its own, whose
/// `uri` is the room's address.
struct PaperDoor: Sendable {
    private static let longestField = 4096
    private var digest: DigestAuthenticator

    init(realm: String) {
        var configuration = DigestAuthenticator.Configuration(realm: realm)
        configuration.algorithms = [.sha256]
        configuration.maximumNonces = 5000
        digest = DigestAuthenticator(
            configuration: configuration,
            hashes: DigestHashes(
                md5: { Array(Insecure.MD5.hash(data: $0)) }, sha256: { Array(SHA256.hash(data: $0)) }),
            epoch: .now
        ) { count in
            var random = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
    }

    /// - Parameter room: its SIP address.
    mutating func verify(
        _ authorization: String?, room: URI, from origin: String, at now: SIPInstant,
        secret: (_ username: String) -> DigestSecret?
    ) -> DigestAuthenticator.Verdict {
        guard let authorization, authorization.utf8.count <= Self.longestField else { return .missing }
        var headers = SIPHeaders()
        headers.add(.authorization, authorization)
        let who = NameAddress(room)
        let request = SIPRequest(
            method: "GET", uri: room, from: who, to: who, callID: "papers", sequence: 1, headers: headers)
        return digest.verify(request, from: origin, at: now, secret: secret)
    }

    func challenge(to origin: String, stale: Bool, at now: SIPInstant) -> String {
        digest.challenges(to: origin, stale: stale, at: now).values(.wwwAuthenticate).first ?? "Digest"
    }
}
