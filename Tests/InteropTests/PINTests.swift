import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A plain telephone, which comes in by a gateway: it gives the room's PIN by its keys, or stays outside.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct PINTests {
    private static let office = RunningDaemon.Point("vanphong", "Văn phòng UBND tỉnh")
    private static let gateway = RunningDaemon.Point("cong", "Cổng điện thoại", isTelephone: true)
    private static let tones = [440, 760]

    /// The office is in the room, and a telephone has dialled it.
    private static func with(_ body: (TestSite, LedSitting) async throws -> Void) async throws {
        try await TestSite.with({
            $0.points = [office, gateway]
            $0.rooms = ["{id: hop, title: Họp, linger: 2s, pin: '2468', points: [vanphong, cong]}"]
        }) { site in
            let first = try await site.endpoint(of: office, tone: tones[0])
            try await first.dial(site.daemon.address(of: "hop"))
            let telephone = try await site.endpoint(of: gateway, tone: tones[1])
            try await telephone.dial(site.daemon.address(of: "hop"))
            try await eventually("the meeting") { try await !site.daemon.meetings().isEmpty }
            let meeting = try #require(try await site.daemon.meetings().first)
            let sitting = LedSitting(
                daemon: site.daemon, meeting: meeting.id, endpoints: [first, telephone], tones: tones)
            try await sitting.until("the telephone to be asked for the PIN") { control in
                control.roll.last.map { $0.isAskedForPIN && $0.place == "waiting" && $0.hasSound } ?? false
            }
            try await body(site, sitting)
        }
    }

    private static func refusals(_ sitting: LedSitting) throws -> Int {
        try sitting.daemon.events(of: sitting.meeting).count { $0["event"] == "pin-refused" }
    }

    @Test func aTelephoneIsInOnceItGaveTheRightPIN() async throws {
        try await Self.with { site, sitting in
            let telephone = sitting.endpoints[1]
            try await sitting.expect(1, hears: [], "hears nothing of the meeting")
            try await sitting.expect(0, hears: [], "does not hear the telephone")
            #expect(try await sitting.control().roll.map { $0.presentSince != nil } == [true, false])
            try await telephone.press("1357#")
            try await eventually("the wrong PIN to be refused") { try Self.refusals(sitting) == 1 }
            #expect(try await sitting.control().roll.last?.place == "waiting")
            try await telephone.press("2468#")
            try await sitting.until("the telephone to be in") { control in
                control.roll.last.map { $0.place == "hall" && !$0.isAskedForPIN && $0.presentSince != nil } ?? false
            }
            try await sitting.expect(1, hears: [0], "hears the office")
            try await sitting.expect(0, hears: [1], "hears the telephone")
            try await sitting.order("close")
            let sealed = try await site.daemon.waitUntilSealed(sitting.meeting)
            #expect(Set(sealed.participants.map(\.point)) == ["vanphong", "cong"])
            let names = try site.daemon.events(of: sitting.meeting).filter { $0["point"] == "cong" }
                .compactMap { $0["event"] }
            #expect(
                names.filter(["joined", "waits", "pin-refused", "entered"].contains) == [
                    "joined", "waits", "pin-refused", "entered",
                ])
        }
    }

    @Test func threeWrongPINsEndTheCallAndItWasNeverThere() async throws {
        try await Self.with { site, sitting in
            let telephone = sitting.endpoints[1]
            for (index, pin) in ["1111#", "246#", "24680#"].enumerated() {
                try await telephone.press(pin)
                try await eventually("PIN \(index + 1) to be refused") { try Self.refusals(sitting) == index + 1 }
            }
            try await telephone.waitUntilHungUp()
            try await sitting.until("the telephone to be out") { $0.roll.last?.place == nil }
            try await sitting.expect(0, hears: [], "never heard the telephone")
            try await sitting.order("close")
            let sealed = try await site.daemon.waitUntilSealed(sitting.meeting)
            #expect(sealed.participants.map(\.point) == ["vanphong"], "who only waited is not on the roll")
            let events = try site.daemon.events(of: sitting.meeting).filter { $0["point"] == "cong" }
            #expect(events.last { $0["event"] == "left" }?["reason"] == "wrong-pin")
            #expect(!events.contains { $0["event"] == "entered" })
        }
    }
}
