import SiteConfiguration
import Foundation
import Testing

/// What stands beside the sample configuration fits it.
@Suite struct SamplesTests {
    @Test func baresipAccountIsAPointOfTheSampleSite() throws {
        let site = try Configuration.load(path: samplePath)
        let file = root.appendingPathComponent("samples/endpoints/baresip/accounts")
        let text = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("<") })
        let match = try #require(
            line.firstMatch(of: /^<sip:(.+?)@(.+?);transport=(.+?)>.*;auth_pass=(.+?);outbound="sip:(.+?):(\d+);/))
        let point = try #require(site.points.first { $0.username == match.1 })
        #expect(point.password?.reveal() == String(match.4))
        #expect(match.2 == site.sip.domain)
        #expect(
            site.sip.listeners.contains {
                $0.transport.rawValue == match.3 && $0.address == match.5 && String($0.port) == match.6
            })
        #expect(line.contains(";mediaenc=srtp-mand;"))
    }
}
