import Foundation
import Testing

@testable import Evidence

/// An audit log that is changed in every way in which one can be.
struct AuditInspectionTests {
    /// Twenty entries; signed behind the 8th, the 15th and, where it is exported, the last.
    private struct Log {
        var lines: [AuditLine] = []
        var heads: [SignedAuditHead] = []
        var trusted = ""

        init(from first: Int64 = 1, previous: String = Ledger.genesis, cut: Bool = false) throws {
            let path = NSTemporaryDirectory() + "audit-\(UUID().uuidString).key"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let key = try SealKey.ensure(at: path)
            trusted = key.publicKey
            var previous = previous
            func sign(_ kind: AuditHead.Kind, _ number: Int64, _ entry: String) throws {
                let head = AuditHead(
                    kind, number: number, entry: entry, at: "2026-11-27T0\(heads.count):00:00.000+07:00",
                    previous: heads.last?.hash ?? Ledger.genesis)
                heads.append(
                    SignedAuditHead(document: head.document, signature: try key.sign(Data(head.document.utf8))))
            }
            if cut { try sign(.cut, first - 1, previous) }
            for number in first..<first + 20 {
                let (subject, nonce) = ("họp-\(number)", AuditEntry.nonce())
                let entry = AuditEntry(
                    number: number, at: "2026-11-27T08:00:00.000+07:00", by: "lan", action: "sign in",
                    subject: AuditEntry.digest(of: subject, nonce: nonce), previous: previous)
                previous = entry.hash
                lines.append(AuditLine(entry, subject: subject, nonce: nonce))
                if [8, 15, 20].contains(number - first + 1) { try sign(.head, number, entry.hash) }
            }
        }

        func report(_ witness: AuditInspection.Witness = .init()) -> AuditReport {
            var inspection = AuditInspection(trusting: trusted)
            for line in lines { inspection.add(line: line.data.dropLast()) }
            for head in heads { inspection.add(line: AuditLine(head).data.dropLast()) }
            return inspection.report(witness, endsSigned: true)
        }

        /// What was found, with the entries that it is about.
        func found(_ witness: AuditInspection.Witness = .init()) -> Set<String> {
            Set(report(witness).findings.map { "\($0.kind.rawValue) \($0.from ?? 0)-\($0.to ?? 0)" })
        }

        func entry(_ index: Int) throws -> AuditEntry {
            try JSONDecoder().decode(AuditEntry.self, from: Data(try #require(lines[index].entry).utf8))
        }

        mutating func change(_ index: Int, _ change: (inout AuditEntry) -> Void) throws {
            var entry = try entry(index)
            change(&entry)
            lines[index].entry = entry.text
        }
    }

    @Test func whatNobodyTouchedIsWhole() throws {
        let report = try Log().report()
        #expect(report.isWhole, "\(report.findings)")
        #expect(report.first == 1 && report.last == 20 && report.signedTo == 20 && report.entries == 20)
    }

    @Test func aChangedEntryIsNamed() throws {
        var log = try Log()
        try log.change(4) { $0.by = "minh" }
        #expect(log.found() == ["changed 5-5"])
        var last = try Log()
        try last.change(19) { $0.at = "2026-11-26T08:00:00.000+07:00" }
        #expect(last.found() == ["changed 16-20", "unsigned 16-20"])
        var first = try Log()
        try first.change(0) { $0.previous = String(repeating: "1", count: 64) }
        #expect(first.found() == ["changed 1-1"])
    }

    @Test func aChainThatWasMadeAnewIsNotWhatWasSigned() throws {
        var log = try Log()
        var previous = try log.entry(3).hash
        for index in 4..<20 {
            try log.change(index) {
                $0.by = "minh"
                $0.previous = previous
            }
            previous = try log.entry(index).hash
        }
        #expect(log.found() == ["changed 1-8", "changed 1-15", "changed 1-20", "unsigned 1-20"])
    }

    @Test func removedEntriesAreNamed() throws {
        var log = try Log()
        log.lines.removeSubrange(9..<12)
        #expect(log.found() == ["removed 10-12"])
        var signed = try Log()
        signed.lines.remove(at: 7)
        #expect(signed.found() == ["removed 8-8"])
    }

    @Test func insertedEntriesAreNamed() throws {
        var log = try Log()
        var forged = try log.entry(4)
        forged.by = "minh"
        log.lines.insert(AuditLine(forged, subject: nil, nonce: nil), at: 5)
        #expect(log.found().contains("inserted 5-5"))
        // With a number of its own and the right hash of the one before, all behind it moved on.
        var other = try Log()
        var between = try other.entry(5)
        between.previous = try other.entry(4).hash
        between.by = "minh"
        for index in 5..<20 { try other.change(index) { $0.number += 1 } }
        other.lines.insert(AuditLine(between, subject: nil, nonce: nil), at: 5)
        #expect(!other.report().isWhole)
        #expect(other.found().contains("inserted 6-6"), "the 7th, which was the 6th, follows the 5th: \(other.found())")
    }

    @Test func movedEntriesAreNamed() throws {
        var log = try Log()
        log.lines.swapAt(3, 4)
        #expect(log.found() == ["reordered 4-4"])
    }

    @Test func anEndThatIsCutOffIsNamed() throws {
        var log = try Log()
        log.lines.removeLast(3)
        #expect(log.found() == ["cut-off 18-20", "unsigned 16-17"])
        // Its signature as well: nothing stands for the end, and who knew it says what is missing.
        let newest = try #require(log.heads.last)
        log.heads.removeLast()
        #expect(log.found() == ["unsigned 16-17"])
        #expect(log.found(.init(heads: [newest])) == ["cut-off 18-20", "unsigned 16-17"])
        let all = try Log()
        let tip = (number: Int64(22), hash: String(repeating: "a", count: 64))
        #expect(all.found(.init(tip: tip)) == ["cut-off 21-22"])
        var none = try Log()
        none.lines = []
        #expect(none.found().contains("cut-off 1-20"))
    }

    @Test func whatWasCutWithASignatureLeavesAWholeLog() throws {
        let hash = String(repeating: "c", count: 64)
        let log = try Log(from: 501, previous: hash, cut: true)
        #expect(log.report().isWhole, "\(log.report().findings)")
        #expect(log.report().cutTo == 500 && log.report().first == 501)
        var more = log
        more.lines.removeFirst(2)
        #expect(more.found() == ["beginning-missing 501-502"])
        var unsigned = log
        unsigned.heads.removeFirst()
        #expect(unsigned.found().isSuperset(of: ["beginning-missing 1-500", "head-missing 0-0"]))
    }

    @Test func headsThatAreForgedOrMissingAreNamed() throws {
        var log = try Log()
        log.heads.remove(at: 1)
        #expect(log.found() == ["head-missing 0-0"])
        var forged = try Log()
        forged.heads[2].document = forged.heads[2].document.replacingOccurrences(of: ":20,", with: ":19,")
        #expect(forged.found().contains("bad-signature 0-0"))
        var stranger = try Log()
        stranger.trusted = try Log().trusted
        #expect(stranger.found() == ["bad-signature 0-0", "unsigned 1-20"])
    }

    @Test func whatAnEntryIsAboutIsProvedWhereItIsTold() throws {
        var log = try Log()
        log.lines[6].subject = "khác"
        #expect(log.found() == ["subject-changed 7-7"])
        log = try Log()
        log.lines[6].subject = nil
        log.lines[6].nonce = nil
        #expect(log.report().isWhole && log.report().withheld == 1)
    }

    @Test func whatIsNoLogIsNoTrap() throws {
        var inspection = AuditInspection(trusting: "")
        for text in [
            "", "{}", "[1]", #"{"entry":"{}"}"#, #"{"head":"x","signature":"y"}"#, #"{"entry":"","head":""}"#, "\u{0}",
        ] {
            inspection.add(line: Data(text.utf8))
        }
        let whole = try #require(try Log().lines.first?.entry)
        inspection.add(entry: whole + " ", subject: nil, nonce: nil)
        var extreme = try JSONDecoder().decode(AuditEntry.self, from: Data(whole.utf8))
        for number: Int64 in [.max, .min, 0, -1] {
            extreme.number = number
            inspection.add(extreme, subject: nil, nonce: nil)
        }
        let report = inspection.report(endsSigned: true)
        #expect(!report.isWhole)
    }

    /// With nothing but Python and openssl, by the words of docs/audit.md.
    @Test func othersVerifyByTheDocumentsProgram() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/audit.md").standardizedFileURL
        let text = try String(contentsOf: page, encoding: .utf8)
        let program = try #require(
            text.components(separatedBy: "```python\n").dropFirst().first?.components(separatedBy: "\n```").first)
        let folder = NSTemporaryDirectory() + "audit-others-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(program.utf8).write(to: URL(fileURLWithPath: folder + "/verify-audit.py"))
        func verdict(_ log: Log) throws -> Int32 {
            let data = (log.lines + log.heads.map { AuditLine($0) }).reduce(into: Data()) { $0 += $1.data }
            try data.write(to: URL(fileURLWithPath: folder + "/audit.jsonl"))
            try Data(log.trusted.utf8).write(to: URL(fileURLWithPath: folder + "/seal.pub.pem"))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = [folder + "/verify-audit.py", folder + "/audit.jsonl", folder + "/seal.pub.pem"]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(try verdict(try Log()) == 0)
        #expect(try verdict(try Log(from: 501, previous: String(repeating: "c", count: 64), cut: true)) == 0)
        var changed = try Log()
        try changed.change(4) { $0.by = "minh" }
        #expect(try verdict(changed) != 0)
        var cut = try Log()
        cut.lines.removeLast(2)
        #expect(try verdict(cut) != 0)
        var shown = try Log()
        shown.lines[3].subject = "khác"
        #expect(try verdict(shown) != 0)
        var stranger = try Log()
        stranger.trusted = try Log().trusted
        #expect(try verdict(stranger) != 0)
    }
}
