import Foundation
import Synchronization
import Testing

@testable import causeway

@Suite struct TextTests {
    @Test(arguments: [
        ("Sở Tài chính", 12), ("Thừa Thiên Huế", 14), ("", 0), ("会议", 4), ("👍🏽", 2), ("a\u{0301}", 1), ("đ", 1),
        ("❤\u{FE0F}", 2),
        ("\u{200B}", 0),
    ]) func widthCountsColumnsNotScalars(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
        #expect(DisplayWidth.of(text.decomposedStringWithCanonicalMapping) == width)
    }

    @Test func columnsLineUpUnderVietnameseTextInEitherNormalForm() {
        var table = TextTable([.init(title: "NAME"), .init(title: "N", alignment: .right), .init(title: "END")])
        table.add(["Sở Y tế", "7", "x"])
        table.add(["Ủy ban nhân dân".decomposedStringWithCanonicalMapping, "12", "y"])
        table.add(["会议室", "3"])
        let lines = table.lines(width: nil)
        #expect(lines.count == 4)
        #expect(lines[1] == "Sở Y tế           7  x")
        let ends = lines.prefix(3).map { DisplayWidth.of(String($0.dropLast(1))) }
        #expect(ends[1] == ends[2])
        #expect(lines[3] == "会议室            3")
    }

    @Test func aNarrowTerminalCutsTheColumnThatGivesWay() {
        var table = TextTable([.init(title: "ID"), .init(title: "TITLE", givesWay: true), .init(title: "S")])
        table.add(["m1", "Hội nghị trực tuyến toàn tỉnh về phòng chống thiên tai", "ok"])
        for width in 20...70 {
            for line in table.lines(width: width) { #expect(DisplayWidth.of(line) <= width) }
        }
        #expect(table.lines(width: 24)[1] == "m1  Hội nghị trực t…  ok")
    }

    @Test func terminalControlsFromElsewhereAreTakenOut() {
        let hostile = "a\u{1B}[2J\u{9B}31m\rb\u{202E}c\u{2028}"
        let harmless = DisplayWidth.harmless(hostile)
        #expect(
            harmless.unicodeScalars.allSatisfy {
                ![.control, .format, .lineSeparator].contains($0.properties.generalCategory)
            })
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_500_000, "1.5 MB"), (9_960_000, "10 MB"),
            (999_600_000, "1.0 GB"),
            (-5, "0 B"), (Int64.max, "9223 PB"),
        ] as [(Int64, String)]) func bytesAreReadable(count: Int64, text: String)
    {
        #expect(Formats.bytes(count) == text)
    }

    @Test(arguments: [
        (0.0, "0:00"), (7.4, "0:07"), (751, "12:31"), (3723, "1:02:03"), (-3, "0:00"), (.infinity, "?"), (.nan, "?"),
    ])
    func durationsAreReadable(seconds: Double, text: String) {
        #expect(Formats.duration(seconds) == text)
    }

    @Test func theBarTellsRateAndWhatIsLeft() {
        let start = ContinuousClock.now
        let quiet = Console(write: { _ in }, writeError: { _ in }, width: { nil }, drawsProgress: true)
        let bar = ProgressBar("master.mkv", total: 10_000_000, at: start, console: quiet)
        let text = bar.text(4_000_000, at: start + .seconds(2))
        #expect(text == "master.mkv  █████████░░░░░░░░░░░░░░░  40 %  4.0 MB of 10 MB  2.0 MB/s  0:03 left")
        #expect(bar.text(0, at: start).contains("0 %"))
    }

    @Test func aScreenIsEnteredOnceDrawnOverAndLeftOnce() {
        let written = Mutex("")
        let console = Console(
            write: { text in written.withLock { $0 += text } }, writeError: { _ in }, width: { 80 },
            drawsProgress: false)
        let screen = LiveScreen(console: console, isDrawn: true)
        screen.draw(["one", "two"])
        screen.draw(["three"])
        screen.leave()
        screen.leave()
        #expect(
            written.withLock { $0 } == "\u{1B}[?1049h\u{1B}[?25l\u{1B}[Hone\u{1B}[K\r\ntwo\u{1B}[K\r\n\u{1B}[J"
                + "\u{1B}[Hthree\u{1B}[K\r\n\u{1B}[J\u{1B}[?25h\u{1B}[?1049l")
    }

    @Test func linesAreCutFromAnyPieces() throws {
        let text = Data("{\"a\":1}\n{\"b\":2}\n\nrest".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter()
            var lines: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                let piece = text[start..<min(start + size, text.count)]
                lines += try splitter.add(Data(piece)).map { String(decoding: $0, as: UTF8.self) }
            }
            #expect(lines == ["{\"a\":1}", "{\"b\":2}", ""])
        }
    }

    @Test func theDaemonsPathPartsAreEncoded() {
        #expect(PortalClient.encoded("a/b c?&=#%é") == "a%2Fb%20c%3F%26%3D%23%25%C3%A9")
    }
}
