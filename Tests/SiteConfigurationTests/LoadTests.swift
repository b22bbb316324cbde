import Foundation
import Testing

@testable import SiteConfiguration

@Suite struct LoadTests {
    @Test(arguments: ["", "# nothing\n", "log:\n", "{}", "sip:\n  #domain: x\nrooms:\n"])
    func almostEmptyFileGivesTheDefaults(text: String) throws {
        #expect(try parse(text) == Configuration())
    }

    @Test func defaultsPassTheirOwnChecks() {
        var checks = Checks(Configuration(), Reader(file: "defaults"))
        checks.run()
        #expect(checks.reader.errors.isEmpty)
    }

    @Test func valuesAreRead() throws {
        let site = try parse(
            """
            sip:
              domain: Hop.Example.VN
              listeners:
                - {transport: tls, address: 0.0.0.0, port: 5061, advertised: hop.example.vn}
                - {transport: udp, address: '::1', port: 5060, allowClearMedia: yes}
            media: {ports: 30000-30999, silenceLimit: 2m, srtp: {engine: ipsec-mb, suites: [AES_CM_128_HMAC_SHA1_80]}}
            recording: {accessCopy: {size: 1920x1080, frameRate: 30}}
            archive: {directory: kho}
            schedule: {rehearsalMinutes: 45}
            points: [{id: '007', name: X, username: bond, password: 'a: b'}]
            rooms: [{id: a, points: ['007'], linger: 500ms}]
            """)
        #expect(site.sip.domain == "hop.example.vn")
        #expect(site.sip.listeners.map(\.transport) == [.tls, .udp])
        #expect(site.sip.listeners[0].advertised == "hop.example.vn")
        #expect(site.sip.listeners.map(\.allowClearMedia) == [false, true])
        #expect(site.media.ports == 30_000...30_999)
        #expect(site.media.silenceLimit == .seconds(120))
        #expect(site.media.srtp.engine == .ipsecMB)
        #expect(site.media.srtp.suites == [.aesCM128HMACSHA1_80])
        #expect(site.recording.accessCopy.size == .init(width: 1920, height: 1080))
        #expect(site.archive.directory == "/etc/causeway/kho")
        #expect(site.schedule.rehearsalMinutes == 45)
        #expect(site.points[0].username == "bond")
        #expect(site.points[0].credential == .password(Secret("a: b")))
        #expect(site.rooms[0].title == "a")
        #expect(site.rooms[0].points == .points(["007"]))
        #expect(site.rooms[0].linger == .milliseconds(500))
    }

    @Test func certificateIsForTheDomainAndTheAddressesThatAreToldUnlessNamed() throws {
        #expect(Configuration().certificateNames == ["causeway.local", "127.0.0.1"])
        let site = """
            sip: {domain: hop.vn, listeners: [{transport: tls, address: 0.0.0.0, port: 5061, advertised: 192.0.2.1}]}
            portal: {address: '::'}
            """
        #expect(try parse(site).certificateNames == ["hop.vn", "192.0.2.1"])
        #expect(try parse(site + "\ncertificates: {names: [a.vn]}").certificateNames == ["a.vn"])
    }

    @Test func anchorsAreFollowed() throws {
        let site = try parse(
            """
            rooms:
              - {id: a, points: &vong [], recording: &lenh {order: standing, orderedBy: X, document: Y}}
              - {id: b, points: *vong, recording: *lenh}
            """)
        #expect(site.rooms[0].recording == site.rooms[1].recording)
    }

    @Test func vietnameseNamesAreComposed() throws {
        let decomposed = "Ho\u{0323}p giao ban Thu\u{031B}\u{0300}a Thie\u{0302}n"
        let site = try parse("rooms: [{id: a, title: '\(decomposed)'}]")
        #expect(
            site.rooms[0].title.unicodeScalars.elementsEqual(
                "Họp giao ban Thừa Thiên".precomposedStringWithCanonicalMapping.unicodeScalars))
    }

    @Test func theSecretOfTheIdentityProvidersClientIsInAFileOfItsOwn() throws {
        let scratch = try Scratch()
        _ = try scratch.write("bí mật\n", to: "openid")
        let path = try scratch.write(
            "portal: {openID: {issuer: 'https://id.example.vn/', client: causeway, secretFile: openid}}\n",
            to: "site.yaml")
        let site = try Configuration.load(path: path)
        #expect(site.portal.openID.secret == Secret("bí mật"))
        #expect(!"\(site.portal.openID)".contains("bí mật"))
        #expect(site.portal.openID.issuer == "https://id.example.vn/", "as it stands in its tokens")
        #expect(site.portal.openID.claim == "sub" && site.portal.openID.methods == ["mfa"])
        #expect(
            faults("portal: {openID: {issuer: 'http://id.example.vn', client: a}}\n").first?.contains(
                "portal.openID.issuer")
                == true)
        #expect(
            faults("portal: {openID: {issuer: 'https://id.example.vn'}}\n") == [
                "F:1:18: portal.openID: needs client beside the issuer"
            ])
        #expect(
            faults("portal: {openID: {client: a}}\n") == [
                "F:1:18: portal.openID: needs issuer, without which nobody signs in by it"
            ])
        #expect(
            faults("portal: {openID: {issuer: 'https://a.vn', client: a, secretFile: /nowhere/s}}\n").first?.hasSuffix(
                "portal.openID.secretFile: /nowhere/s cannot be read: No such file or directory") == true)
    }

    @Test func passwordIsTheFirstLineOfItsFile() throws {
        let scratch = try Scratch()
        _ = try scratch.write("mật khẩu\nrest\n", to: "p")
        let path = try scratch.write("points: [{id: a, name: A, passwordFile: p}]\n", to: "site.yaml")
        let site = try Configuration.load(path: path)
        #expect(site.points[0].credential == .password(Secret("mật khẩu")))
        _ = try scratch.write("\n", to: "p")
        #expect {
            try Configuration.load(path: path)
        } throws: { "\($0)".hasSuffix("p has no password in its first line (1 to 200 characters)") }
    }

    @Test func secretsShowNowhere() throws {
        let digest = String(repeating: "ab", count: 32)
        let site = try parse(
            """
            points: [{id: a, name: A, password: geheim}, {id: b, name: B, ha1Sha256: \(digest)}]
            portal: {tokens: [{name: x, role: archivist, sha256: \(digest)}]}
            """)
        var dumped = ""
        dump(site, to: &dumped)
        for text in ["\(site)", String(reflecting: site), dumped] {
            #expect(!text.contains("geheim"))
            #expect(!text.contains(digest))
        }
        #expect(site.points[0].password?.reveal() == "geheim")
        #expect(site.points[1].credential == .digests(sha256: Secret(digest), md5: nil))
    }

    @Test func tenThousandPointsLoad() throws {
        var text = "points:\n"
        for number in 0..<10_000 { text += "  - {id: p\(number), name: Điểm cầu số \(number), password: x\(number)}\n" }
        text += "rooms:\n  - id: tatca\n    points: [" + (0..<10_000).map { "p\($0)" }.joined(separator: ", ") + "]\n"
        let site = try parse(text)
        #expect(site.points.count == 10_000)
        #expect(site.rooms[0].points != .all)
        #expect(
            faults(text + "  - id: x\n    points: [p10000]\n").first?.contains("there is no point 'p10000'") == true)
    }

    @Test func listThatIsTooLongIsRefused() {
        let list = (0..<101).map { "h\($0).vn" }.joined(separator: ", ")
        #expect(
            faults("certificates:\n  names: [\(list)]\n") == [
                "F:2:10: certificates.names: expected 0 to 100 entries, found 101"
            ])
    }

    @Test func errorsOfAFileOfAnotherKindAreBounded() {
        let text = (0..<5000).map { "key\($0): 1\n" }.joined()
        #expect(faults(text).count == Reader.maximumErrors)
    }

    @Test func registerFullOfDanglingNamesIsReportedUpToTheBound() {
        var text = "points:\n"
        for number in 0..<3000 { text += "  - {id: p\(number), name: A, unit: u\(number), password: x}\n" }
        #expect(faults(text).count == Reader.maximumErrors)
    }

    @Test func deepNestingIsRefusedNotFollowed() {
        #expect(faults(String(repeating: "[", count: 200_000)).count == 1)
        #expect(faults(String(repeating: "{a: ", count: 100_000)).count == 1)
    }
}

@Suite struct HostileInputTests {
    @Test(arguments: 0..<20)
    func randomOctetsNeverTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let octets = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = faults(octets)
        }
    }

    @Test(arguments: 0..<20)
    func changedSampleNeverTrapsAndEveryErrorIsPlaced(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sample = try [UInt8](Data(contentsOf: URL(fileURLWithPath: samplePath)))
        let interesting = Array(":-[]{}#&*!|>'\"%@`,? \n\t0a~".utf8)
        for _ in 0..<40 {
            var octets = sample
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<octets.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: octets[place] = interesting.randomElement(using: &random) ?? 0
                case 1: octets.remove(at: place)
                default:
                    let end = min(octets.count, place + Int.random(in: 1...80, using: &random))
                    octets.insert(
                        contentsOf: Array(octets[place..<end]), at: Int.random(in: 0...octets.count, using: &random))
                }
            }
            do throws(ConfigurationErrors) {
                _ = try Configuration.parse(octets, file: "F")
            } catch {
                #expect(!error.errors.isEmpty)
                for fault in error.errors {
                    #expect(fault.line != nil, "\(fault)")
                    #expect(!fault.description.contains("\n"))
                }
            }
        }
    }

    @Test func addressesOfTheWebAreTakenWithPortAndPathAndNothingElse() throws {
        for good in [
            "https://hop.example.vn", "https://hop.example.vn:8443", "https://[2001:db8::1]/hop", "https://192.0.2.1/",
        ] {
            let portal = try parse("portal: {url: '\(good)'}").portal
            #expect(portal.url == (good.hasSuffix("/") ? String(good.dropLast()) : good))
        }
        for bad in [
            "http://hop.example.vn", "https://", "https://a b", "https://a;b", "https://a:0", "https://a:99999",
            "https://u@a", "https://a/?q", "https://a#f", "hop.example.vn", "https://::1",
        ] {
            #expect(faults("portal: {url: '\(bad)'}").count == 1, "\(bad)")
        }
        var configuration = try parse("portal: {url: 'https://hop.example.vn', webSocket: 'wss://[2001:db8::1]:7443'}")
        #expect(configuration.certificateNames.contains("hop.example.vn"))
        #expect(configuration.certificateNames.contains("2001:db8::1"))
        configuration.certificates.names = ["x.vn"]
        #expect(configuration.certificateNames == ["x.vn"])
    }
}
