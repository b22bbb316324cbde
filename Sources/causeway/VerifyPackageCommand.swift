import ArgumentParser
import Evidence
import Foundation

/// Proves a copy of a package without the daemon.
struct VerifyPackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-package", abstract: "Prove a package with nothing but the package and a public key.",
        discussion: """
            The key (or certificate) has to come from the archive by another way than the package: keys/seal.pub.pem. \
            With the archive's ledger an older package in the place of a newer one shows too. Exit status 0 when all is as it \
            was sealed, 1 when not. docs/evidence.md says how to do it with openssl and sha512sum alone.
            """)

    @Argument(help: "The package's directory.")
    var directory: String
    @Option(help: ArgumentHelp("Public keys, or certificates of signers or authorities, in PEM.", valueName: "file"))
    var key: String
    @Option(help: ArgumentHelp("The archive's ledger (ledger.jsonl).", valueName: "file"))
    var ledger: String?
    @Option(help: ArgumentHelp("Certificates of authorities of time stamps, in PEM.", valueName: "file"))
    var timeStampAuthorities: String?
    @Flag(help: "Write JSON.")
    var json = false

    private static let mostPEM = 4 << 20
    private static let mostLedger = 1 << 30

    /// What `--json` writes.
    struct Verdict: Codable {
        struct Finding: Codable {
            var kind: String
            var path: String?
            var fromMilliseconds: Int64?
            var toMilliseconds: Int64?
            var text: String
        }
        var isIntact: Bool
        var meeting: String?
        var sealedAt: String?
        var stampedAt: Date?
        var files: Int
        var findings: [Finding]
    }

    func run() async throws {
        let console = Console.current
        let inspection = try inspect(console)
        let verdict = Verdict(
            isIntact: inspection.isIntact, meeting: inspection.seal?.meeting, sealedAt: inspection.seal?.sealedAt,
            stampedAt: inspection.stampedAt, files: inspection.seal?.files.count ?? 0,
            findings: inspection.findings.map {
                Verdict.Finding(
                    kind: $0.kind.rawValue, path: $0.path, fromMilliseconds: $0.milliseconds?.lowerBound,
                    toMilliseconds: $0.milliseconds?.upperBound, text: $0.text)
            })
        if json {
            try console.json(verdict)
        } else {
            for line in Self.lines(inspection, withLedger: ledger != nil) { console.line(DisplayWidth.harmless(line)) }
        }
        guard inspection.isIntact else {
            throw CommandFailure.verification("The package is DAMAGED: \(inspection.findings.count) findings.")
        }
    }

    private func inspect(_ console: Console) throws(CommandFailure) -> PackageInspection {
        var bar: ProgressBar?
        defer { bar?.clear() }
        do throws(EvidenceError) {
            func text(_ path: String) throws(EvidenceError) -> String {
                String(decoding: try FileDigest.contents(of: path, limit: Self.mostPEM), as: UTF8.self)
            }
            var trust = PackageInspection.Trust(signers: try text(key))
            if let timeStampAuthorities { trust.timeStampAuthorities = try text(timeStampAuthorities) }
            if let ledger {
                trust.ledger = Ledger(parsing: try FileDigest.contents(of: ledger, limit: Self.mostLedger))
            }
            return try PackageInspection(of: directory, trusting: trust) { progress in
                if bar == nil { bar = ProgressBar("verifying", total: progress.totalOctets, console: console) }
                bar?.update(progress.doneOctets)
                return true
            }
        } catch {
            throw .local("\(error)")
        }
    }

    static func lines(_ inspection: PackageInspection, withLedger: Bool) -> [String] {
        var lines: [String] = []
        if let seal = inspection.seal {
            lines.append("Meeting \(seal.meeting), sealed \(seal.sealedAt), \(seal.files.count) files.")
        }
        switch inspection.chainEnd {
        case .recovered(let first):
            lines.append("The recorder was cut off; its chain was completed by recovery from cluster \(first) on.")
        case .open: lines.append("The chain of the master has no end.")
        case .finished, nil: break
        }
        if let time = inspection.stampedAt { lines.append("Time stamp: \(time.ISO8601Format()).") }
        lines += inspection.findings.map { "\($0.kind.rawValue): \($0)" }
        if inspection.isIntact {
            lines.append(
                "Intact: every file is as it was sealed, and the seal is signed by whom you trust."
                    + (withLedger ? " The ledger has it as the newest." : ""))
        }
        return lines
    }
}
