// The steps for each kind of device. Names of settings are those of the makers' own pages and manuals.
extension JoinGuide {
    // MARK: Room system

    var roomSystem: Markup {
        guard let entrance = site.entrance else { return noEntrance }
        let transport = entrance.transport.rawValue.uppercased()
        let encrypted = !entrance.allowsClearMedia
        let settings: [[Markup]] = [
            [
                mark("Địa chỉ SIP", "SIP address"), .code("\(point.username)@\(site.domain)"), "Sign-in Address",
                "Username", "SIP URI",
            ],
            [
                mark("Tên đăng nhập", "User name"), .code(point.username), "User Name", "Register Name",
                "Authentication UserName",
            ],
            [
                mark("Mật khẩu", "Password"), mark("giao riêng", "handed over apart"), "Password", "Password",
                "Authentication Password",
            ],
            [
                mark("Máy chủ", "Server"), server(entrance),
                "Registrar Server, Proxy Server", "Server Host, Port", "Proxy 1 Address",
            ],
            [mark("Giao vận", "Transport"), .code(transport), "Transport Protocol", "Transport", "DefaultTransport"],
            [
                mark("Mã hóa", "Encryption"), encryption, encrypted ? "AES: Required" : "AES: When Available",
                encrypted ? "SRTP: Compulsory" : "SRTP: Optional",
                encrypted ? "Encryption: On" : "Encryption: BestEffort",
            ],
        ]
        let verification = trust.map { trust in
            mark(
                "Nạp chứng thư gốc vào thiết bị (mục Certificates / Trusted Certificates / Custom CA), bật kiểm tra chứng thư. \(trust)",
                "Load the root certificate into the device (Certificates / Trusted Certificates / Custom CA) and have it verify. \(trust)"
            )
        }
        let steps: [Markup?] = [
            mark(
                "Mở trang quản trị của thiết bị trong trình duyệt, đến mục SIP (Polycom: Network › SIP; Yealink: Account › SIP Account; Cisco: Configuration › SIP). Tắt H.323 nếu không dùng.",
                "Open the device's administration page in a browser and go to SIP (Polycom: Network › SIP; Yealink: Account › SIP Account; Cisco: Configuration › SIP). Turn H.323 off where it is not used."
            ),
            mark("Điền bảng dưới đây, lưu lại.", "Fill in the table below and save."),
            verification,
            mark(
                "Chờ trạng thái đăng ký: <em>Registered</em>. \(ports)",
                "Wait until it shows <em>Registered</em>. \(ports)"),
            mark("Vào họp: gọi \(addresses).", "To join, call \(addresses)."),
            mark(
                "Trình chiếu: nối máy tính vào thiết bị, chọn <em>Content / Share</em>. Micrô tắt khi vào họp; chủ tọa mời mới mở.",
                "To present, connect a computer to the device and choose <em>Content / Share</em>. Microphones are muted on joining, until the chair invites you to speak."
            ),
        ]
        return """
            \(section("Các bước", "Steps", .steps(steps.compactMap { $0 })))
            \(section("Thông số", "Settings", .table(
                [say("Mục", "Setting"), say("Giá trị", "Value"), "Polycom", "Yealink", "Cisco"], settings)))
            \(lineCheck)
            \(keys)
            """
    }

    // MARK: Computer

    var computer: Markup {
        guard let entrance = site.entrance else { return noEntrance }
        let fetched: Markup =
            provisioning.map { provisioning in
                mark(
                    "Trong trợ lý tài khoản chọn <em>Fetch remote configuration</em> (Tải cấu hình từ xa), dán địa chỉ ở dưới. Địa chỉ dùng <strong>một lần</strong>, trước \(provisioning.expires); tài khoản được cài, không phải gõ mật khẩu.",
                    "In the account assistant choose <em>Fetch remote configuration</em> and paste the address below. It works <strong>once</strong>, before \(provisioning.expires); the account is set up without typing a password."
                )
            }
            ?? mark(
                "Trong trợ lý tài khoản chọn <em>Use a SIP account</em> (Dùng tài khoản SIP) và điền bảng dưới đây.",
                "In the account assistant choose <em>Use a SIP account</em> and fill in the table below.")
        let verification = trust.map { trust in
            mark(
                "Tải chứng thư gốc, rồi (khi Linphone đã đóng) thêm dòng \(Markup.code("root_ca=ĐƯỜNG-DẪN/ca.pem")) dưới \(Markup.code("[sip]")) trong tệp \(Markup.code("linphonerc")) (Windows: \(Markup.code("%LOCALAPPDATA%\\linphone"))). Linphone không dùng kho chứng thư của hệ điều hành. \(trust)",
                "Fetch the root certificate, then, with Linphone closed, add the line \(Markup.code("root_ca=PATH/ca.pem")) below \(Markup.code("[sip]")) in the file \(Markup.code("linphonerc")) (Windows: \(Markup.code("%LOCALAPPDATA%\\linphone"))). Linphone does not use the system's certificates. \(trust)"
            )
        }
        let steps: [Markup?] = [
            mark(
                "Cài Linphone từ \(Markup.code("https://www.linphone.org")), mở một lần rồi đóng.",
                "Install Linphone from \(Markup.code("https://www.linphone.org")), open it once and close it."),
            verification,
            fetched,
            mark(
                "Trong <em>Settings › Calls</em> đặt mã hóa: SRTP. Đèn trạng thái phải xanh (<em>Registered</em>). \(ports)",
                "In <em>Settings › Calls</em> choose SRTP as encryption. The status light must be green (<em>Registered</em>). \(ports)"
            ),
            mark("Vào họp: gọi \(addresses).", "To join, call \(addresses)."),
            mark(
                "Dùng tai nghe có micrô, cắm dây mạng nếu được.",
                "Use a headset, and a cable rather than Wi-Fi where there is one."),
        ]
        let address = provisioning.map { provisioning in
            section(
                "Địa chỉ cấu hình (dùng một lần)", "Configuration address (works once)",
                "<p>\(Markup.code(provisioning.url))</p>")
        }
        let microSIP = mark(
            "<p>Phần mềm MicroSIP (Windows): SIP server \(Markup.code(site.domain)), SIP proxy \(Markup.code("\(entrance.uriHost):\(entrance.port)")), Username và Login \(Markup.code(point.username)), Transport \(entrance.transport.rawValue.uppercased()), Media encryption: Mandatory SRTP (RTP/SAVP). MicroSIP dùng thư viện PJSIP, thư viện này đã được thử với hệ thống.</p>",
            "<p>MicroSIP (Windows): SIP server \(Markup.code(site.domain)), SIP proxy \(Markup.code("\(entrance.uriHost):\(entrance.port)")), Username and Login \(Markup.code(point.username)), Transport \(entrance.transport.rawValue.uppercased()), Media encryption: Mandatory SRTP (RTP/SAVP). It is built on PJSIP, with which the bridge is tested.</p>"
        )
        return """
            \(section("Các bước", "Steps", .steps(steps.compactMap { $0 })))
            \(address)
            \(section("Tài khoản", "Account", "\(account)\(microSIP)"))
            \(lineCheck)
            \(keys)
            """
    }

    // MARK: Phone or tablet

    var linphone: Markup {
        guard site.entrance != nil else { return noEntrance }
        let ownAuthority: Markup? =
            trust.map { trust in
                mark(
                    "<p class=\"note\">Hệ thống dùng chứng thư gốc riêng. Linphone trên iOS và trên Android <strong>không</strong> dùng kho chứng thư của máy. Trên iOS: vào họp bằng trình duyệt. Trên Android: chép \(Markup.code("ca.pem")) vào \(Markup.code("Android/data/org.linphone/files")), kỹ thuật nạp tệp cấu hình có \(Markup.code("root_ca")), hoặc vào họp bằng trình duyệt. \(trust)</p>",
                    "<p class=\"note\">The bridge has a root certificate of its own. Linphone on iOS and Android does <strong>not</strong> use the device's certificates. On iOS join by the browser. On Android copy \(Markup.code("ca.pem")) to \(Markup.code("Android/data/org.linphone/files")) and have a technician load a configuration with \(Markup.code("root_ca")), or join by the browser. \(trust)</p>"
                )
            }
        let setUp: Markup =
            provisioning.map { provisioning in
                mark(
                    "Mở Linphone, ở màn hình trợ lý chọn <em>Scan QR code</em> (Quét mã QR), quét mã bên cạnh. Mã dùng <strong>một lần</strong>, trước \(provisioning.expires); không phải gõ mật khẩu.",
                    "Open Linphone, choose <em>Scan QR code</em> in the assistant and scan the code beside. It works <strong>once</strong>, before \(provisioning.expires); no password is typed."
                )
            }
            ?? mark(
                "Mở Linphone, chọn <em>Use a SIP account</em> (Dùng tài khoản SIP), điền bảng dưới đây. Xin kỹ thuật mã QR dùng một lần để không phải gõ mật khẩu.",
                "Open Linphone, choose <em>Use a SIP account</em> and fill in the table below. Technicians can make a QR code that works once, so that no password is typed."
            )
        let steps: [Markup] = [
            mark(
                "Cài ứng dụng <strong>Linphone</strong> từ Google Play hoặc App Store.",
                "Install <strong>Linphone</strong> from Google Play or the App Store."),
            setUp,
            mark(
                "Cho phép micrô, máy ảnh, thông báo. Trên Android tắt tiết kiệm pin cho Linphone.",
                "Allow microphone, camera and notifications. On Android turn battery saving off for Linphone."),
            mark("Chờ trạng thái <em>Connected</em> (Đã kết nối).", "Wait until it shows <em>Connected</em>."),
            mark("Vào họp: gọi \(addresses).", "To join, call \(addresses)."),
        ]
        let qr = provisioning.map {
            code($0.url, mark("Quét bằng Linphone<br>dùng một lần", "Scan with Linphone<br>works once"))
        }
        let mobile = section(
            "Khi dùng 4G", "On 4G",
            """
            <ul>
            <li>\(mark("Dùng SIM 4G do Văn phòng cấp; dùng SIM khác phải báo trước.", "Use the SIM that the Office issued; another must be announced."))</li>
            <li>\(mark("Ngồi một chỗ, gần cửa sổ, cắm sạc. Đổi trạm hoặc đổi mạng thì cuộc gọi tự nối lại, chỗ họp được giữ.", "Stay in one place, near a window, with the charger in. If the network changes, the call comes back by itself and your seat is kept."))</li>
            <li>\(mark("Sóng yếu: tắt máy ảnh trước, <strong>tiếng là quan trọng nhất</strong>.", "With a weak signal turn the camera off first: <strong>sound matters most</strong>."))</li>
            <li>\(mark("Tắt tải nền, cập nhật và chia sẻ kết nối trong lúc họp.", "Turn off downloads, updates and tethering during the meeting."))</li>
            </ul>
            """)
        return """
            \(ownAuthority)
            <div class="beside"><div>\(section("Các bước", "Steps", .steps(steps)))</div>\(qr)</div>
            \(section("Tài khoản", "Account", account))
            \(lineCheck)
            \(mobile)
            \(keys)
            """
    }

    // MARK: Browser

    var browser: Markup {
        guard let portal = site.portalURL, site.entrances.contains(where: { $0.transport == .wss }) else {
            return mark(
                "<p class=\"note\">Hệ thống chưa mở cửa cho trình duyệt.</p>",
                "<p class=\"note\">The bridge is not open to browsers.</p>")
        }
        let links = point.rooms.prefix(6).map { "\(portal)/join/\($0.id)" }
        let listed: Markup =
            links.isEmpty
            ? .code("\(portal)/join/…")
            : links.map { Markup.code($0) }.joined(by: ", ")
        let steps: [Markup?] = [
            mark(
                "Dùng Chrome, Edge, Firefox hoặc Safari bản mới. Máy không phải cài gì.",
                "Use a current Chrome, Edge, Firefox or Safari. Nothing is installed."),
            trust.map {
                mark(
                    "Cài chứng thư gốc vào hệ điều hành (một lần). \($0)",
                    "Install the root certificate in the operating system (once). \($0)")
            },
            mark("Mở đường dẫn trong giấy mời, hoặc \(listed).", "Open the link of the invitation, or \(listed)."),
            mark(
                "Cho phép máy ảnh và micrô khi trình duyệt hỏi; chọn đúng thiết bị, bấm <em>Kiểm tra</em>.",
                "Allow camera and microphone when the browser asks; choose the right devices and press <em>Check</em>."),
            mark(
                "Không có giấy mời: đăng nhập bằng tên \(Markup.code(point.username)) và mật khẩu của điểm cầu. Bấm <em>Vào họp</em>.",
                "Without an invitation sign in as \(Markup.code(point.username)) with the point's password. Press <em>Join</em>."
            ),
            mark(
                "Xin phát biểu, trò chuyện, chia sẻ màn hình: các nút ở cuối trang. \(ports)",
                "Raise your hand, chat and share your screen by the buttons at the bottom. \(ports)"),
        ]
        let qr = links.first.map { code($0, "\(point.rooms.first?.title ?? "")") }
        return """
            <div class="beside"><div>\(section("Các bước", "Steps", .steps(steps.compactMap { $0 })))</div>\(qr)</div>
            \(lineCheck)
            """
    }

    // MARK: Telephone

    var telephone: Markup {
        guard let number = site.telephoneNumber else {
            return mark(
                "<p class=\"note\">Hệ thống <strong>không</strong> có cổng điện thoại thường: không thể gọi vào họp bằng điện thoại bàn hay cuộc gọi di động. Hãy dùng trình duyệt hoặc Linphone.</p>",
                "<p class=\"note\">There is <strong>no</strong> gateway for plain telephones: nobody can join by a desk phone or a mobile call. Use a browser or Linphone.</p>"
            )
        }
        return """
            \(section("Các bước", "Steps", .steps([
                mark("Gọi \(Markup.code(number)).", "Call \(Markup.code(number))."),
                mark("Khi được hỏi, bấm mã PIN của phòng (bộ phận kỹ thuật báo riêng) rồi bấm \(Markup.code("#")).", "When asked, key the room's PIN (which the technicians tell you), then \(Markup.code("#"))."),
                mark("Chờ chủ tọa cho vào. Chỉ có tiếng, không có hình; đường điện thoại không được mã hóa.", "Wait to be let in. There is sound only, and the telephone line is not encrypted."),
            ])))
            \(keys)
            """
    }
}
