import Foundation
import MediaPlane
import Testing

@testable import Announcements

@Suite struct AnnouncementTests {
    /// A WAV of a ramp, as the standard has it.
    static func wav(
        _ samples: [Int16], rate: UInt32 = 48_000, channels: UInt16 = 1, bits: UInt16 = 16, format: UInt16 = 1,
        before: [UInt8] = []
    ) -> Data {
        func little(_ value: UInt32, _ octets: Int) -> [UInt8] { (0..<octets).map { UInt8(value >> (8 * $0) & 0xff) } }
        let sound = samples.flatMap { little(UInt32(UInt16(bitPattern: $0)), 2) }
        var body: [UInt8] = Array("WAVEfmt ".utf8) + little(16, 4) + little(UInt32(format), 2)
        body += little(UInt32(channels), 2) + little(rate, 4) + little(rate * UInt32(channels) * 2, 4)
        body += little(UInt32(channels) * 2, 2) + little(UInt32(bits), 2) + before
        body += Array("data".utf8) + little(UInt32(sound.count), 4) + sound
        return Data(Array("RIFF".utf8) + little(UInt32(body.count), 4) + body)
    }

    static func folder(_ files: [String: Data]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("announcements-\(UUID().uuidString)")
            .path
        for (path, data) in files {
            let file = "\(folder)/\(path)"
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try data.write(to: URL(fileURLWithPath: file))
        }
        return folder
    }

    @Test func samplesOf48kHzAreTakenAsTheyAre() throws {
        let samples = (0..<1_000).map { Int16($0 * 30 - 15_000) }
        #expect(try WAVFile.samples(of: Self.wav(samples)) == samples)
        // Other chunks are passed over, an odd one with its padding.
        let list = Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
        #expect(try WAVFile.samples(of: Self.wav(samples, before: list)) == samples)
        // A slice does not begin at 0.
        #expect(try WAVFile.samples(of: (Data([1, 2, 3]) + Self.wav(samples)).dropFirst(3)) == samples)
    }

    @Test func stereoIsMixedDownAndOtherRatesAreBroughtTo48kHz() throws {
        #expect(try WAVFile.samples(of: Self.wav([100, 300, -200, -400], channels: 2)) == [200, -300])
        let made = try WAVFile.samples(of: Self.wav(Array(repeating: 1_000, count: 22_050), rate: 22_050))
        #expect(abs(made.count - 48_000) < 200)
        #expect(made[10_000..<40_000].allSatisfy { abs(Int($0) - 1_000) < 20 })
    }

    @Test func whatCannotBePlayedIsRefusedWithTheReason() {
        func refusal(_ data: Data) -> AnnouncementError? {
            do throws(AnnouncementError) {
                _ = try WAVFile.samples(of: data)
                return nil
            } catch { return error }
        }
        #expect(refusal(Data("OggS and more of it".utf8)) == .notWAV)
        #expect(refusal(Data()) == .notWAV)
        #expect(refusal(Self.wav([])) == .empty)
        #expect(refusal(Self.wav([1], bits: 24)) == .unsupported(format: 1, bits: 24, channels: 1, sampleRate: 48_000))
        #expect(refusal(Self.wav([1], format: 7)) == .unsupported(format: 7, bits: 16, channels: 1, sampleRate: 48_000))
        #expect(refusal(Self.wav([1], rate: 96_000)) != nil)
        #expect(refusal(Self.wav([1, 2], channels: 6)) != nil)
        #expect(
            refusal(Self.wav(Array(repeating: 0, count: 61 * 8_000), rate: 8_000)) == .tooLong(seconds: 61, most: 60))
    }

    @Test func anyOctetsAreSamplesOrARefusal() {
        var random = SystemRandomNumberGenerator()
        let sample = Self.wav((0..<200).map { Int16($0) })
        for _ in 0..<3_000 {
            var data = sample.prefix(.random(in: 0...sample.count, using: &random))
            for _ in 0..<Int.random(in: 0...4, using: &random) where !data.isEmpty {
                data[.random(in: 0..<data.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let made = try? WAVFile.samples(of: data) { #expect(!made.isEmpty) }
        }
    }

    @Test func aBrokenFileIsNamedAndTheOthersCanBeSaid() throws {
        let folder = try Self.folder([
            "vi/recording-on.wav": Self.wav(Array(repeating: 5, count: 4_800)), "vi/muted.wav": Data("no".utf8),
            "en/recording-on.wav": Self.wav(Array(repeating: 5, count: 2_400)), "vi/notes.txt": Data(),
        ])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (catalogue, faults) = AnnouncementCatalogue.load(folder: folder, languages: ["vi", "en"])
        #expect(faults == [.init(path: "\(folder)/vi/muted.wav", error: .notWAV)])
        // Both languages, and the pause between.
        #expect(catalogue.clip(.recordingOn)?.count == 4_800 + 2_400 + 5_760)
        #expect(catalogue.clip(.muted) == nil)
        #expect(catalogue.missing(of: [.recordingOn, .muted]) == ["vi/muted", "en/muted"])
        let none = AnnouncementCatalogue.load(folder: folder + "/nowhere", languages: ["vi"])
        #expect(none.faults.count == 1 && none.catalogue.clip(.recordingOn) == nil)
    }

    @Test func numbersAreSpelt() {
        #expect(AnnouncementKey.number(4.26).map(\.rawValue) == ["number-4", "point", "number-3"])
        #expect(AnnouncementKey.number(-3).map(\.rawValue) == ["number-0", "point", "number-0"])
        #expect(AnnouncementKey.number(.nan).count == 3)
        #expect(AnnouncementKey.number(99).map(\.rawValue) == ["number-9", "point", "number-9"])
    }

    @Test func wholeNumbersAreSaidInOnePieceUpToNinetyNine() {
        #expect(AnnouncementKey.count(0).map(\.rawValue) == ["number-0"])
        #expect(AnnouncementKey.count(42).map(\.rawValue) == ["number-42"])
        #expect(AnnouncementKey.count(200).map(\.rawValue) == ["number-2", "number-0", "number-0"])
        #expect(AnnouncementKey.count(-1).map(\.rawValue) == ["number-0"])
    }

    /// Key, Vietnamese, English.
    static var texts: [[String]] {
        get throws {
            let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../Sources/Announcements/announcements.tsv")
            return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
                .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        }
    }

    @Test func everyKeyHasItsTextInBothLanguagesOnce() throws {
        let texts = try Self.texts
        #expect(texts.allSatisfy { $0.count == 3 && $0.allSatisfy { !$0.isEmpty } })
        let keys = texts.map { $0[0] }
        #expect(Set(keys).count == keys.count)
        let needed =
            AnnouncementKey.all + (0...9).map { .digit($0) } + ["good", "usable", "notFit"].map { .verdict($0) }
        #expect(needed.filter { !keys.contains($0.rawValue) } == [])
        #expect(texts.allSatisfy { $0[1] == $0[1].precomposedStringWithCanonicalMapping })
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/espeak-ng"), "espeak-ng is missing"))
    func espeakSpeaksTextsThatTheCatalogueCanPlay() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("spoken-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let texts = folder + "/texts.tsv"
        let lines = try Self.texts.filter { ["recording-on", "number-4"].contains($0[0]) }
        try lines.map { $0.joined(separator: "\t") }.joined(separator: "\n").appending("\n")
            .write(toFile: texts, atomically: true, encoding: .utf8)
        let speak = Process()
        speak.executableURL = URL(fileURLWithPath: "/bin/sh")
        speak.arguments = [
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../Sources/Announcements/speak").path, texts, folder,
        ]
        try speak.run()
        speak.waitUntilExit()
        #expect(speak.terminationStatus == 0)
        let (catalogue, faults) = AnnouncementCatalogue.load(folder: folder, languages: ["vi", "en"])
        #expect(faults == [])
        let notice = try #require(catalogue.clip(.recordingOn))
        #expect((.seconds(2) ... .seconds(8)).contains(notice.duration))
        #expect(catalogue.clip(.digit(4)) != nil)
        #expect(catalogue.clip(AnnouncementKey.count(42)) != nil)
    }
}
