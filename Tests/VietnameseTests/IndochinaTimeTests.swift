import Foundation
import Testing
import Vietnamese

@Suite struct IndochinaTimeTests {
    @Test func writesMillisecondsAndOffset() throws {
        let date = Date(timeIntervalSince1970: 1_795_487_400.25)
        #expect(IndochinaTime.text(date) == "2026-11-24T09:30:00.250+07:00")
        #expect(IndochinaTime.day(Date(timeIntervalSince1970: 1_795_539_600)) == "2026-11-25")
    }

    @Test func everyMillisecondSurvivesWritingAndReading() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let milliseconds = Int64.random(in: 0...4_000_000_000_000, using: &generator)
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            #expect(IndochinaTime.date(from: IndochinaTime.text(date)) == date, "\(milliseconds)")
        }
    }

    @Test func textsSortAsTimesDo() {
        let dates = (0..<500).map { _ in Date(timeIntervalSince1970: .random(in: 0...4e9)) }
        #expect(dates.sorted().map(IndochinaTime.text) == dates.map(IndochinaTime.text).sorted())
    }

    @Test(arguments: [
        ("2026-11-24T02:30:00Z", 1_795_487_400.0), ("2026-11-24T09:30:00+07:00", 1_795_487_400.0),
        ("2026-11-24", 1_795_453_200.0),
    ]) func readsOtherForms(text: String, seconds: Double) {
        #expect(IndochinaTime.date(from: text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: ["", "hôm nay", "2026-13-40", "24/11/2026", String(repeating: "9", count: 5000)])
    func refusesWhatIsNoTime(text: String) {
        #expect(IndochinaTime.date(from: text) == nil)
    }
}
