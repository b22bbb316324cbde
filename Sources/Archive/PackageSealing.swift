import CipherFiles
import Evidence
import Foundation
import Vietnamese

/// Makes a package's files a sealed bag: everything that blocks, on one thread.
struct PackageSealing {
    let meeting: MeetingRecord
    let paths: PackagePaths
    let settings: SealingSettings
    let keys: SealingKeys
    let ledger: LedgerFile
    let sealedAt: Date
    /// Of programs of others, by their names.
    let versions: [String: String]
    /// By which its payload and metadata are encrypted; nil for a package in clear.
    let key: ContentKey?

    struct Outcome: Sendable {
        var files: [PackageFile]
        var entry: LedgerEntry
    }

    func run(
        _ cancellation: BackgroundQueue.Cancellation, _ progress: @escaping @Sendable (HashingProgress) -> Void
    ) throws(ArchiveError) -> Outcome {
        var files: [SealDocument.File] = []
        let master: SealDocument.Master?
        do throws(EvidenceError) {
            // A seal that was not entered, before this one.
            for name in try sealNames() { unlink(paths.directory + "/" + name) }
            try PackageEncryption.removeStored(in: paths.directory)
            if access(paths.master, F_OK) == 0 {
                try ClusterChainFile.complete(
                    paths.payload("master.chain"), master: paths.master, meeting: meeting.id)
            }
            try write(SealedPackage.declaration, BagIt.declaration)
            try write(SealedPackage.readme, key == nil ? PackageReadme.text : PackageReadme.encrypted)
            try write(
                SealedPackage.dublinCore,
                DublinCore.record(
                    of: meeting, source: settings.organization, opened: opening, holdings: PackageHoldings(paths)))
            if let key { try encrypt(with: key, cancellation, progress) }
            let (payload, tags) = try hash(cancellation, progress)
            if key == nil { try write(SealedPackage.preservation, preservation(payload)) }
            try write(SealedPackage.payloadManifest, BagIt.manifest(payload))
            try write(SealedPackage.information, information(payload))
            files = payload + tags
            if key == nil { files.append(try file(SealedPackage.preservation)) }
            for name in [SealedPackage.payloadManifest, SealedPackage.information] { files.append(try file(name)) }
            files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            try write(SealedPackage.tagManifest, BagIt.manifest(files.filter { !$0.path.hasPrefix("data/") }))
            files.append(try file(SealedPackage.tagManifest))
            master = key == nil ? try self.master(files) : nil
        } catch {
            throw ArchiveError(error)
        }
        return try ledger.holding { [files] () throws(ArchiveError) in try seal(files, master) }
    }

    private var log: [EventRecord] { (try? EventLog.read(paths.events)) ?? [] }

    /// When the chair opened it; nil where nobody said so.
    private var opening: Date? { log.opening }

    private func preservation(_ payload: [SealDocument.File]) -> Data {
        PackagePreservation(meeting: meeting, log: log, files: payload, settings: settings, sealedAt: sealedAt).document
    }

    private func sealNames() throws(EvidenceError) -> [String] {
        try PackageFiles.list(paths.directory).map(\.path).filter { $0.hasPrefix(SealedPackage.sealFolder) }
    }

    private func write(_ name: String, _ text: String) throws(EvidenceError) { try write(name, Data(text.utf8)) }

    private func write(_ name: String, _ data: Data) throws(EvidenceError) {
        try SafeFile.replace(paths.directory + "/" + name, with: data)
    }

    /// Names that come anew with every sealing.
    private static let written: Set<String> = [
        SealedPackage.payloadManifest, SealedPackage.information, SealedPackage.tagManifest, SealedPackage.preservation,
    ]

    private func hash(
        _ cancellation: BackgroundQueue.Cancellation, _ progress: @escaping @Sendable (HashingProgress) -> Void
    ) throws(EvidenceError) -> (payload: [SealDocument.File], tags: [SealDocument.File]) {
        let entries = try PackageFiles.list(paths.directory).filter {
            !Self.written.contains($0.path) && (key == nil || !PackageIndex.encrypts($0.path))
        }
        var hashing = HashingReport(totalBytes: entries.reduce(0) { $0 + $1.size }, report: progress)
        var payload: [SealDocument.File] = []
        var tags: [SealDocument.File] = []
        for entry in entries {
            let file = try file(entry.path) { count in
                hashing.advance(count)
                return !cancellation.isCancelled
            }
            if entry.path.hasPrefix("data/") { payload.append(file) } else { tags.append(file) }
        }
        return (payload, tags)
    }

    /// Encrypts the payload and what describes the meeting, each beside the clear one, and writes down which is which.
    private func encrypt(
        with key: ContentKey, _ cancellation: BackgroundQueue.Cancellation,
        _ progress: @escaping @Sendable (HashingProgress) -> Void
    ) throws(EvidenceError) {
        let entries = try PackageFiles.list(paths.directory).filter {
            PackageIndex.encrypts($0.path) && !Self.written.contains($0.path)
        }
        var report = HashingReport(totalBytes: entries.reduce(0) { $0 + $1.size }, report: progress)
        let encryption = PackageEncryption(key: key, directory: paths.directory)
        var files: [PackageIndex.Entry] = []
        func take(_ name: String) throws(EvidenceError) {
            let stored = PackageIndex.stored(files.count + 1)
            let digest = try encryption.encrypt(name, as: stored) { count in
                report.advance(count)
                return !cancellation.isCancelled
            }
            files.append(.init(stored: stored, file: described(name, digest)))
        }
        for entry in entries { try take(entry.path) }
        let payload = files.map(\.file).filter { $0.path.hasPrefix("data/") }
        try write(SealedPackage.preservation, preservation(payload))
        try take(SealedPackage.preservation)
        try encryption.write(
            PackageIndex(meeting: meeting.id, files: files, master: try master(files.map(\.file))))
        try SafeFile.syncDirectory(of: paths.directory + "/" + PackageIndex.path)
    }

    private func file(
        _ name: String, advance: (Int) -> Bool = { _ in true }
    ) throws(EvidenceError) -> SealDocument.File {
        let path = paths.directory + "/" + name
        return described(name, try FileDigest.of(path, syncing: true, advance: advance))
    }

    private func described(_ name: String, _ digest: FileDigest) -> SealDocument.File {
        let path = paths.directory + "/" + name
        var status = stat()
        let made =
            stat(path, &status) == 0 ? Date(timeIntervalSince1970: TimeInterval(status.st_mtim.tv_sec)) : sealedAt
        return SealDocument.File(
            path: name, size: digest.size, sha256: digest.sha256, sha512: digest.sha512,
            mime: PackageMIME.type(of: name), madeBy: maker(of: name),
            madeAt: IndochinaTime.text(made))
    }

    /// The program that wrote it; nil of what somebody brought. Reports are written by the programs that `DocumentRenderer` runs.
    private func maker(of name: String) -> String? {
        if name.hasPrefix("data/papers/"), name != "data/papers/papers.json" { return nil }
        guard name.hasPrefix("data/reports/") else { return settings.software }
        switch name.split(separator: ".").last {
        case "pdf": return named("WeasyPrint")
        case "odt": return named("pandoc")
        default: return settings.software
        }
    }

    /// A program of others, with its version where that is known.
    private func named(_ program: String) -> String { versions[program].map { "\(program) \($0)" } ?? program }

    private func information(_ payload: [SealDocument.File]) -> String {
        if key != nil { return BagIt.information(encryptedInformation(payload)) }
        var elements: [(String, String)] = []
        if !settings.organization.isEmpty { elements.append(("Source-Organization", settings.organization)) }
        elements += [
            ("External-Identifier", meeting.id), ("External-Description", meeting.title),
            ("Bagging-Date", IndochinaTime.day(sealedAt)), ("Payload-Oxum", BagIt.payloadOxum(payload)),
            ("Bag-Software-Agent", settings.software), ("Meeting-Title", meeting.title), ("Meeting-Room", meeting.room),
        ]
        if let opening { elements.append(("Meeting-Opened", IndochinaTime.text(opening))) }
        elements.append(("Meeting-First-Call", IndochinaTime.text(meeting.openedAt)))
        if let closed = meeting.closedAt { elements.append(("Meeting-Closed", IndochinaTime.text(closed))) }
        if let convener = meeting.convener { elements.append(("Meeting-Convener", convener)) }
        if let document = meeting.document { elements.append(("Convening-Document", document)) }
        return BagIt.information(elements.map { (label: $0.0, value: $0.1) })
    }

    /// Nothing of who met, and of what.
    private func encryptedInformation(_ payload: [SealDocument.File]) -> [(label: String, value: String)] {
        var elements: [(label: String, value: String)] = []
        if !settings.organization.isEmpty { elements.append(("Source-Organization", settings.organization)) }
        elements += [
            ("External-Identifier", meeting.id), ("Bagging-Date", IndochinaTime.day(sealedAt)),
            ("Payload-Oxum", BagIt.payloadOxum(payload)), ("Bag-Software-Agent", settings.software),
            ("Encryption", "AES-256-GCM, causeway-file/1; see README.txt"),
        ]
        return elements
    }

    private func seal(
        _ files: [SealDocument.File], _ master: SealDocument.Master?
    ) throws(ArchiveError) -> Outcome {
        let document = SealDocument(
            meeting: meeting.id, sealedAt: IndochinaTime.text(sealedAt), files: files, master: master,
            ledgerPrevious: ledger.head)
        let data = document.data
        if mkdir(paths.directory + "/seal", 0o750) != 0, errno != EEXIST {
            throw ArchiveError(errno: errno, path: paths.directory + "/seal")
        }
        var made: [String: Data]
        var all = files
        do throws(EvidenceError) {
            made = try keys.sealer.sign(data)
            made[SealedPackage.sealName] = data
            for (name, content) in made { try SafeFile.replace(paths.directory + "/" + name, with: content) }
            for name in made.keys.sorted() { all.append(try file(name)) }
        } catch { throw ArchiveError(error) }
        let entry = try ledger.append { number, previous in
            LedgerEntry(
                number: number, at: document.sealedAt, kind: .sealed, meeting: meeting.id, package: meeting.package,
                seal: Hex.sha256(data), merkleRoot: document.merkleRoot, previous: previous)
        }
        for file in all { chmod(paths.directory + "/" + file.path, 0o440) }
        return Outcome(files: all.map { PackageFile($0, of: meeting.id) }, entry: entry)
    }

    private func master(_ files: [SealDocument.File]) throws(EvidenceError) -> SealDocument.Master? {
        let chainPath = paths.directory + "/" + SealedPackage.chain
        guard let file = files.first(where: { $0.path == SealedPackage.master }), access(chainPath, F_OK) == 0,
            let record = ClusterChainRecord(parsing: try FileDigest.contents(of: chainPath, limit: 1 << 30))
        else { return nil }
        let head = record.clusters.first?.place.offset ?? UInt64(clamping: file.size)
        let end = record.clusters.last.map { $0.place.offset &+ $0.place.length } ?? UInt64(clamping: file.size)
        let index = UInt64(clamping: file.size) >= end ? UInt64(clamping: file.size) - end : 0
        guard let headHash = try FileDigest.sha256(of: paths.master, offset: 0, length: head),
            let indexHash = try FileDigest.sha256(of: paths.master, offset: end, length: index)
        else { throw .malformed(path: paths.master, reason: "shorter than its chain says") }
        return SealDocument.Master(
            path: SealedPackage.master, chain: SealedPackage.chain, chainHead: record.chain.head,
            clusters: Int64(record.chain.count), headOctets: Int64(clamping: head), headSHA256: headHash,
            indexOctets: Int64(clamping: index), indexSHA256: indexHash)
    }
}

extension PackageFile {
    init(_ file: SealDocument.File, of meeting: String) {
        self.init(
            meetingID: meeting, path: file.path, size: file.size, sha256: file.sha256, mime: file.mime,
            sha512: file.sha512, madeBy: file.madeBy, madeAt: file.madeAt.flatMap(IndochinaTime.date(from:)))
    }
}
