import Foundation
import Testing

@testable import Documents

@Suite struct QRCodeTests {
    @Test func aCodeHasItsThreeFinders() throws {
        let code = try #require(QRCode("https://hop.example.vn/join/giaoban"))
        #expect((code.width - 21) % 4 == 0)
        let finder = [true, true, true, true, true, true, true]
        #expect(Array(code.modules.prefix(7)) == finder)
        #expect(Array(code.modules[(code.width - 7)..<code.width]) == finder)
        #expect(Array(code.modules[(code.width * (code.width - 1))...].prefix(7)) == finder)
    }

    @Test func whatNoCodeHoldsHasNone() {
        #expect(QRCode("") == nil)
        #expect(QRCode("a\0b") == nil)
        #expect(QRCode(String(repeating: "x", count: 5000)) == nil)
    }

    @Test(.enabled(if: Programs.have("weasyprint", "pdftoppm", "zbarimg")), arguments: [40, 250, 700])
    func aPrintedCodeIsRead(length: Int) async throws {
        let text = "https://hop.example.vn/" + String(repeating: "k7", count: length / 2)
        let code = try #require(QRCode(text))
        let body: Markup = "<div class=\"code\">\(code.svg(describedAs: "mã"))</div>"
        let pdf = try await DocumentRenderer().pdf(PrintedDocument(title: "x", language: .english, body: body))
        #expect(try Programs.codes(ofPDF: pdf) == [text])
    }
}
