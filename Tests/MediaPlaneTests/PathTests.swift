import DTLS
import Glibc
import ICE
import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Points whose way is found by ICE and whose keys come by DTLS, against the bridge's real sockets.
@Suite(.serialized) struct PathTests {
    @Test(arguments: [DTLSRole.client, .server])
    func browsersHearAndSeeEachOther(role: DTLSRole) async throws {
        let room = try TestRoom()
        let browsers = [
            try await Browser(in: room, number: 0, role: role), try await Browser(in: room, number: 1, role: role),
        ]
        try room.pace(frames: 250) { frame in
            for browser in browsers {
                // What comes before the keys is nobody's.
                if frame < 5 { browser.video.send([0x10, 0x00], to: browser.port) }
                if frame == 5 { browser.check(nominates: false) }
                if frame == 6 { browser.check() }
                if frame == 8 { browser.begin() }
                browser.retransmit()
                guard browser.isConnected else { continue }
                if frame.isMultiple(of: 2) { browser.film() }
                try browser.speak()
            }
        }
        for (index, browser) in browsers.enumerated() {
            #expect(browser.isConnected && browser.failure == nil)
            #expect(browser.answers == [.success, .success])
            #expect(browser.video.shown == [UInt8(10 + 1 - index)])
            let levels = try browser.audio.levels(of: [440, 1_000])
            #expect(levels[1 - index] > -15 && levels[index] < -60, "\(levels)")
            #expect(browser.audio.unreadable == 0)
        }
        for leg in await room.plane.statistics(of: room.room) {
            #expect(leg.audio.packetsReceived > 200 && leg.video.packetsReceived > 200)
            #expect(leg.audio.unauthenticated == 0 && leg.video.unauthenticated == 0)
        }
    }

    @Test func picturesComeBackWhenTheNetworkWasAwayForAll() async throws {
        let room = try TestRoom()
        let browsers = [try await Browser(in: room, number: 0), try await Browser(in: room, number: 1)]
        var before = [0, 0]
        try room.pace(frames: 500) { frame in
            for (index, browser) in browsers.enumerated() {
                if frame == 0 || frame == 350 { browser.check() }
                if frame == 2 { browser.begin() }
                browser.retransmit()
                if frame == 340 { before[index] = browser.video.received.count }
                guard browser.isConnected, !(100..<350).contains(frame) else { continue }
                if frame.isMultiple(of: 2) { browser.film() }
                try browser.speak()
            }
        }
        for (index, browser) in browsers.enumerated() {
            let since = browser.video.received.count - before[index]
            #expect(since > 100, "\(since) packets of pictures in the last three seconds")
        }
    }

    @Test func whoNominatesAnotherAddressIsSentToThere() async throws {
        let room = try TestRoom()
        let mover = try await Browser(in: room, number: 0)
        let speaker = try await Browser(in: room, number: 1)
        let elsewhere = try TestEndpoint(.opus, payloadType: 96, suite: nil)
        let stranger = try TestEndpoint(.opus, payloadType: 96, suite: nil)
        var before = 0
        try room.pace(frames: 150) { frame in
            for browser in [mover, speaker] {
                if frame == 0 { browser.check() }
                if frame == 2 { browser.begin() }
                browser.retransmit()
            }
            if speaker.isConnected { try speaker.speak() }
            // A stranger who knows everything but the password.
            if frame == 60 { mover.check(password: "0123456789012345678901", from: stranger) }
            if frame == 100 {
                // What shares a transport is connected with it; checks from elsewhere come all the same.
                #expect(ConnectingTests.peer(ofPort: mover.port) == mover.audio.rtpPort)
                before = mover.audio.received.count
                mover.check(from: elsewhere)
            }
            stranger.poll()
            elsewhere.poll()
        }
        #expect(before > 60)
        #expect(mover.audio.received.count - before < 5)
        // Without its keys it cannot read them.
        #expect(elsewhere.unreadable + elsewhere.received.count > 40)
        #expect(stranger.unreadable + stranger.received.count == 0)
    }

    @Test func aCertificateThatTheDescriptionDoesNotVouchForGetsNoMedia() async throws {
        let room = try TestRoom()
        let other = try DTLSIdentity(validFrom: time(nil) - 60, until: time(nil) + 60)
        let liar = try await Browser(in: room, number: 0, vouched: other.fingerprint)
        let honest = try await Browser(in: room, number: 1)
        try room.pace(frames: 75) { frame in
            for browser in [liar, honest] {
                if frame == 0 { browser.check() }
                if frame == 2 { browser.begin() }
                browser.retransmit()
            }
            if honest.isConnected { try honest.speak() }
        }
        #expect(liar.failure != nil && liar.audio.received.isEmpty && honest.isConnected)
        room.plane.stop()
        var refused: [LegID] = []
        for await event in room.plane.events { if case .keysRefused(let leg, _) = event { refused.append(leg) } }
        #expect(refused == [liar.seat?.reservation.id])
    }

    @Test func nothingIsAnsweredToThoseWhoDidNotCheck() async throws {
        let room = try TestRoom()
        let browser = try await Browser(in: room, number: 0)
        room.pace(frames: 50) { frame in
            if frame == 0 { browser.begin() }
            browser.retransmit()
            browser.audio.sendRaw([UInt8](repeating: UInt8(truncatingIfNeeded: frame), count: 100), to: browser.port)
        }
        #expect(!browser.isConnected && browser.answers.isEmpty && browser.audio.received.isEmpty)
    }
}
