import Foundation
import Testing

@testable import Documents

@Suite struct DocumentRendererTests {
    static let document = PrintedDocument(
        title: "Biên bản", language: .vietnamese,
        body: """
            <h1>Ủy ban nhân dân xã Phú Lộc</h1>
            \(Markup.table(["Đơn vị", "Có mặt"], [[Markup(text: "Sở Y tế"), "đủ"]]))
            """, footer: "Trang in thử")

    @Test(.enabled(if: Programs.have("weasyprint", "pdftotext")))
    func aPDFHasItsTextWithAllMarks() async throws {
        let pdf = try await DocumentRenderer().pdf(Self.document)
        let text = try Programs.text(ofPDF: pdf)
        #expect(text.contains("Ủy ban nhân dân xã Phú Lộc"))
        #expect(text.contains("Sở Y tế"))
        #expect(text.contains("Trang in thử"))
    }

    @Test(.enabled(if: Programs.have("weasyprint")))
    func anArchivalPDFSaysWhatItIs() async throws {
        let pdf = try await DocumentRenderer().pdf(Self.document, .archival)
        #expect(
            pdf.range(of: Data("<pdfaid:part>3".utf8)) != nil || pdf.range(of: Data("pdfaid:part=\"3\"".utf8)) != nil)
    }

    @Test(.enabled(if: Programs.have("pandoc", "unzip")))
    func anODTIsAnArchiveOfXMLWithItsText() async throws {
        let content = try Programs.content(ofODT: try await DocumentRenderer().odt(Self.document))
        #expect(content.contains("Ủy ban nhân dân xã Phú Lộc"))
        #expect(content.contains("fo:border=\"0.5pt solid #000000\""))
    }

    /// Nothing may be fetched, whatever the markup says: the listener hears nobody.
    @Test(.enabled(if: Programs.have("weasyprint", "pandoc")))
    func nothingIsFetched() async throws {
        let listener = try Listener()
        let document = PrintedDocument(
            title: "x", language: .english,
            body: Markup(stringLiteral: "<p>text</p><img src=\"http://127.0.0.1:\(listener.port)/x.png\">"))
        let renderer = DocumentRenderer()
        #expect(try await !renderer.pdf(document).isEmpty)
        #expect(try await !renderer.odt(document).isEmpty)
        #expect(!listener.wasCalled)
    }

    @Test func anAbsentProgramIsNamedWithItsPackage() async {
        let renderer = DocumentRenderer(programs: "/nonexistent")
        await #expect(throws: DocumentRenderer.Failure.absent(program: "weasyprint", package: "weasyprint")) {
            try await renderer.pdf(Self.document)
        }
        await #expect(throws: DocumentRenderer.Failure.absent(program: "pandoc", package: "pandoc")) {
            try await renderer.odt(Self.document)
        }
    }

    @Test(.enabled(if: Programs.have("weasyprint"))) func whatIsTooLongIsNotRendered() async {
        var limits = DocumentRenderer.Limits()
        limits.inputOctets = 100
        await #expect(throws: DocumentRenderer.Failure.tooLarge(program: "weasyprint")) {
            try await DocumentRenderer(limits: limits).pdf(Self.document)
        }
    }

    @Test(.enabled(if: Programs.have("weasyprint"))) func aRendererThatTakesTooLongIsEnded() async {
        var limits = DocumentRenderer.Limits()
        limits.time = .seconds(1)
        // Forty thousand rows take WeasyPrint far more than a second.
        let rows = Array(repeating: [Markup(text: "a"), Markup(text: "b")], count: 40_000)
        let long = PrintedDocument(title: "x", language: .english, body: Markup.table(["1", "2"], rows))
        await #expect(throws: DocumentRenderer.Failure.tooLong(program: "weasyprint", .seconds(1))) {
            try await DocumentRenderer(limits: limits).pdf(long)
        }
    }
}

/// Somebody who would be asked.
private final class Listener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 4) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Whether anybody connected: a connection waits to be taken.
    var wasCalled: Bool {
        let taken = accept(descriptor, nil, nil)
        if taken >= 0 { close(taken) }
        return taken >= 0
    }
}
