import Foundation
import Testing

@testable import Papers

@Suite("What a paper is by its content") struct InspectionTests {
    private let samples: Samples
    init() throws { samples = try Samples() }

    @Test("takes what is what its name says")
    func sound() throws {
        let sound: [(String, [UInt8])] = [
            ("a.PDF", Array("%PDF-1.7\n".utf8)), ("a.docx", Samples.docx), ("a.odt", Samples.odt()),
            ("a.xls", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0]), ("a.rtf", Array(#"{\rtf1 a}"#.utf8)),
            ("a.txt", Array("Tờ trình\r\n\t1".utf8)), ("a.csv", [0xFF, 0xFE, 0x41, 0x00]),
            ("a.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1]), ("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0]),
        ]
        for (name, octets) in sound {
            #expect(try samples.inspect(octets, as: name).hasCode == false, "\(name)")
        }
    }

    @Test("refuses what is something else")
    func mismatches() throws {
        let programs: [UInt8] = Array("MZ".utf8) + [0x90, 0, 3, 0]
        for type in PaperType.allCases {
            #expect(throws: PaperDefect.notA(type)) { try samples.inspect(programs, as: "a.\(type.rawValue)") }
        }
        // One office file under another's name, and what is a ZIP file but for its first octets.
        #expect(throws: PaperDefect.notA(.xlsx)) { try samples.inspect(Samples.docx, as: "a.xlsx") }
        #expect(throws: PaperDefect.notA(.ods)) { try samples.inspect(Samples.odt(), as: "a.ods") }
        #expect(throws: PaperDefect.notA(.docx)) {
            try samples.inspect(Array("GIF89a".utf8) + Samples.docx, as: "a.docx")
        }
        #expect(throws: PaperDefect.notA(.pdf)) { try samples.inspect(Array("<html>%PDF-1.7".utf8), as: "a.pdf") }
        for name in ["a.exe", "a.html", "a.docm", "pdf", "a.", "a.js", "a.pdf.lnk"] {
            #expect(throws: PaperDefect.unknownType) { try samples.inspect(Array("%PDF-1.7".utf8), as: name) }
        }
        #expect(throws: PaperDefect.damaged) { try samples.inspect(Samples.docx.dropLast(30), as: "a.docx") }
    }

    @Test("follows no link, and reads no device")
    func links() throws {
        symlink("/etc/passwd", samples.folder + "/l.txt")
        #expect(throws: PaperDefect.unreadable) { try PaperInspection(samples.folder + "/l.txt", named: "l.txt") }
        #expect(throws: PaperDefect.unreadable) { try PaperInspection("/dev/zero", named: "zero.txt") }
    }

    @Test(
        "says where a PDF acts",
        arguments: [
            "/OpenAction << /S /JavaScript /JS (app.alert) >>", "/S/J#61vaScript", "/S /#4c#61#75nch /F (cmd.exe)",
            "/Names << /EmbeddedFiles 4 0 R >>", "/AA << /O << /S /SubmitForm >> >>", "/AcroForm << /XFA 1 0 R >>",
        ])
    func acting(_ object: String) throws {
        #expect(try samples.inspect(Array("%PDF-1.7\n1 0 obj << \(object) >>".utf8), as: "a.pdf").hasCode)
        // Wherever it stands, also across the edge of what is read at once.
        for padding in [(1 << 20) - 60, (1 << 20) - 20, (1 << 20) - 12, 3 << 20] {
            let octets = Array("%PDF-1.7\n".utf8) + [UInt8](repeating: 32, count: padding) + Array("<<\(object)>>".utf8)
            #expect(try samples.inspect(octets, as: "a.pdf").hasCode, "\(padding)")
        }
    }

    @Test("does not call it code that a PDF opens at a page or has links")
    func harmless() throws {
        let text = "%PDF-1.7 /OpenAction [3 0 R /FitH] /S /URI /URI (https://a.vn) /JavaScripts /Title (JavaScript)"
        #expect(try !samples.inspect(Array(text.utf8), as: "a.pdf").hasCode)
    }

    @Test("looks into a PDF's object streams, and trusts none that it cannot read", .enabled(if: Samples.hasPython))
    func objectStreams() throws {
        try samples.python(
            """
            import zlib
            def pdf(name, body):
                head = b'%PDF-1.7\\n7 0 obj <</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length ' + str(len(body)).encode()
                open(name, 'wb').write(head + b'>>stream\\r\\n' + body + b'\\nendstream endobj')
            pad = bytes(range(48, 58)) * 20000
            pdf('acts.pdf', zlib.compress(b'1 0 ' + pad + b'<</S/JavaScript/JS(x)>>'))
            pdf('calm.pdf', zlib.compress(b'1 0 ' + pad + b'<</S/GoTo>>'))
            pdf('locked.pdf', bytes(range(256)))
            """)
        func hasCode(_ name: String) throws -> Bool {
            try PaperInspection(samples.folder + "/" + name, named: name).hasCode
        }
        #expect(try hasCode("acts.pdf"))
        #expect(try !hasCode("calm.pdf"))
        #expect(try hasCode("locked.pdf"))
    }

    @Test("says where an office file has macros")
    func macros() throws {
        let docx = Samples.zip([
            ("[Content_Types].xml", ""), ("word/document.xml", ""), ("word/vbaProject.bin", "x"),
        ])
        #expect(try samples.inspect(docx, as: "a.docx").hasCode)
        #expect(try samples.inspect(Samples.odt([("Basic/Standard/Module1.xml", "x")]), as: "a.odt").hasCode)
        #expect(try !samples.inspect(Samples.odt([("Basic/script-lc.xml", "x")]), as: "a.odt").hasCode)
        let old: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
        #expect(
            try samples.inspect(old + Array("_VBA_PROJECT".data(using: .utf16LittleEndian) ?? Data()), as: "a.doc")
                .hasCode)
    }

    @Test("survives whatever is thrown at it")
    func noise() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            for (name, sound) in [
                ("a.docx", Samples.docx), ("a.odt", Samples.odt()), ("a.pdf", Array("%PDF-/ObjStm stream\n".utf8)),
            ] {
                var octets = sound
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    octets[Int.random(in: octets.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                _ = try? samples.inspect(octets.prefix(Int.random(in: 0...octets.count, using: &random)), as: name)
            }
        }
    }
}

/// Real bombs: small files that unpack to gigabytes.
@Suite("A ZIP bomb", .serialized, .enabled(if: Samples.hasPython)) struct BombTests {
    private let samples: Samples
    init() throws { samples = try Samples() }

    /// Of 1.2 GB in some megabytes; `isLying` writes small sizes into its list and headers.
    private func bomb(_ name: String, isLying: Bool) throws -> String {
        try samples.python(
            """
            import zipfile, zlib, struct
            first = [('mimetype', b'application/vnd.oasis.opendocument.text')] if '\(name)'.endswith('odt') else []
            parts = first + [('[Content_Types].xml', b'<Types/>'), ('word/document.xml', None), ('content.xml', b'')]
            with zipfile.ZipFile('\(name)', 'w') as z:
                for entry, content in parts:
                    packed = zipfile.ZIP_STORED if entry == 'mimetype' else zipfile.ZIP_DEFLATED
                    info = zipfile.ZipInfo(entry); info.compress_type = packed; info._compresslevel = 1
                    with z.open(info, 'w', force_zip64=False) as file:
                        if content is not None: file.write(content)
                        else:
                            for _ in range(1200): file.write(b' ' * 1_000_000)
            if \(isLying ? "True" : "False"):
                data = bytearray(open('\(name)', 'rb').read())
                while (at := data.find(struct.pack('<I', 1_200_000_000))) >= 0: data[at:at+4] = struct.pack('<I', 1000)
                open('\(name)', 'wb').write(data)
            """)
        return samples.folder + "/" + name
    }

    @Test("is refused, and unpacked no further than it must be, whatever its list says", arguments: [true, false])
    func refused(isLying: Bool) throws {
        for name in ["a.docx", "a.odt"] {
            let path = try bomb(name, isLying: isLying)
            let size = try #require(FileOctets(path)).size
            #expect(size < 8_000_000)
            let begun = ContinuousClock.now
            #expect(throws: PaperDefect.unpacksToTooMuch) { try PaperInspection(path, named: name) }
            #expect(begun.duration(to: .now) < .seconds(60))
        }
    }

    @Test("is told to the octet from what is none")
    func limit() throws {
        let octets = Samples.zip([("a", String(repeating: "x", count: 600)), ("b", String(repeating: "y", count: 400))])
        let file = try #require(FileOctets(try samples.write(octets, as: "a.zip")))
        let archive = try #require(ZIPArchive(file))
        #expect(archive.measure(limit: 1000) == .octets(1000))
        #expect(archive.measure(limit: 999) == .tooMuch)
    }
}
