import BrowserDriver
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A meeting from its convening to its report: eight points of nine come, six with baresip and two with the join page.
@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(
        if: Tool.areInstalled("baresip", "sox", "ffmpeg", "espeak-ng", "curl"),
        "baresip, sox, ffmpeg, espeak-ng or curl is missing"))
struct ScheduledMeetingTests {
    @Test(.timeLimit(.minutes(8)))
    func aScheduledMeetingIsHeldAsItWasConvenedAndItsReportSaysWhatWasDone() async throws {
        try await ConvenedSite.with { convened in
            let chair = try await PortalVisit.begin(
                convened.site, "ba", roles: ["chair", "convener"], width: 1440, height: 1000)
            var endpoints: [Baresip] = []
            var latest: [Baresip] = []
            let outcome: Result<Void, any Error>
            do {
                for case (let place, .room(let film)) in ConvenedSite.places.map({ ($0, $0.device) }) {
                    endpoints.append(try await convened.endpoint(place, film))
                }
                latest = endpoints
                var held = try await Self.convened(convened, endpoints, chair)
                try await held.rollCall()
                try await held.muteAll()
                try await held.record()
                try await held.speak()
                try await held.showGallery()
                try await held.meetAside()
                try await held.vote()
                try await held.callBack()
                latest = held.sitting.endpoints
                try await held.showMessage()
                try await held.close()
                let recording = try await convened.site.daemon.waitUntilSealed(
                    held.sitting.meeting, within: .seconds(180))
                // It is a restricted one, and this site has no key.
                let notes = recording.notes.filter { !$0.text.hasPrefix("sealed in clear") }
                #expect(notes.isEmpty, "\(notes)")
                try await ReportOfMeeting(held.sitting, recording, in: convened.folder).check()
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            for endpoint in endpoints + latest.suffix(1) { await endpoint.stop() }
            try outcome.get()
        }
    }

    /// From the gate that is red to the set time, at which the bridge calls whoever is not there.
    private static func convened(
        _ convened: ConvenedSite, _ endpoints: [Baresip], _ chair: PortalVisit
    ) async throws -> HeldMeeting {
        let daemon = convened.site.daemon
        try await eventually("six registrations", within: .seconds(60)) {
            try await daemon.status().bridge.pointsRegistered == 6
        }
        // As long as a busy machine takes for what is done before the set time.
        let detail = try await convened.convene(in: 30, chairPerson: "ba")
        let sitting = try #require(detail.sittings.first)
        try await passTheGate(convened, sitting.id)

        var pages: [String: Page] = [:]
        for place in ConvenedSite.places {
            guard case .browser = place.device else { continue }
            let page = try await convened.page(place)
            try await page.see("Xin chờ chủ tọa mở cuộc họp", in: "#messages")
            pages[place.id] = page
        }
        let refusal = try await convened.refusedGuest()
        #expect(refusal?.contains("403") == true, "\(refusal ?? "let in")")
        let meeting = try #require(try await daemon.meetings().first { $0.room == "hop" })
        let led = LedSitting(
            daemon: daemon, meeting: meeting.id, endpoints: endpoints, tones: ConvenedSite.places.map(\.tone))
        try await led.until("the registered points to be called, and to wait", within: .seconds(60)) { control in
            !control.isInSession && control.roll.prefix(6).allSatisfy { $0.place == "waiting" && $0.call == "answered" }
                && control.roll[6...7].allSatisfy { $0.place == "waiting" }
        }
        let calls = try daemon.events(of: meeting.id).filter { $0["event"] == "called" }
        #expect(calls.allSatisfy { $0["by"] == "convening" })
        let times = calls.compactMap { $0["at"].flatMap(ReportOfMeeting.date) }
        #expect(times.count == calls.count && times.allSatisfy { $0 >= sitting.starts.addingTimeInterval(-0.002) })
        #expect(Set(calls.compactMap { $0["point"] }).isSuperset(of: ConvenedSite.places.prefix(6).map(\.id)))

        try await chair.go("meetings/\(meeting.id)", toSee: ".roll tbody tr")
        return HeldMeeting(convened: convened, sitting: led, pages: pages, chair: chair.page)
    }

    /// Red until each required point passed or was waived.
    private static func passTheGate(_ convened: ConvenedSite, _ sitting: String) async throws {
        #expect(try await convened.isGreen() == false)
        for check in ["equipment", "line", "sound", "picture"] {
            try await ConvenedSite.office(convened.site, "schedule", "check", sitting, "vanphong", check)
        }
        for place in ConvenedSite.places.dropFirst() where place.id != "quangdien" {
            #expect(try await convened.isGreen() == false, "before \(place.id) is waived")
            try await ConvenedSite.office(
                convened.site, "schedule", "waive", sitting, place.id, "--officer", "Chánh Văn phòng", "--reason",
                "đã họp tuần trước")
        }
        #expect(try await convened.isGreen())
    }
}
