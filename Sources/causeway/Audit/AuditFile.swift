import Evidence
import Foundation

/// An exported audit log, looked through without the daemon.
enum AuditFile {
    private static let mostPEM = 4 << 20
    /// No line of ours is as long.
    private static let longestLine = 64 << 10
    private static let pieceOctets = 1 << 20
    private static let mostFiles = 10_000

    static func inspect(_ path: String, key: String, against: [String]) throws(CommandFailure) -> AuditReport {
        let trusted: String
        do throws(EvidenceError) {
            trusted = String(decoding: try FileDigest.contents(of: key, limit: mostPEM), as: UTF8.self)
        } catch {
            throw .local("\(error)")
        }
        var inspection = AuditInspection(trusting: trusted)
        try lines(of: path) { inspection.add(line: $0) }
        var witness = AuditInspection.Witness()
        for other in against { witness.heads += try heads(in: other) }
        var report = inspection.report(witness, endsSigned: true)
        report.isCompared = !witness.heads.isEmpty
        return report
    }

    /// Of a file, or of all files of a folder.
    private static func heads(in path: String) throws(CommandFailure) -> [SignedAuditHead] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .local("\(path) is not there.")
        }
        let names = isFolder.boolValue ? (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] : []
        guard names.count <= mostFiles else { throw .local("\(path) has more than \(mostFiles) files.") }
        let paths = isFolder.boolValue ? names.filter { $0.hasSuffix(".json") }.map { path + "/" + $0 } : [path]
        var heads: [SignedAuditHead] = []
        for path in paths {
            try lines(of: path) { data in
                guard let line = try? JSONDecoder().decode(AuditLine.self, from: data), let head = line.head else {
                    return
                }
                let signature = line.signature.flatMap { Data(base64Encoded: $0) }
                heads.append(SignedAuditHead(document: head, signature: signature ?? Data()))
            }
        }
        return heads
    }

    private static func lines(of path: String, _ take: (Data) -> Void) throws(CommandFailure) {
        guard let file = fopen(path, "re") else { throw .local("\(path): \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        var rest = Data()
        var piece = [UInt8](repeating: 0, count: pieceOctets)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { break }
            rest.append(contentsOf: piece[..<count])
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                take(Data(rest[rest.startIndex..<end]))
                rest = rest[rest.index(after: end)...]
            }
            rest = Data(rest)
            guard rest.count <= longestLine else { throw .local("\(path) is no audit log: a line of it is too long.") }
        }
        guard ferror(file) == 0 else { throw .local("\(path): \(String(cString: strerror(errno)))") }
        // A line that has no end was cut.
        if !rest.isEmpty { take(rest) }
    }
}
