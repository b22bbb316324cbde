public import Foundation

/// Proves a sealed package with nothing but the package and what is trusted: public keys, certificates, the ledger.
///
/// What counts is the signed seal: it lists every file with its hashes, so a file that was changed together with the manifests
/// shows all the same. Damage to the master is located by the chain of its clusters.
public struct PackageInspection: Sendable {
    /// Larger seals, chains and stamps are not read.
    private static let mostOctets = 1 << 30

    public struct Trust: Sendable {
        /// Public keys and certificates of signers, or of authorities; PEM.
        public var signers: String
        /// Authorities of time stamps; PEM. Where it is empty a stamp is only compared.
        public var timeStampAuthorities: String
        /// Where it is nil an older package in the place of a newer one does not show.
        public var ledger: Ledger?

        public init(signers: String, timeStampAuthorities: String = "", ledger: Ledger? = nil) {
            self.signers = signers
            self.timeStampAuthorities = timeStampAuthorities
            self.ledger = ledger
        }
    }

    /// How far the hashing is.
    public struct Progress: Sendable, Equatable {
        public var doneOctets: Int64
        public var totalOctets: Int64
    }

    /// Nil where it cannot be read.
    public private(set) var seal: SealDocument?
    /// When an authority stamped the seal's signature.
    public private(set) var stampedAt: Date?
    /// How the master's chain ended.
    public private(set) var chainEnd: ChainEnd?
    /// What each file has now, by path.
    public private(set) var digests: [String: FileDigest] = [:]
    public private(set) var findings: [PackageFinding] = []
    public var isIntact: Bool { findings.isEmpty }

    private let directory: String

    /// - Parameter progress: says whether to go on.
    public init(
        of directory: String, trusting trust: Trust, progress: (Progress) -> Bool = { _ in true }
    ) throws(EvidenceError) {
        self.directory = directory
        let entries = try PackageFiles.list(directory)
        let sealData = readSeal()
        if let seal, let sealData {
            checkSignature(of: sealData, seal, trust)
            if let ledger = trust.ledger { check(seal, sealData, in: ledger) }
        }
        try checkFiles(entries, progress)
        if let seal { try checkMaster(seal) }
    }

    private mutating func find(
        _ kind: PackageFinding.Kind, _ path: String? = nil, _ text: String
    ) {
        findings.append(PackageFinding(kind, path: path, text))
    }

    private func contents(_ name: String) throws(EvidenceError) -> Data {
        try FileDigest.contents(of: directory + "/" + name, limit: Self.mostOctets)
    }

    private func has(_ name: String) -> Bool { access(directory + "/" + name, F_OK) == 0 }

    // MARK: The seal

    private mutating func readSeal() -> Data? {
        do throws(EvidenceError) {
            let data = try contents(SealedPackage.sealName)
            let seal = try SealDocument(parsing: data)
            self.seal = seal
            if SealDocument.root(of: seal.files) != seal.merkleRoot {
                find(.seal, SealedPackage.sealName, "its Merkle root is not that of the files it lists")
            }
            return data
        } catch {
            find(.seal, SealedPackage.sealName, has(SealedPackage.sealName) ? "\(error)" : "the package has no seal")
            return nil
        }
    }

    private mutating func checkSignature(of data: Data, _ seal: SealDocument, _ trust: Trust) {
        let name = has(SealedPackage.cmsSignature) ? SealedPackage.cmsSignature : SealedPackage.signature
        let signature: Data
        do { signature = try contents(name) } catch {
            return find(.signature, name, has(name) ? "\(error)" : "the seal is not signed")
        }
        if has(SealedPackage.timeStamp) { checkTimeStamp(of: signature, trust) }
        if name == SealedPackage.cmsSignature {
            let sealed = try? Date(seal.sealedAt, strategy: .iso8601.time(includingFractionalSeconds: true))
            do { try CMS.verify(signature, of: data, by: trust.signers, at: stampedAt ?? sealed ?? Date()) } catch {
                find(.signature, name, "\(error)")
            }
        } else if !SealKey.isValid(signature, of: data, by: trust.signers) {
            find(.signature, name, "no trusted key made this signature of this seal")
        }
    }

    private mutating func checkTimeStamp(of signature: Data, _ trust: Trust) {
        do throws(EvidenceError) {
            stampedAt = try TimeStamp.verify(
                try contents(SealedPackage.timeStamp), of: signature, authorities: trust.timeStampAuthorities)
        } catch {
            find(.timeStamp, SealedPackage.timeStamp, "\(error)")
        }
    }

    // MARK: The ledger

    private mutating func check(_ seal: SealDocument, _ data: Data, in ledger: Ledger) {
        if let line = ledger.brokenAt {
            find(.ledger, nil, "line \(line) of the ledger does not follow from the one before")
        }
        let hash = Hex.sha256(data)
        let entries = ledger.entries(of: seal.meeting)
        guard let newest = entries.last else {
            return find(.ledger, nil, "the ledger has no entry for meeting \(seal.meeting)")
        }
        if newest.kind == .destroyed {
            find(.ledger, nil, "the ledger says that the package was destroyed, \(newest.at) (entry \(newest.number))")
        } else if newest.seal != hash {
            if let entry = entries.last(where: { $0.seal == hash }) {
                find(
                    .replaced, nil,
                    "an older package, sealed \(entry.at) (entry \(entry.number)), stands in the place of that of "
                        + "\(newest.at) (entry \(newest.number))")
            } else {
                find(.ledger, SealedPackage.sealName, "the ledger's entry \(newest.number) is of another seal")
            }
        } else if let entry = entries.last(where: { $0.seal == hash && $0.kind == .sealed }),
            entry.previous != seal.ledgerPrevious
        {
            find(.ledger, nil, "the ledger before entry \(entry.number) is not what the seal says")
        }
    }

    // MARK: Files

    private mutating func checkFiles(
        _ entries: [PackageFiles.Entry], _ progress: (Progress) -> Bool
    ) throws(EvidenceError) {
        let total = entries.reduce(0) { $0 + $1.size }
        var done: Int64 = 0
        guard progress(Progress(doneOctets: 0, totalOctets: total)) else { throw .stopped }
        var missing = Dictionary(
            (seal?.files ?? []).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let own: Set<String> = [
            SealedPackage.sealName, SealedPackage.signature, SealedPackage.cmsSignature, SealedPackage.timeStamp,
            SealedPackage.signer,
        ]
        for entry in entries {
            let sealed = missing.removeValue(forKey: entry.path)
            guard entry.isRegularFile else {
                find(.unreadable, entry.path, "not a regular file any more")
                continue
            }
            do throws(EvidenceError) {
                let digest = try FileDigest.of(directory + "/" + entry.path) { count in
                    done += Int64(count)
                    return progress(Progress(doneOctets: done, totalOctets: max(done, total)))
                }
                digests[entry.path] = digest
                if let sealed {
                    if digest.sha512 != sealed.sha512 || digest.size != sealed.size {
                        find(.changed, entry.path, "changed since it was sealed")
                    }
                } else if seal != nil, !own.contains(entry.path) {
                    find(.extra, entry.path, "not in the seal")
                }
            } catch .stopped {
                throw .stopped
            } catch {
                find(.unreadable, entry.path, "\(error)")
            }
        }
        for path in missing.keys.sorted() { find(.missing, path, "in the seal, but not in the package") }
    }

    // MARK: The master

    private mutating func checkMaster(_ seal: SealDocument) throws(EvidenceError) {
        guard let master = seal.master else { return }
        let wanted = seal.files.first { $0.path == master.path }?.sha512
        let isWhole = wanted != nil && digests[master.path]?.sha512 == wanted
        guard let data = try? contents(master.chain), let record = ClusterChainRecord(parsing: data) else {
            return find(.chain, master.chain, "cannot be read; damage to \(master.path) cannot be located")
        }
        chainEnd = record.end
        if let line = record.brokenAt {
            find(.chain, master.chain, "line \(line) does not follow from the one before")
        } else if record.chain.head != master.chainHead || Int64(record.chain.count) != master.clusters {
            find(.chain, master.chain, "its last link is not the one that was sealed")
        }
        guard !isWhole, let digest = digests[master.path] else { return }
        let examination = MasterExamination(
            path: directory + "/" + master.path, fileOctets: UInt64(clamping: digest.size), clusters: record.clusters,
            seal: master)
        for damage in try examination.damage() { findings.append(PackageFinding(damage, path: master.path)) }
    }
}
