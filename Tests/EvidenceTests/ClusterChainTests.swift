import Foundation
import Matroska
import Testing

@testable import Evidence

@Suite struct ClusterChainTests {
    private func text(_ count: Int, end: ChainEnd = .finished) -> String {
        var chain = ClusterChain(meeting: "m-1")
        var text = ClusterChainRecord.header("m-1")
        for index in 0..<count {
            let place = ClusterPlace(
                offset: UInt64(1_000 + index * 500), length: 500, milliseconds: Int64(index * 250))
            text += ClusterChainRecord.line(chain.append(place, hash: Hex.sha256(Data("cluster \(index)".utf8))))
        }
        return text + (ClusterChainRecord.endLine(end, chain) ?? "")
    }

    @Test(arguments: [ChainEnd.finished, .recovered(from: 3), .open])
    func whatIsWrittenIsRead(end: ChainEnd) throws {
        let record = try #require(ClusterChainRecord(parsing: Data(text(20, end: end).utf8)))
        #expect(record.meeting == "m-1" && record.end == end && record.brokenAt == nil)
        #expect(record.clusters.map(\.place.milliseconds) == (0..<20).map { Int64($0 * 250) })
        #expect(record.chain.count == 20 && record.clusters.last?.link == record.chain.head)
    }

    /// As the README and docs/evidence.md have it, by another's SHA-256.
    @Test func anybodyCanComputeItWithSha256sum() throws {
        let record = try #require(ClusterChainRecord(parsing: Data(text(3).utf8)))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            link=$(head -n 1 | sha256sum | cut -c1-64)
            while read -r offset length time hash written; do
                [ "$offset" = end ] && break
                link=$(printf '%s %s %s %s %s\\n' "$link" "$hash" "$offset" "$length" "$time" | sha256sum | cut -c1-64)
                [ "$link" = "$written" ] || exit 1
            done
            printf %s "$link"
            """.replacingOccurrences(of: "head -n 1", with: "IFS= read -r first; printf '%s\\n' \"$first\""),
        ]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data(text(3).utf8))
        try input.fileHandleForWriting.close()
        let head = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && head == record.chain.head)
    }

    @Test func aChangedLineIsNamed() throws {
        var random = SystemRandomNumberGenerator()
        let lines = text(30).split(separator: "\n").map(String.init)
        for number in 1..<lines.count {
            var changed = lines
            var bytes = Array(changed[number].utf8)
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = bytes[place] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
            changed[number] = String(decoding: bytes, as: UTF8.self)
            let record = ClusterChainRecord(parsing: Data((changed.joined(separator: "\n") + "\n").utf8))
            #expect(record?.brokenAt == number + 1, "\(lines[number]) → \(changed[number])")
        }
    }

    @Test func aLineTakenOutOrTwoSwappedAreNamed() throws {
        let lines = text(10).split(separator: "\n").map(String.init)
        for number in 1..<10 {
            var changed = lines
            changed.remove(at: number)
            #expect(
                ClusterChainRecord(parsing: Data((changed.joined(separator: "\n") + "\n").utf8))?.brokenAt == number + 1
            )
            changed = lines
            changed.swapAt(number, number + 1)
            #expect(
                ClusterChainRecord(parsing: Data((changed.joined(separator: "\n") + "\n").utf8))?.brokenAt == number + 1
            )
        }
    }

    @Test func aTornLastLineLeavesWhatIsBeforeIt() throws {
        let whole = Data(text(10, end: .open).utf8)
        for cut in 1..<60 {
            let record = try #require(ClusterChainRecord(parsing: whole.prefix(whole.count - cut)))
            #expect(record.clusters.count == 9 && record.end == .open)
        }
    }

    @Test func randomOctetsNeverTrap() {
        var random = SystemRandomNumberGenerator()
        let whole = Data(text(10).utf8)
        for _ in 0..<2_000 {
            var data = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                data[Int.random(in: 0..<data.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = ClusterChainRecord(parsing: data.prefix(Int.random(in: 0...data.count, using: &random)))
        }
    }
}

@Suite struct LedgerTests {
    private func ledger(_ count: Int) -> Ledger {
        var ledger = Ledger()
        for index in 0..<count {
            ledger.append(
                LedgerEntry(
                    number: Int64(index + 1), at: "2026-11-24T09:30:00.000+07:00", kind: .sealed, meeting: "m-\(index)",
                    package: "packages/2026/m-\(index)", seal: Hex.sha256(Data("seal \(index)".utf8)),
                    merkleRoot: Hex.sha256(Data("root \(index)".utf8)), note: index == 2 ? "ghi chú \"hai\"" : nil,
                    previous: ledger.head))
        }
        return ledger
    }

    private func data(_ ledger: Ledger) -> Data { ledger.entries.reduce(into: Data()) { $0 += $1.line } }

    @Test func whatIsWrittenIsRead() {
        let ledger = ledger(10)
        #expect(Ledger(parsing: data(ledger)) == ledger && ledger.entries.count == 10)
    }

    @Test func anEntryThatDoesNotFollowIsRefused() {
        var ledger = ledger(3)
        let head = ledger.head
        var entry = ledger.entries[2]
        let again = ledger.append(entry)
        entry.number = 4
        let renumbered = ledger.append(entry)
        #expect(!again && !renumbered)
        #expect(ledger.head == head)
    }

    /// A change inside a line breaks the next one; of the last line, only what names it can show it.
    @Test func anyChangedTakenOutOrSwappedLineShows() {
        let whole = ledger(8)
        let lines = data(whole).split(separator: UInt8(ascii: "\n")).map { Data($0) + [UInt8(ascii: "\n")] }
        func parsed(_ lines: [Data]) -> Ledger { Ledger(parsing: lines.reduce(Data(), +)) }
        for number in 0..<7 {
            for place in stride(from: 0, to: lines[number].count - 1, by: 7) {
                var changed = lines
                changed[number][place] ^= 1
                let broken = parsed(changed).brokenAt
                #expect(broken == number + 1 || broken == number + 2, "line \(number + 1), octet \(place)")
            }
            var changed = lines
            changed.remove(at: number)
            #expect(parsed(changed).brokenAt == number + 1)
            changed = lines
            changed.swapAt(number, number + 1)
            #expect(parsed(changed).brokenAt == number + 1)
        }
        var last = lines
        last[7][last[7].count - 70] ^= 1
        #expect(parsed(last).brokenAt != nil || parsed(last).head != whole.head)
    }
}

@Suite struct CanonicalJSONTests {
    @Test func namesAreInOrderAndTextsHaveOneSpelling() {
        let value = CanonicalJSON.object([
            "b": .array([.integer(-1), .string("\u{1}\n\"\\/é")]), "a": .string("Họp"), "Z": .integer(.max),
        ])
        #expect(
            value.text == "{\"Z\":9223372036854775807,\"a\":\"Họp\",\"b\":[-1,\"\\u0001\\n\\\"\\\\/é\"]}")
    }

    @Test func aSealIsReadAsItIsWritten() throws {
        let files = ["b", "a/ž", "a\"\u{7f}\n"].map {
            SealDocument.File(
                path: $0, size: 3, sha256: Hex.sha256(Data($0.utf8)), sha512: String(repeating: "0", count: 128),
                mime: "text/plain", madeBy: "máy", madeAt: nil)
        }
        let seal = SealDocument(
            meeting: "m", sealedAt: "2026-11-24T09:30:00.000+07:00", files: files, master: nil,
            ledgerPrevious: Ledger.genesis)
        #expect(try SealDocument(parsing: seal.data) == seal)
        #expect(throws: EvidenceError.self) { try SealDocument(parsing: seal.data + [0x20]) }
    }
}
