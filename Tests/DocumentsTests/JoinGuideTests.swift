import Foundation
import Testing

@testable import Documents

@Suite struct JoinGuideTests {
    static let site = GuideSite(
        domain: "hop.thuathienhue.gov.vn",
        entrances: [
            .init(transport: .udp, host: "hop.example.vn", port: 5060),
            .init(transport: .tls, host: "hop.example.vn", port: 5061),
            .init(transport: .wss, host: "hop.example.vn", port: 7443),
        ], portalURL: "https://hop.example.vn",
        trust: .ownAuthority(fingerprint: String(repeating: "0a1b2c3d", count: 8)), mediaHost: "203.0.113.9",
        mediaPorts: 20_000...29_999, support: "Trung tâm Giám sát, điều hành: 0234 3 822 541")
    static let point = GuidePoint(
        id: "phuloc", name: "Ủy ban nhân dân xã Phú Lộc", unit: "Huyện ủy <Phú Lộc> & các xã", username: "phuloc",
        officer: "Nguyễn Thị Thủy, 0905 000 111",
        rooms: [.init(id: "giaoban", title: "Giao ban tuần"), .init(id: "hdnd", title: "Họp Hội đồng nhân dân")])
    static let provisioning = JoinGuide.Provisioning(
        url: "https://hop.example.vn/provision/" + String(repeating: "ab", count: 32), expires: "17:30 ngày 27/11/2026")

    static func guide(_ device: GuideDevice, _ language: Language, with provisioning: Bool = true) -> JoinGuide {
        JoinGuide(
            site: site, point: point, device: device, language: language,
            provisioning: provisioning ? Self.provisioning : nil)
    }

    @Test(arguments: GuideDevice.allCases, Language.allCases)
    func nothingOfAPointBecomesMarkup(device: GuideDevice, language: Language) {
        let html = Self.guide(device, language).document.html
        #expect(html.contains("&lt;Phú Lộc&gt; &amp; các xã"))
        #expect(!html.contains("<Phú"))
        #expect(html.contains("lang=\"\(language.rawValue)\""))
    }

    @Test(arguments: [GuideDevice.roomSystem, .computer, .linphone])
    func sipDevicesAreToldTheEncryptedEntrance(device: GuideDevice) {
        let html = Self.guide(device, .vietnamese).document.html
        for text in [
            "<code>hop.example.vn</code> : <code>5061</code>", "<code>TLS</code>",
            "sip:kiemtra@hop.thuathienhue.gov.vn", "*5",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        #expect(html.contains("0A1B 2C3D"))
    }

    @Test func withoutEncryptedEntrancesTheConnectedOneIsTold() {
        var site = Self.site
        site.entrances = [
            .init(transport: .udp, host: "10.0.0.1", port: 5060, allowsClearMedia: true),
            .init(transport: .tcp, host: "10.0.0.1", port: 5070, allowsClearMedia: true),
        ]
        let html = JoinGuide(site: site, point: Self.point, device: .roomSystem, language: .english).document.html
        #expect(html.contains("<code>5070</code>"))
        #expect(html.contains("SRTP, optional"))
    }

    @Test func aTelephoneIsOfferedOnlyWhereThereIsAGateway() {
        var site = Self.site
        let without = JoinGuide(site: site, point: Self.point, device: .telephone, language: .vietnamese).document.html
        #expect(without.contains("<strong>không</strong> có cổng điện thoại thường"))
        site.telephoneNumber = "0234 3 999 999"
        let with = JoinGuide(site: site, point: Self.point, device: .telephone, language: .vietnamese).document.html
        #expect(with.contains("0234 3 999 999"))
        #expect(!with.contains("không</strong> có cổng"))
    }

    @Test func aBrowserIsToldWhenThereIsNoWayIn() {
        var site = Self.site
        site.entrances.removeAll { $0.transport == .wss }
        let html = JoinGuide(site: site, point: Self.point, device: .browser, language: .english).document.html
        #expect(html.contains("not open to browsers"))
        #expect(!html.contains("<svg"))
    }

    @Test(
        .enabled(if: Programs.have("weasyprint", "pdftotext", "pdftoppm", "zbarimg")),
        arguments: GuideDevice.allCases)
    func aPrintedGuideIsOnePageWithAllMarksAndItsCodeIsRead(device: GuideDevice) async throws {
        let pdf = try await DocumentRenderer().pdf(Self.guide(device, .vietnamese).document)
        if let folder = ProcessInfo.processInfo.environment["CAUSEWAY_KEEP_DOCUMENTS"] {
            try pdf.write(to: URL(fileURLWithPath: "\(folder)/guide-\(device.rawValue).pdf"))
        }
        let text = try Programs.text(ofPDF: pdf)
        #expect(text.contains("Ủy ban nhân dân xã Phú Lộc"))
        #expect(text.contains("Nguyễn Thị Thủy"))
        #expect(text.contains(/1 ?\/ ?1$/.anchorsMatchLineEndings()), "more than one page")
        switch device {
        case .linphone: #expect(try Programs.codes(ofPDF: pdf) == [Self.provisioning.url])
        case .browser: #expect(try Programs.codes(ofPDF: pdf) == ["https://hop.example.vn/join/giaoban"])
        case .roomSystem, .computer: #expect(text.contains("sip:kiemtra@hop.thuathienhue.gov.vn"))
        case .telephone: break
        }
    }

    @Test func provisioningIsXMLWithTheDigestsAndNoPassword() throws {
        var point = Self.point
        point.name = "Sở \"Y tế\" <&>"
        let provisioning = LinphoneProvisioning(
            site: Self.site, point: point,
            secrets: [.init(ha1: "aa", algorithm: .sha256), .init(ha1: "bb", algorithm: .md5)])
        let entries = try XMLProbe(try #require(provisioning.xml)).elements.filter { $0.name == "entry" }
        let values = entries.map {
            ($0.attributes["name"] ?? "", $0.text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        #expect(entries.allSatisfy { $0.attributes["overwrite"] == "true" })
        #expect(values.filter { $0.0 == "ha1" }.map(\.1) == ["aa", "bb"])
        #expect(values.filter { $0.0 == "algorithm" }.map(\.1) == ["SHA-256", "MD5"])
        #expect(values.contains { $0 == ("reg_proxy", "<sip:hop.example.vn:5061;transport=tls>") })
        #expect(values.contains { $0.1 == "\"Sở Y tế <&>\" <sip:phuloc@hop.thuathienhue.gov.vn>" })
        #expect(!values.contains { $0.0 == "passwd" })
    }
}
