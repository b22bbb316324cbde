import Foundation
import Testing

@testable import Search

@Suite struct WordTests {
    private func folded(_ text: String) -> [String] {
        WordScanner.words(of: text).compactMap { $0.map { String(decoding: $0.folded, as: UTF8.self) } }
    }

    private func exact(_ text: String) -> [String] {
        WordScanner.words(of: text).compactMap { $0.map { String(decoding: $0.exact, as: UTF8.self) } }
    }

    @Test(arguments: [
        ("Đường Điện Biên Phủ", ["duong", "dien", "bien", "phu"]), ("ƯƠNG ương", ["uong", "uong"]),
        ("Thừa Thiên Huế", ["thua", "thien", "hue"]), ("nghiêng, ngửa; quý", ["nghieng", "ngua", "quy"]),
        ("12/QĐ-VP", ["12", "qd", "vp"]), ("05/2025/TT-BNV", ["5", "2025", "tt", "bnv"]), ("000 007", ["0", "7"]),
        ("ΑΒΓ Привет 会议", ["αβγ", "привет", "会议"]), ("１２", ["12"]), ("", []), (" \"*^:()+- ", []),
    ])
    func wordsFoldAsPeopleTypeThem(_ text: String, _ words: [String]) {
        #expect(folded(text) == words)
    }

    @Test func decomposedTextIsReadAsComposedIs() {
        for text in ["Hội nghị trực tuyến", "Đặng Thị Thúy", "khuỷu tay ngoằn ngoèo", "ƯỢNG"] {
            #expect(exact(text.decomposedStringWithCanonicalMapping).count == exact(text).count)
            #expect(folded(text.decomposedStringWithCanonicalMapping) == folded(text))
        }
    }

    @Test(arguments: [
        ("hòa", "hoà"), ("khỏe", "khoẻ"), ("thúy", "thuý"), ("HÓA", "hoá"), ("lũy", "luỹ"), ("tọa", "toạ"),
    ])
    func bothPlacesOfAToneAreOneWord(_ old: String, _ new: String) { #expect(exact(old) == exact(new)) }

    @Test func everyMarkTellsWordsApart() {
        let words = [
            "ma", "má", "mà", "mả", "mã", "mạ", "mâ", "mấ", "mă", "mắ", "da", "đa", "mo", "mô", "mơ", "mư", "mu",
        ]
        #expect(Set(words.flatMap(exact)).count == words.count)
    }

    @Test func aLongRunIsCutAndNothingIsLost() {
        let words = folded(String(repeating: "a", count: 1000))
        #expect(words.joined().count == 1000)
        #expect(words.allSatisfy { $0.utf8.count <= WordScanner.longestWord })
    }

    @Test func anyOctetsAreRead() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0..<40)).map { _ in UInt8.random(in: 0...255, using: &random) }
            bytes.withUnsafeBufferPointer { buffer in
                var scanner = WordScanner()
                var count = 0
                while scanner.next(in: buffer) != nil { count += 1 }
                #expect(count <= bytes.count)
            }
        }
    }
}
