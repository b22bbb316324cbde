import Foundation
import Testing
import Vietnamese

@Suite struct VietnameseTextTests {
    @Test func foldsMarksAndTheStrokedD() {
        #expect(VietnameseText.folded("Điểm cầu ĐÀ NẴNG") == "diem cau da nang")
        #expect(VietnameseText.folded("hòa bình") == VietnameseText.folded("hoà bình"))
        #expect(VietnameseText.folded("Huế".decomposedStringWithCanonicalMapping) == "hue")
    }

    @Test func foldsEveryVietnameseVowelToAscii() {
        let vowels = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
        for letter in vowels + vowels.uppercased() {
            let folded = VietnameseText.folded(String(letter))
            #expect(folded.count == 1 && "aeiouyd".contains(folded), "\(letter) gives \(folded)")
        }
    }

    @Test func storesInNFCWithoutControls() {
        let decomposed = "Phòng họp".decomposedStringWithCanonicalMapping
        #expect(
            Array(VietnameseText.stored(decomposed).utf8)
                == Array("Phòng họp".precomposedStringWithCanonicalMapping.utf8))
        #expect(VietnameseText.stored(" a\u{1B}[2Jb\n") == "a [2Jb")
    }

    @Test(arguments: [
        ("Họp giao ban tháng 11/2026", "hop-giao-ban-thang-11-2026"), ("giaoban", "giaoban"),
        ("../../etc/passwd", "etc-passwd"), ("Đường Đặng Dung", "duong-dang-dung"), ("会议", "x"), ("", "x"),
    ]) func slugsAreAscii(text: String, slug: String) {
        #expect(VietnameseText.slug(text) == slug)
    }

    @Test func slugsAreBoundedAndEndCleanly() {
        let slug = VietnameseText.slug(String(repeating: "họp ", count: 100), limit: 12)
        #expect(slug == "hop-hop-hop")
    }
}
