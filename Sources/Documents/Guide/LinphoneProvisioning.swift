/// What Linphone fetches to set itself up: its settings as XML (schema `http://www.linphone.org/xsds/lpconfig.xsd`), of
/// which each `entry` stands for a line of `linphonerc`.
public struct LinphoneProvisioning: Hashable, Sendable {
    /// H(username:realm:password) (RFC 7616 §3.4.2), in hexadecimal digits: it opens the account, but is not the password.
    public struct Secret: Hashable, Sendable {
        public enum Algorithm: String, Hashable, Sendable {
            case md5 = "MD5"
            case sha256 = "SHA-256"
        }
        public var ha1: String
        public var algorithm: Algorithm
        public init(ha1: String, algorithm: Algorithm) {
            self.ha1 = ha1
            self.algorithm = algorithm
        }
    }

    public var site: GuideSite
    public var point: GuidePoint
    /// One for each algorithm by which the bridge may challenge.
    public var secrets: [Secret]

    public init(site: GuideSite, point: GuidePoint, secrets: [Secret]) {
        self.site = site
        self.point = point
        self.secrets = secrets
    }

    /// Nil where the bridge has no entrance for SIP endpoints.
    public var xml: String? {
        guard let entrance = site.entrance else { return nil }
        let name = point.name.filter { $0 != "\"" && $0 != "\\" }
        var sections = [
            section(
                "sip",
                [
                    ("media_encryption", "srtp"),
                    ("media_encryption_mandatory", entrance.allowsClearMedia ? "0" : "1"),
                    ("verify_server_certs", "1"),
                    // Linphone looks for names in a certificate, not for addresses: there the CA alone is checked.
                    ("verify_server_cn", Self.isAddress(entrance.host) ? "0" : "1"),
                    ("use_rfc2833", "1"), ("use_info", "0"), ("default_proxy", "0"),
                ]),
            section(
                "proxy_0",
                [
                    ("reg_proxy", "<\(entrance.route)>"), ("reg_route", "<\(entrance.route);lr>"),
                    ("reg_identity", "\"\(name)\" <\(site.address(of: point.username))>"), ("reg_expires", "600"),
                    ("reg_sendregister", "1"), ("publish", "0"),
                ]),
        ]
        for (index, secret) in secrets.enumerated() {
            sections.append(
                section(
                    "auth_info_\(index)",
                    [
                        ("username", point.username), ("ha1", secret.ha1), ("realm", site.domain),
                        ("domain", site.domain), ("algorithm", secret.algorithm.rawValue),
                    ]))
        }
        // Fetched once: at its next start it must not ask again.
        sections.append(section("misc", [("config-uri", "")]))
        let document: Markup = """
            <?xml version="1.0" encoding="UTF-8"?>
            <config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">
            \(sections)
            </config>

            """
        return document.html
    }

    private func section(_ name: String, _ entries: [(name: String, value: String)]) -> Markup {
        let lines = entries.map { "<entry name=\"\($0.name)\" overwrite=\"true\">\($0.value)</entry>" as Markup }
        return "<section name=\"\(name)\">\n\(lines)\n</section>"
    }

    private static func isAddress(_ host: String) -> Bool {
        host.contains(":") || host.allSatisfy { $0 == "." || $0.isASCII && $0.isNumber }
    }
}
