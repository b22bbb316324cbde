import Foundation
import PortalAPI
import Quality
import Testing

@testable import causeway

@Suite struct TopPictureTests {
    static let now = Date(timeIntervalSince1970: 1_795_000_000)

    static func picture(points: Int = 3) -> TopPicture {
        var bridge = BridgeStatus(version: "0.1.0", startedAt: now - 4_000)
        (bridge.pointsConfigured, bridge.pointsRegistered) = (60, 41)
        bridge.media = MediaStatus(workers: 2, lateFrames: 1, skippedFrames: 0, longestMilliseconds: 1.25)
        let status = SystemStatus(
            bridge: bridge, uptimeSeconds: 4_000, recordings: [:], jobs: [],
            disk: .init(freeBytes: 1_200_000_000_000, totalBytes: 2_000_000_000_000))
        let names = ["Ủy ban nhân dân xã Phú Lộc", "Sở Y tế", "Xã A Lưới", "Đài Phát thanh – Truyền hình 台北"]
        let participants = (0..<points).map { index in
            var sample = QualitySample()
            sample.lossUp = Double(index) * 2.5
            sample.opinionScore = 4.3 - Double(index) * 0.4
            (sample.bitrateUp, sample.bitrateDown) = (1_234_000, 60_000 * Double(points - index))
            // Marks as letters of their own take no column.
            let name = names[index % names.count].decomposedStringWithCanonicalMapping
            var point = LiveParticipant(point: "diem-\(index)", name: name, joinedAt: now - 125, isSpeaking: index == 1)
            point.audio = LiveStream(codec: "opus", jitterMilliseconds: Double(index))
            point.quality = LiveQuality(sample, alarms: [])
            return point
        }
        let meeting = LiveMeeting(
            id: "20261127-083000-giaoban-k3f9", room: "giaoban", title: "Họp giao ban Ủy ban nhân dân tỉnh tháng 11",
            openedAt: now - 3_700, recording: .recording, speaker: "diem-1", participants: participants)
        var picture = TopPicture()
        (picture.status, picture.meetings) = (status, [meeting])
        return picture
    }

    @Test(arguments: [(80, 24), (60, 10), (200, 60)])
    func itFillsTheTerminalAndNoLineIsLonger(_ size: (width: Int, height: Int)) {
        let lines = Self.picture(points: 30).lines(width: size.width, height: size.height, at: Self.now)
        #expect(lines.count == size.height)
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= size.width }, "\(lines)")
        #expect(lines.last?.contains("quit") == true || size.width < 80)
    }

    @Test func columnsAreAlignedWhateverTheNames() throws {
        let lines = Self.picture(points: 4).lines(width: 80, height: nil, at: Self.now)
        let rows = lines.filter { $0.contains("diem-") }
        #expect(rows.count == 4)
        #expect(Set(rows.map(DisplayWidth.of)).count == 1, "\(rows)")
        let heading = try #require(lines.first { $0.contains("MOS") })
        #expect(DisplayWidth.of(heading) == DisplayWidth.of(rows[0]) && DisplayWidth.of(heading) <= 80)
        #expect(rows[2].hasPrefix("▶ diem-1"), "who speaks is marked: \(rows)")
        #expect(lines.contains { $0.contains("● recording") && $0.contains("1:01:40") })
        #expect(rows[0].contains("1234"))
    }

    @Test func pointsStandAsIsAsked() {
        var picture = Self.picture(points: 4)
        func order(_ order: TopPicture.Order) -> [String] {
            picture.order = order
            return picture.lines(width: 100, height: nil, at: Self.now).compactMap { line in
                line.firstMatch(of: /diem-\d/).map { String($0.0) }
            }
        }
        #expect(order(.loss) == ["diem-3", "diem-2", "diem-1", "diem-0"])
        #expect(order(.mos) == ["diem-3", "diem-2", "diem-1", "diem-0"])
        #expect(order(.rate) == ["diem-0", "diem-1", "diem-2", "diem-3"])
        #expect(order(.jitter).first == "diem-3")
        #expect(order(.name) == ["diem-3", "diem-1", "diem-0", "diem-2"], "Đài, Sở, Ủy, Xã, as the alphabet has them")
    }

    @Test func itScrollsNoFartherThanThereIsSomething() {
        var picture = Self.picture(points: 50)
        picture.scrolled = .max
        let lines = picture.lines(width: 80, height: 24, at: Self.now)
        #expect(lines.count == 24 && lines[22].contains("diem-0"), "the last is the best: \(lines)")
        #expect(picture.farthest(width: 80, height: 24, at: Self.now) == 53 - 21)
        #expect(Self.picture(points: 1).farthest(width: 80, height: 24, at: Self.now) == 0)
    }

    @Test func coloursAreThereWhereTheyAreWantedAlone() {
        var picture = Self.picture()
        #expect(!picture.lines(width: 80, height: 24, at: Self.now).joined().contains("\u{1B}"))
        picture.hasColours = true
        let lines = picture.lines(width: 80, height: 24, at: Self.now)
        #expect(lines.joined().contains("\u{1B}[31m"), "5 % are lost")
        let bare = lines.map { $0.replacing(/\u{1B}\[\d+m/, with: "") }
        picture.hasColours = false
        #expect(bare == picture.lines(width: 80, height: 24, at: Self.now))
    }

    @Test func namesSteerNoTerminal() {
        var picture = Self.picture()
        picture.meetings[0].participants[0].name = "x\u{1B}[2J\r\nroot"
        picture.meetings[0].title = "\u{1B}]0;x\u{7}"
        picture.trouble = "\u{1B}[H"
        #expect(
            !picture.lines(width: 80, height: 24, at: Self.now).joined().contains { $0 == "\u{1B}" || $0.isNewline })
    }

    @Test func keysComeWholeAndInPieces() {
        var keys = TerminalKeys()
        #expect(keys.take(Array("lq".utf8)) == [.character("l"), .character("q")])
        #expect(keys.take([0x1B]) == [] && keys.take(Array("[".utf8)) == [] && keys.take(Array("A".utf8)) == [.up])
        #expect(keys.take(Array("\u{1B}OB\u{1B}[5~\u{1B}[6~\u{1B}[1;5H".utf8)) == [.down, .pageUp, .pageDown, .home])
        #expect(keys.take([3]) == [.interrupt])
        #expect(keys.take([0x1B, 0x5B] + Array(repeating: 0x31, count: 64)) == [], "what has no end is given up")
        #expect(keys.take(Array("x".utf8)) == [.character("x")])
    }
}
