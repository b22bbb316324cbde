import Foundation
import Preservation
import Testing

@testable import Dossier

@Suite struct XMLNodeTests {
    /// Letters with marks in both forms, markup, the ends of sections, controls, characters beyond the first plane.
    private static let alphabet: [String] =
        (0...0x20).map { String(Character(Unicode.Scalar($0))) } + [
            "a", "ế", "e\u{302}\u{301}", "Đ", "hòa", "&", "<", ">", "\"", "'", "]]>", "<!--", "-->", "<![CDATA[",
            "&#0;",
            "&amp;", "\u{7F}", "\u{85}", "\u{2028}", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}", "\u{1F600}", "\u{10FFFF}",
            "?>",
            "\r\n", "\u{301}",
        ]

    @Test func whatIsWrittenIsReadAgain() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let texts = (0..<3).map { _ in
                (0..<Int.random(in: 0...12, using: &random)).map { _ in Self.alphabet.randomElement(using: &random)! }
                    .joined()
            }
            let node = XMLNode("r", ["a": texts[0]], [XMLNode("c", texts[1]), XMLNode("d", ["b": texts[2]])])
            let read = try XMLElements(node.document, named: "random").all
            #expect(read.count == 3)
            #expect(Array((read[0].attributes["a"] ?? "").unicodeScalars) == kept(texts[0]))
            #expect(Array(read[1].text.unicodeScalars) == kept(texts[1]))
            #expect(Array((read[2].attributes["b"] ?? "").unicodeScalars) == kept(texts[2]))
        }
    }

    /// By another rule than the writer's: what XML 1.0 §2.2 lists, in NFC.
    private func kept(_ text: String) -> [Unicode.Scalar] {
        let char = text.unicodeScalars.filter {
            [0x9, 0xA, 0xD].contains($0.value) || (0x20...0xD7FF).contains($0.value)
                || (0xE000...0xFFFD).contains($0.value) || $0.value >= 0x10000
        }
        return Array(String(String.UnicodeScalarView(char)).precomposedStringWithCanonicalMapping.unicodeScalars)
    }

    @Test func textIsInNFC() throws {
        let document = XMLNode("r", "Ho\u{300}a Bi\u{300}nh").document
        #expect(String(decoding: document, as: UTF8.self).contains(">H\u{F2}a B\u{EC}nh<"))
    }

    @Test func aDocumentTypeAndItsEntitiesAreRefused() {
        let hostile = Data("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>".utf8)
        #expect(throws: DossierFault.self) { try XMLElements(hostile, named: "hostile") }
    }

    @Test func whatIsNotXMLSaysWhere() {
        do throws(DossierFault) {
            _ = try XMLElements(Data("<r>\n<c></r>".utf8), named: "broken.xml")
            Issue.record("it was read")
        } catch {
            guard case .invalidDocument("broken.xml", let lines) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(lines.first?.hasPrefix("line 2") == true)
        }
    }

    @Test func deepDocumentsAreRefused() {
        let deep = String(repeating: "<a>", count: 200) + String(repeating: "</a>", count: 200)
        #expect(throws: DossierFault.self) { try XMLElements(Data(deep.utf8), named: "deep") }
    }
}
