public import Evidence
import Foundation

/// Signed heads of the audit log in the second location, where who changes the log here cannot reach them:
///
///     audit/000000000041-<SHA-256 of the head>.json      a line of an exported log (`AuditLine`), by the entry that it stands for
extension Archive {
    static let auditFolder = "audit"
    /// Of heads that are there and not known here, so many are looked at, those of the newest entries.
    private static let mostForeignHeads = 100
    private static let mostHeadOctets: Int64 = 16 << 10

    /// With which the audit log is signed: the archive's own key, also where a certificate seals packages.
    public var auditKey: SealKey { keys.own }

    /// Public keys of all who may have signed, in PEM.
    public var trustedSigners: String { keys.trusted }

    /// Puts those heads there that are not there yet.
    /// - Returns: how many there were to put; nil where there is no second location.
    public func keepAuditHeads(_ heads: [SignedAuditHead]) async throws(ArchiveError) -> Int? {
        guard let second, second.hasDatabases else { return nil }
        let store = second.store
        let there = try await store.names(in: Self.auditFolder)
        let missing = heads.filter { !there.contains(Self.auditName($0)) }
        let folder = temporary + "/audit-heads"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for head in missing {
            try DurableFile.makeDirectory(folder)
            let data = AuditLine(head).data
            let path = folder + "/" + Self.auditName(head)
            try DurableFile.replace(path, with: data)
            let name = Self.auditFolder + "/" + Self.auditName(head)
            let octets = Int64(data.count)
            try await store.put(path, as: name, octets: octets)
            guard try await store.sha256(of: name, octets: octets) == Hex.sha256(data) else {
                throw .secondLocation(reason: "\(name) is not there what it is here after it was copied")
            }
        }
        return missing.count
    }

    /// Heads that the second location has and that are not among `known`: what was signed once, and is not here any more.
    /// - Returns: nil where there is no second location.
    public func foreignAuditHeads(_ known: [SignedAuditHead]) async throws(ArchiveError) -> [SignedAuditHead]? {
        guard let second, second.hasDatabases else { return nil }
        let store = second.store
        let foreign = try await store.names(in: Self.auditFolder).subtracting(known.map(Self.auditName))
            .filter { $0.wholeMatch(of: #/\d{12,19}-[0-9a-f]{64}\.json/#) != nil }.sorted()
        let folder = temporary + "/audit-foreign-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var heads: [SignedAuditHead] = []
        for name in foreign.suffix(Self.mostForeignHeads) {
            try DurableFile.makeDirectory(folder)
            let path = folder + "/" + name
            try await store.fetch(Self.auditFolder + "/" + name, octets: Self.mostHeadOctets, to: path)
            let data: Data
            do throws(EvidenceError) {
                data = try FileDigest.contents(of: path, limit: Int(Self.mostHeadOctets))
            } catch { throw ArchiveError(error) }
            let line = try? JSONDecoder().decode(AuditLine.self, from: data)
            // What is no head is one that nobody signed.
            heads.append(
                SignedAuditHead(
                    document: line?.head ?? "",
                    signature: line?.signature.flatMap { Data(base64Encoded: $0) } ?? Data()))
        }
        return heads
    }

    private static func auditName(_ head: SignedAuditHead) -> String {
        let number = String(max(0, head.head?.number ?? 0))
        return String(repeating: "0", count: max(0, 12 - number.count)) + number + "-\(head.hash).json"
    }
}
