import Foundation
import InteropSupport
import PortalAPI
import SIP
import Testing

/// What the chair's own device sees and orders by SIP (RFC 4575, RFC 4579), and what is heard by whom it removes.
@Suite(
    .serialized,
    .enabled(
        if: Tool.areInstalled("baresip", "sox", "espeak-ng", "xmllint"),
        "baresip, sox, espeak-ng or xmllint is missing"))
struct ChairDeviceTests {
    private static let points = [
        RunningDaemon.Point("vanphong", "Văn phòng UBND tỉnh"), RunningDaemon.Point("soyte", "Sở Y tế"),
        RunningDaemon.Point("phuloc", "Xã Phú Lộc"), RunningDaemon.Point("aluoi", "Xã A Lưới"),
    ]
    private static let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../ConferenceInfoTests/Vectors/conference-info.xsd").standardizedFileURL.path

    /// A device that watches the room.
    private final class Device {
        let call: SIPCaller
        private(set) var documents: [String] = []

        init(_ point: RunningDaemon.Point, _ site: TestSite, _ line: ToneLine) throws {
            let offer = Witness.description(
                line, at: site.daemon.host, media: Witness.audio(line.port, direction: "inactive"))
            call = try SIPCaller(
                point, room: "hop", port: site.daemon.sipPort, at: site.daemon.host, offer: offer)
        }

        /// Takes NOTIFYs until one of an event says this.
        func told(_ event: String, _ isSo: (String) -> Bool) throws -> String {
            let end = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < end {
                guard let request = try call.nextRequest(within: .seconds(1)), request.method == .notify else {
                    continue
                }
                let body = String(decoding: request.body, as: UTF8.self)
                let about = request.headers["Event"] ?? ""
                if about.hasPrefix("conference"), !body.isEmpty { documents.append(body) }
                if about.hasPrefix(event), isSo(body) { return body }
            }
            throw ToolFailure("no such NOTIFY of \(event) came; the documents: \(documents)")
        }

        func watch() throws {
            let answer = try call.ask(
                "SUBSCRIBE", "Event: conference\r\nExpires: 600\r\nAccept: application/conference-info+xml\r\n")
            #expect(answer.status == 200)
        }

        /// What becomes of an order to remove a point.
        func remove(_ point: String, at host: String) throws -> String {
            let answer = try call.ask("REFER", "Refer-To: <sip:\(point)@\(host);method=BYE>\r\n")
            #expect(answer.status == 202)
            return try told("refer") { !$0.hasPrefix("SIP/2.0 100") }
        }
    }

    /// Seconds in which something is said.
    private static func spoken(_ sound: Sound) -> Double {
        stride(from: 0.0, to: sound.duration, by: 0.02).reduce(0.0) {
            $0 + (sound.slice($1, 0.02).rms > -45 ? 0.02 : 0)
        }
    }

    /// All of an announcement is heard before the line goes.
    private static func hears(
        _ key: String, _ endpoint: Baresip, in folder: String, _ order: () async throws -> Void
    ) async throws {
        try await eventually("\(endpoint.name) to hear nothing") { try endpoint.loudness() < -50 }
        let before = try Sound(growing: endpoint.heard()).duration
        try await order()
        try await endpoint.waitUntilHungUp()
        let heard = try Sound(growing: endpoint.heard())
        let said = spoken(heard.slice(before, heard.duration - before))
        let whole = spoken(try Sound(growing: "\(folder)/vi/\(key).wav"))
        #expect(whole > 0.3 && said > 0.85 * whole, "\(endpoint.name) heard \(said) s of \(whole) s of \(key)")
    }

    @Test func theChairsDeviceSeesTheRollAndRemovesAPointWhichHearsWhy() async throws {
        let spoken = try await SpokenAnnouncements.folder(in: TestSite.media)
        try await TestSite.with({
            $0.points = Self.points
            $0.rooms = [
                "{id: hop, title: Họp tháng, linger: 20s, chair: vanphong, points: "
                    + "[\(Self.points.map(\.id).joined(separator: ", "))], microphones: muted}"
            ]
            $0.clearListeners = [.udp]
            $0.silenceLimit = "60s"
            $0.languages = ["vi"]
            $0.announcements = spoken
        }) { site in
            let line = try ToneLine(speaking: [440])
            defer { line.end() }
            let chair = try Device(Self.points[0], site, line)
            let soyte = try await site.endpoint(of: Self.points[1], tone: 600)
            let aluoi = try await site.endpoint(of: Self.points[3], tone: 1_000)
            for endpoint in [soyte, aluoi] { try await endpoint.dial(site.daemon.address(of: "hop")) }
            let other = try Device(Self.points[2], site, line)
            let meeting = try #require(try await site.daemon.meetings().first?.id)
            let sitting = LedSitting(
                daemon: site.daemon, meeting: meeting, endpoints: [soyte, aluoi], tones: [600, 1_000])
            try await sitting.until("sound of both") { $0.roll.count { $0.hasSound } == 2 }

            // The roll as the conference event package has it.
            try chair.watch()
            let full = try chair.told("conference") { $0.contains("state=\"full\"") && $0.contains("</users>") }
            for part in [
                "<active>true</active>", "<locked>false</locked>", "<user-count>4</user-count>", "<entry>chair</entry>",
                "<status>muted-via-focus</status>", "<joining-method>dialed-in</joining-method>", "<type>audio</type>",
                "<status>recvonly</status>",
            ] {
                #expect(full.contains(part), "\(part) is missing in \(full)")
            }
            try await sitting.order("unmute", "soyte")
            _ = try chair.told("conference") {
                $0.contains("sip:soyte@") && $0.contains("<status>connected</status>") && $0.contains("sendrecv")
            }
            try await sitting.order("mute", "soyte")
            try await sitting.order("lock")
            _ = try chair.told("conference") { $0.contains("<locked>true</locked>") }
            try await soyte.press("*5")
            _ = try chair.told("conference") { $0.contains("hand-raised") }
            try await sitting.order("speak", "soyte")
            _ = try chair.told("conference") { $0.contains("<word ") && $0.contains("<spotlight ") }
            try await sitting.order("end-speech")
            _ = try chair.told("conference") { $0.contains("<conference-state>") && !$0.contains("<word ") }

            // Whoever is not the chair removes nobody.
            let refused = try other.remove("soyte", at: site.daemon.host)
            #expect(refused.hasPrefix("SIP/2.0 403"), "\(refused)")
            #expect(try await sitting.control().roll.first { $0.point == "soyte" }?.place == "hall")
            try await Self.hears("removed", soyte, in: spoken) {
                let done = try chair.remove("soyte", at: site.daemon.host)
                #expect(done.hasPrefix("SIP/2.0 200"), "\(done)")
            }
            _ = try chair.told("conference") { $0.contains("sip:soyte@") && $0.contains("state=\"deleted\"") }
            let again = try chair.remove("soyte", at: site.daemon.host)
            #expect(again.hasPrefix("SIP/2.0 404"), "\(again)")
            let itself = try chair.remove("vanphong", at: site.daemon.host)
            #expect(itself.hasPrefix("SIP/2.0 403"), "\(itself)")
            let removal = try site.daemon.events(of: meeting).first { $0["event"] == "removed" }
            #expect(removal?["point"] == "soyte" && removal?["by"] == "vanphong")

            try await Self.hears("meeting-ends", aluoi, in: spoken) { try await sitting.order("close") }

            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("roll-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            var files: [String] = []
            for (index, document) in chair.documents.enumerated() {
                let file = folder.appendingPathComponent("\(index).xml")
                try Data(document.utf8).write(to: file)
                files.append(file.path)
            }
            try await Tool.run("xmllint", ["--nonet", "--noout", "--schema", Self.schema] + files)
        }
    }
}
