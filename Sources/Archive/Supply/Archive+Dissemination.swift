import Evidence
import Foundation
import Vietnamese

/// A package for use, sealed and in one file.
public struct SealedDissemination: Sendable, Equatable {
    public var path: String
    public var size: Int64
    /// Of the ZIP file; lower-case hexadecimal.
    public var sha256: String
}

/// Packages that are given out: bags (RFC 8493) with a seal of their own, by the archive's key, each in a ZIP file.
extension Archive {
    /// Makes what lies in `directory/data` a bag with a seal, and puts it into `path`. By the seal anybody proves it with the archive's public
    /// key, as they prove the archive's own packages; the ledger has no entry of it.
    public func sealForUse(
        _ directory: String, of grant: AccessGrant, named name: String, into path: String
    ) async throws(ArchiveError) -> SealedDissemination {
        let work = DisseminationSealing(
            directory: directory, grant: grant, settings: settings, sealer: keys.sealer, sealedAt: now(),
            ledgerHead: ledgerFile.ledger.head)
        return try await sealing.run { (cancellation) throws(ArchiveError) in
            do throws(EvidenceError) {
                try work.run(cancellation)
                try StoredZIP.pack(directory, under: name, into: path, dated: work.sealedAt) { _ in
                    !cancellation.isCancelled
                }
                let digest = try FileDigest.of(path) { _ in !cancellation.isCancelled }
                return SealedDissemination(path: path, size: digest.size, sha256: digest.sha256)
            } catch {
                throw ArchiveError(error)
            }
        }
    }

    /// Where a grant's package is.
    public func disseminationPath(of grant: Int64) -> String { supplyFolder(of: grant) + "/package.zip" }
}

private struct DisseminationSealing {
    let directory: String
    let grant: AccessGrant
    let settings: SealingSettings
    let sealer: Sealer
    let sealedAt: Date
    let ledgerHead: String

    func run(_ cancellation: BackgroundQueue.Cancellation) throws(EvidenceError) {
        var files: [SealDocument.File] = []
        for entry in try PackageFiles.list(directory) {
            let digest = try FileDigest.of(directory + "/" + entry.path) { _ in !cancellation.isCancelled }
            files.append(file(entry.path, digest))
        }
        let payload = files
        for (name, text) in [
            (SealedPackage.declaration, BagIt.declaration), (SealedPackage.information, information(payload)),
            (SealedPackage.payloadManifest, BagIt.manifest(payload)),
        ] {
            files.append(try write(name, text))
        }
        files.append(try write(SealedPackage.tagManifest, BagIt.manifest(Array(files.dropFirst(payload.count)))))
        let document = SealDocument(
            meeting: grant.meetingID, sealedAt: IndochinaTime.text(sealedAt), files: files, master: nil,
            ledgerPrevious: ledgerHead
        ).data
        var made = try sealer.sign(document)
        made[SealedPackage.sealName] = document
        guard mkdir(directory + "/seal", 0o750) == 0 else { throw .file(path: directory + "/seal", errno: errno) }
        for (name, content) in made { try SafeFile.replace(directory + "/" + name, with: content) }
    }

    private func write(_ name: String, _ text: String) throws(EvidenceError) -> SealDocument.File {
        let path = directory + "/" + name
        try SafeFile.replace(path, with: Data(text.utf8))
        return file(name, try FileDigest.of(path))
    }

    private func file(_ path: String, _ digest: FileDigest) -> SealDocument.File {
        SealDocument.File(
            path: path, size: digest.size, sha256: digest.sha256, sha512: digest.sha512,
            mime: PackageMIME.type(of: path),
            madeBy: settings.software, madeAt: IndochinaTime.text(sealedAt))
    }

    private func information(_ payload: [SealDocument.File]) -> String {
        var elements: [(label: String, value: String)] = []
        if !settings.organization.isEmpty { elements.append(("Source-Organization", settings.organization)) }
        elements += [
            ("External-Identifier", grant.meetingID), ("Bagging-Date", IndochinaTime.day(sealedAt)),
            ("Payload-Oxum", BagIt.payloadOxum(payload)), ("Bag-Software-Agent", settings.software),
            ("Grant", String(grant.number)), ("Granted-To", "\(grant.holder.name), \(grant.holder.agency)"),
            ("Valid-Until", IndochinaTime.text(grant.validUntil)),
        ]
        if let span = grant.span {
            elements.append(("Span-Milliseconds", "\(span.lowerBound)-\(span.upperBound)"))
        }
        return BagIt.information(elements)
    }
}
