import Foundation
import Testing

@testable import Documents

@Suite struct MarkupTests {
    @Test func whatIsPutInIsEscapedAndMarkupIsNot() {
        let inner: Markup = "<b>\("<script>'\"&")</b>"
        let outer: Markup = "<p title=\"\("a\"b")\">\(inner)</p>"
        #expect(outer.html == "<p title=\"a&quot;b\"><b>&lt;script&gt;&#39;&quot;&amp;</b></p>")
    }

    @Test func whateverTextIsPutInItStaysOneTextNode() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<20).compactMap { _ in
                        let range: ClosedRange<UInt32> = Bool.random(using: &random) ? 0...0x7F : 0...0xFFFF
                        return Unicode.Scalar(UInt32.random(in: range, using: &random))
                    }))
            let markup: Markup = "<a b=\"\(text)\">\(text)</a>"
            let document = try XMLProbe(markup.html)
            #expect(document.elements.map(\.name) == ["a"])
        }
    }
}
