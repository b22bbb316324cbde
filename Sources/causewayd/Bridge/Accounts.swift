import Conference
import OfficeStore
import SIP
import SiteConfiguration

/// Who may sign in: a snapshot of the accounts, the file's and the Office's, which signalling asks without waiting.
struct Accounts: Sendable {
    private struct Account: Sendable {
        var point: PointID
        var address: String?
        var secret: DigestSecret?
        var hasCertificate: Bool
    }
    private var accounts: [String: Account] = [:]
    private var usernames: [PointID: String] = [:]

    init(_ configuration: Configuration, _ office: OfficeStore) throws {
        for point in configuration.points {
            let secret: DigestSecret?
            switch point.credential {
            case .password(let password): secret = .password(password.reveal())
            case .digests(let sha256, let md5): secret = .ha1(md5: md5?.reveal(), sha256: sha256?.reveal())
            case .none: secret = nil
            }
            accounts[point.username] = Account(
                point: PointID(point.id), address: point.address, secret: secret, hasCertificate: point.certificate)
            usernames[PointID(point.id)] = point.username
        }
        let secrets = try office.pointSecrets()
        let register = office.register
        for point in register.points where !register.isFixed(.point, point.id) {
            let secret = secrets[point.id].map { DigestSecret.ha1(md5: $0.md5, sha256: $0.sha256) }
            accounts[point.username] = Account(
                point: PointID(point.id), address: point.address, secret: secret, hasCertificate: false)
            usernames[PointID(point.id)] = point.username
        }
    }

    /// What an invitation of a point hangs on: another when the point signs in by another secret.
    func credential(of username: String) -> [UInt8]? {
        accounts[username].map { account in
            let parts: [String] =
                switch account.secret {
                case .password(let password)?: ["password", password]
                case .ha1(let md5, let sha256)?: ["ha1", md5 ?? "", sha256 ?? ""]
                case nil: ["certificate"]
                }
            return Array(([account.point.rawValue] + parts).joined(separator: "\u{0}").utf8)
        }
    }
    func secret(of username: String) -> DigestSecret? { accounts[username]?.secret }
    func acceptsCertificate(of username: String) -> Bool { accounts[username]?.hasCertificate == true }
    /// How a point is called.
    func dialling(_ point: PointID) -> (username: String, address: String?)? {
        usernames[point].flatMap { name in accounts[name].map { (name, $0.address) } }
    }
    func username(of point: PointID) -> String? { usernames[point] }
    func point(of username: String) -> PointID? { accounts[username]?.point }
    var count: Int { accounts.count }
}
