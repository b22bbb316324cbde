import Conference
import Signalling
import SiteConfiguration

/// Who may sign in: a snapshot of the configured accounts, which signalling asks without waiting.
struct Accounts: Sendable {
    private struct Account: Sendable {
        var point: PointID
        var credentials: DigestCredentials
    }
    private var accounts: [String: Account] = [:]

    init(_ configuration: Configuration) {
        for point in configuration.points {
            let credentials: DigestCredentials
            switch point.credential {
            case .password(let password):
                credentials = DigestCredentials(
                    username: point.username, realm: configuration.sip.domain, password: password.reveal())
            case .digests(let sha256, let md5):
                credentials = DigestCredentials(ha1MD5: md5?.reveal(), ha1SHA256: sha256?.reveal())
            }
            accounts[point.username] = Account(point: PointID(point.id), credentials: credentials)
        }
    }

    func credentials(for username: String) -> DigestCredentials? { accounts[username]?.credentials }
    func point(of username: String) -> PointID? { accounts[username]?.point }
    var count: Int { accounts.count }
}
