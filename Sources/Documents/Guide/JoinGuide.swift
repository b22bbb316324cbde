/// One page that tells the people of a point, step by step, how a kind of device is set up and joins a meeting. It never has
/// a password in it: that is handed over apart, or is not needed, because the device fetches its account once.
public struct JoinGuide: Hashable, Sendable {
    /// An address by which the device is set up, once.
    public struct Provisioning: Hashable, Sendable {
        public var url: String
        /// As it is to be read, in Vietnam's time.
        public var expires: String
        public init(url: String, expires: String) {
            self.url = url
            self.expires = expires
        }
    }

    public var site: GuideSite
    public var point: GuidePoint
    public var device: GuideDevice
    public var language: Language
    /// Nil where none was made, or the device takes none.
    public var provisioning: Provisioning?

    public init(
        site: GuideSite, point: GuidePoint, device: GuideDevice, language: Language, provisioning: Provisioning? = nil
    ) {
        self.site = site
        self.point = point
        self.device = device
        self.language = language
        self.provisioning = device.takesProvisioning ? provisioning : nil
    }

    public var document: PrintedDocument {
        let title = say("Hướng dẫn tham gia họp trực tuyến", "How to join video meetings")
        let unit = point.unit.flatMap { $0 == point.name ? nil : " – \($0)" } ?? ""
        let body: Markup = """
            <h1>\(title)</h1>
            <p class="lead"><strong>\(point.name)</strong>\(unit) · \(device.title(language))</p>
            \(content)
            \(help)
            """
        return PrintedDocument(
            title: "\(title): \(point.name)", language: language, body: body,
            footer: say(
                "Cầu truyền hình \(site.domain) · điểm cầu \(point.id)", "Bridge \(site.domain) · point \(point.id)"))
    }

    private var content: Markup {
        switch device {
        case .roomSystem: roomSystem
        case .computer: computer
        case .linphone: linphone
        case .browser: browser
        case .telephone: telephone
        }
    }

    func say(_ vietnamese: String, _ english: String) -> String { language.say(vietnamese, english) }
    func mark(_ vietnamese: Markup, _ english: Markup) -> Markup { language == .vietnamese ? vietnamese : english }
    func section(_ vietnamese: String, _ english: String, _ content: Markup) -> Markup {
        "<h2>\(say(vietnamese, english))</h2>\n\(content)"
    }

    // MARK: What all devices share

    /// Its rooms' addresses.
    var addresses: Markup {
        guard !point.rooms.isEmpty else {
            return mark(
                "địa chỉ phòng họp ghi trong giấy mời", "the address of the room, as the invitation has it")
        }
        let rooms = point.rooms.prefix(6).map { room in
            "\(Markup.code(site.address(of: room.id))) (\(room.title))" as Markup
        }
        return rooms.joined(by: ", ")
    }

    var lineCheck: Markup {
        let address = Markup.code(site.address(of: site.lineCheck))
        return section(
            "Kiểm tra trước buổi họp", "Check before the meeting",
            .steps([
                mark(
                    "Gọi \(address), nói vài câu: phải nghe lại tiếng và thấy lại hình của chính mình.",
                    "Call \(address) and say something: you hear yourself and see your own picture back."),
                mark(
                    "Sau 20 giây hệ thống đọc kết quả: <strong>tốt</strong>, <strong>dùng được</strong> hoặc <strong>không đạt</strong>, và cách khắc phục.",
                    "After 20 seconds a verdict is spoken: <strong>good</strong>, <strong>usable</strong> or <strong>not fit</strong>, and what to do about it."
                ),
                mark(
                    "Không đạt thì báo kỹ thuật trước giờ họp; điểm cầu chưa kiểm tra hiện màu đỏ trên trang điều hành.",
                    "If it is not fit, tell the technicians before the meeting; a point that has not passed is shown in red."
                ),
            ]))
    }

    var keys: Markup {
        section(
            "Phím bấm trong cuộc họp", "Keys in a meeting",
            .fields([
                ("*5", mark("xin phát biểu; bấm lần nữa để thôi", "ask to speak; again to withdraw")),
                ("*6", mark("tắt hoặc bật micrô của mình (khi được phép)", "mute or unmute yourself (where allowed)")),
                (
                    "1 · 2 · 3",
                    mark(
                        "khi biểu quyết: tán thành · không tán thành · không có ý kiến",
                        "in a vote: for · against · abstain")
                ),
            ]))
    }

    private var help: Markup {
        let unnamed = mark("bộ phận kỹ thuật ghi trong giấy mời", "the technicians named in the invitation")
        let support: Markup = site.support.isEmpty ? unnamed : "<strong>\(site.support)</strong>"
        let officer: Markup =
            point.officer.isEmpty
            ? ""
            : mark(
                " Cán bộ phụ trách điểm cầu: \(point.officer).", " Officer in charge of the point: \(point.officer).")
        return section(
            "Cần giúp đỡ", "Whom to call", mark("<p>Gọi \(support).\(officer)</p>", "<p>Call \(support).\(officer)</p>")
        )
    }

    /// Of the account, without its password.
    var account: Markup {
        guard let entrance = site.entrance else { return "" }
        return .fields([
            (say("Tên đăng nhập", "User name"), .code(point.username)),
            (say("Tên miền SIP", "SIP domain"), .code(site.domain)),
            (say("Máy chủ, cổng", "Server, port"), server(entrance)),
            (say("Giao vận", "Transport"), .code(entrance.transport.rawValue.uppercased())),
            (say("Mã hóa tiếng, hình", "Media encryption"), encryption),
            (say("Mật khẩu", "Password"), passwordNote),
        ])
    }

    func server(_ entrance: GuideSite.Entrance) -> Markup {
        "\(Markup.code(entrance.host)) : \(Markup.code(String(entrance.port)))"
    }

    var encryption: Markup {
        guard let entrance = site.entrance, !entrance.allowsClearMedia else {
            return mark("SRTP, tùy chọn", "SRTP, optional")
        }
        return mark("SRTP, bắt buộc", "SRTP, mandatory")
    }

    var passwordNote: Markup {
        mark(
            "giao riêng cho cán bộ phụ trách; không ghi ra giấy, không dùng chung",
            "handed to the officer in charge; not to be written down or shared")
    }

    /// Which certificate to trust, and how to be sure of it.
    var trust: Markup? {
        guard case .ownAuthority(let fingerprint) = site.trust else { return nil }
        let pairs = stride(from: 0, to: fingerprint.utf8.count, by: 4).map { start in
            String(fingerprint.dropFirst(start).prefix(4)).uppercased()
        }
        let printed = Markup.code(pairs.joined(separator: " "))
        let place: Markup =
            site.authorityURL.map { Markup.code($0) } ?? mark("do kỹ thuật giao", "given by the technicians")
        return mark(
            "Chứng thư gốc của hệ thống: \(place). So sánh SHA-256 trước khi tin cậy: \(printed)",
            "The site's root certificate: \(place). Compare its SHA-256 before trusting it: \(printed)")
    }

    var ports: Markup {
        let range = "\(site.mediaPorts.lowerBound)–\(site.mediaPorts.upperBound)"
        return mark(
            "Tường lửa phải cho ra: \(Markup.code(site.mediaHost)), UDP \(range) (tiếng và hình).",
            "The firewall must let out: \(Markup.code(site.mediaHost)), UDP \(range) (sound and picture).")
    }

    func code(_ text: String, _ caption: Markup) -> Markup {
        guard let code = QRCode(text) else { return "" }
        return "<div class=\"code\">\(code.svg(describedAs: say("Mã QR", "QR code")))\(caption)</div>"
    }

    var noEntrance: Markup {
        mark(
            "<p class=\"note\">Hệ thống chưa mở cổng SIP cho loại thiết bị này.</p>",
            "<p class=\"note\">The bridge has no SIP entrance for this kind of device.</p>")
    }
}
