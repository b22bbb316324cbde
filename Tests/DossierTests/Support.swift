import Crypto
import Documents
import Foundation
import Preservation
import Testing

@testable import Dossier

/// A folder that goes when the test has.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/dossier-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ data: Data) throws -> String {
        try data.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }
}

enum Sample {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    static let profilePath = checkout + "/config/dossier-profile.json"
    static let earkPython = checkout + "/.build/eark/bin/python"
    static let earkScript = checkout + "/Tests/DossierTests/EARK/validate.py"

    static let site = #"""
        {"site": {"archiveCode": "LTLS.46", "archiveName": "Lưu trữ lịch sử thành phố Huế", "agencyCode": "H57",
          "agencyName": "Văn phòng Ủy ban nhân dân thành phố Huế", "fondsCode": "P.UBND"}}
        """#

    static func schemas() throws -> SchemaLibrary { try SchemaLibrary(folder: checkout + "/Sources/Dossier/Schemas") }

    static func profile(_ scratch: Scratch, _ corrections: String = site) throws -> DossierProfile {
        let path = try scratch.file("site-\(UUID().uuidString).json", Data(corrections.utf8))
        return try DossierProfile.load(profilePath, corrections: path)
    }

    static func file(
        _ scratch: Scratch, _ name: String, _ mime: String, _ content: Data, madeBy: DossierFile.Program? = nil
    ) throws -> DossierFile {
        DossierFile(
            path: try scratch.file(name, content), size: Int64(content.count),
            sha256: SHA256.hash(data: content).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
            mime: mime, createdAt: Date(timeIntervalSince1970: 1_795_500_100), madeBy: madeBy, originalName: name)
    }

    /// A meeting of which there are a film and a paper. 2026-11-24 08:30 in Huế.
    static func dossier(_ scratch: Scratch) throws -> Dossier {
        let begun = Date(timeIntervalSince1970: 1_795_483_800)
        let film = try file(
            scratch, "access.mp4", "video/mp4", Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }),
            madeBy: .init(name: "FFmpeg", version: "5.1.8"))
        let paper = try file(scratch, "Báo cáo.pdf", "application/pdf", Data("%PDF-1.7\n%…\n".utf8))
        return Dossier(
            id: try #require(UUID(uuidString: "9c13e70e-08b2-4c54-8baf-979b35d01b4d")),
            createdAt: Date(timeIntervalSince1970: 1_795_600_000.25), fileCode: "H57.2026.12-GB/UBND",
            title: "Họp giao ban phòng chống lụt bão với các phường, xã", startedAt: begun,
            endedAt: begun + 7147, access: .conditional, retention: .years(20), languages: ["vi"],
            keywords: ["giao ban", "lụt bão"], insuranceCopy: .made,
            recordings: [
                Recording(
                    file: film, kind: .film, title: "Ghi hình cuộc họp giao ban", recorder: "Văn phòng UBND thành phố",
                    place: "Phòng họp số 1", recordedAt: begun, duration: .milliseconds(7_147_400),
                    losses: [.init(point: "Phường Thuận Hóa", seconds: 12.34), .init(point: "Xã A Lưới 1", seconds: 0)])
            ],
            papers: [
                DossierPaper(
                    file: paper, subject: "Báo cáo tình hình <mưa lũ> & công tác ứng phó", issuedAt: begun - 86_400,
                    typeMeaning: "report", number: "125", symbol: "BC-UBND", pages: 7)
            ],
            agents: [
                .init(id: "causeway", kind: .software, name: "Causeway", version: "1.0"),
                .init(id: "ffmpeg", kind: .software, name: "FFmpeg", version: "5.1.8"),
                .init(id: "archivist", kind: .person, name: "Nguyễn Thị Hòa"),
            ],
            events: [
                .init(
                    type: "migration", at: begun + 9000, detail: "H.264 và AAC", outcome: "success",
                    agents: [.init("ffmpeg", role: "executing program")],
                    objects: [.init("/srv/archive/master.mkv", role: "source"), .init(film.path, role: "outcome")])
            ])
    }

    static func request(sheet: Data) -> SupplyRequest {
        SupplyRequest(
            id: "YC.2026.0007", requestedAt: Date(timeIntervalSince1970: 1_795_590_000),
            purposeInWords: "Phục vụ công tác thanh tra", recipient: "Trần Văn Đức, 046086000001",
            authenticationCode: "XT.2026.0007", issuedAt: Date(timeIntervalSince1970: 1_795_600_000),
            validUntil: Date(timeIntervalSince1970: 1_803_000_000), sheet: sheet)
    }

    /// What says that it is PDF/A.
    static let sheet = Data("%PDF-1.7\n<pdfaid:part>3</pdfaid:part>".utf8)

    static func dossier(_ scratch: Scratch, for kind: PackageKind) throws -> Dossier {
        var dossier = try dossier(scratch)
        if kind == .dissemination { dossier.request = request(sheet: sheet) }
        return dossier
    }

    /// The relative paths of all files.
    static func files(_ directory: String) throws -> [String] {
        let all = try FileManager.default.subpathsOfDirectory(atPath: directory)
        return all.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(directory)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }

    static func elements(_ path: String) throws -> XMLElements {
        try XMLElements(try #require(FileManager.default.contents(atPath: path)), named: path)
    }

    /// The text of each field of a form.
    static func fields(_ path: String) throws -> [String: String] {
        Dictionary(
            try elements(path).all.dropFirst().map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Programs that look at what was made.
enum Program {
    static func have(_ names: String...) -> Bool {
        names.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }

    @discardableResult
    static func run(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path.hasPrefix("/") ? path : "/usr/bin/\(path)")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(path) \(arguments)")
        return String(decoding: data, as: UTF8.self)
    }
}
