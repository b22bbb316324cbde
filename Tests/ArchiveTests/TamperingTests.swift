import Evidence
import Foundation
import Matroska
import Testing

@testable import Archive

/// Whatever is done to a sealed package shows, and where: to the archive, and to anybody with the package and the key alone.
@Suite struct TamperingTests {
    private struct Site {
        let archive: Archive
        let meeting: MeetingRecord
        let clusters: [ClusterPlace]
        var directory: String { archive.paths(of: meeting).directory }
        var master: String { archive.paths(of: meeting).master }

        init() async throws {
            archive = try Workshop().open()
            (meeting, clusters) = try await archive.recordedMeeting()
        }

        func inspect(withLedger: Bool = true) throws -> PackageInspection {
            try PackageInspection(
                of: directory,
                trusting: .init(signers: archive.publicKey, ledger: withLedger ? try archive.ledgerCopy() : nil))
        }

        /// What is found, the files' own verdicts left out.
        func found() throws -> [PackageFinding] {
            try inspect().findings.filter { ![.changed, .missing, .extra].contains($0.kind) }
        }
    }

    /// Where the last cluster ends nothing says; a second is the longest there are.
    private func range(_ cluster: Int) -> ClosedRange<Int64> {
        let start = Int64(cluster) * 250
        return start...start + (cluster == 39 ? 1_000 : 250)
    }

    @Test func anUntouchedPackageIsProvedByTheKeyAlone() async throws {
        let site = try await Site()
        let inspection = try site.inspect(withLedger: false)
        #expect(inspection.findings.isEmpty, "\(inspection.findings)")
        #expect(inspection.seal?.meeting == site.meeting.id && inspection.chainEnd == .finished)
        #expect(inspection.seal?.master?.clusters == 40)
        #expect(try site.inspect().isIntact)
        #expect(try await site.archive.verify(site.meeting.id).isIntact)
    }

    @Test func aFlippedBitInAClusterIsLocatedToItsTime() async throws {
        let site = try await Site()
        for cluster in [0, 17, 39] {
            let place = site.clusters[cluster]
            // Its identifier, its size, its checksum, its content, its last octet.
            for offset in [0, 7, 13, place.length / 2, place.length - 1] {
                let flip: (inout Data) -> Void = { $0[Int(place.offset + offset)] ^= 0x04 }
                try tamper(site.master, flip)
                let found = try site.found()
                #expect(
                    found.map(\.kind) == [.clusterChanged] && found.first?.milliseconds == range(cluster),
                    "cluster \(cluster), octet \(offset): \(found)")
                try tamper(site.master, flip)
            }
        }
        #expect(try site.inspect().isIntact)
    }

    @Test func anyFlippedOctetOfTheMasterIsLocated() async throws {
        let site = try await Site()
        var random = SystemRandomNumberGenerator()
        let original = try Data(contentsOf: URL(fileURLWithPath: site.master))
        let end = site.clusters.last.map { Int($0.offset + $0.length) } ?? 0
        for _ in 0..<60 {
            let offset = Int.random(in: 0..<original.count, using: &random)
            let mask = UInt8.random(in: 1...255, using: &random)
            try tamper(site.master) { $0[offset] ^= mask }
            let found = try site.found()
            let cluster = site.clusters.firstIndex {
                (Int($0.offset)..<Int($0.offset + $0.length)).contains(offset)
            }
            if let cluster {
                #expect(
                    found.map(\.kind) == [.clusterChanged] && found.first?.milliseconds == range(cluster),
                    "octet \(offset) ^ \(mask), cluster \(cluster): \(found)")
            } else {
                #expect(
                    found.map(\.kind) == [offset < end ? .masterHead : .masterIndex],
                    "octet \(offset) ^ \(mask): \(found)")
            }
            try tamper(site.master) { $0 = original }
        }
    }

    @Test func damageToHeadAndIndexIsToldApart() async throws {
        let site = try await Site()
        let size = try Data(contentsOf: URL(fileURLWithPath: site.master)).count
        let last = try #require(site.clusters.last)
        for (offset, kind) in [
            (0, PackageFinding.Kind.masterHead), (40, .masterHead), (Int(site.clusters[0].offset) - 1, .masterHead),
            (Int(last.offset + last.length), .masterIndex), (size - 1, .masterIndex),
        ] {
            try tamper(site.master) { $0[offset] ^= 0x10 }
            let found = try site.found()
            #expect(found.map(\.kind) == [kind], "octet \(offset): \(found)")
            try tamper(site.master) { $0[offset] ^= 0x10 }
        }
    }

    @Test func aClusterThatWasCutOutIsNamed() async throws {
        let site = try await Site()
        let place = site.clusters[20]
        try tamper(site.master) { $0.removeSubrange(Int(place.offset)..<Int(place.offset + place.length)) }
        let found = try site.found()
        #expect(found.map(\.kind) == [.clusterMissing] && found.first?.milliseconds == range(20), "\(found)")
        #expect(found.first?.text.contains("0:00:05.000–0:00:05.250") == true)
    }

    @Test func twoSwappedClustersAreNamed() async throws {
        let site = try await Site()
        for (first, second) in [(10, 11), (5, 30)] {
            let original = try Data(contentsOf: URL(fileURLWithPath: site.master))
            let (a, b) = (site.clusters[first], site.clusters[second])
            let (start, end) = (Int(a.offset), Int(b.offset + b.length))
            let former = original[start..<start + Int(a.length)]
            let between = original[start + Int(a.length)..<Int(b.offset)]
            let latter = original[Int(b.offset)..<end]
            var swapped = Data(latter)
            swapped.append(between)
            swapped.append(former)
            try tamper(site.master) { $0.replaceSubrange(start..<end, with: swapped) }
            let found = try site.found()
            #expect(found.map(\.kind) == [.clusterMisplaced, .clusterMisplaced], "\(found)")
            #expect(found.compactMap(\.milliseconds) == [range(first), range(second)])
            try tamper(site.master) { $0 = original }
        }
        #expect(try site.inspect().isIntact)
    }

    @Test func aClusterThatWasPutInASecondTimeIsNamed() async throws {
        let site = try await Site()
        let place = site.clusters[8]
        try tamper(site.master) { data in
            let copy = data[Int(place.offset)..<Int(place.offset + place.length)]
            let end = site.clusters[30]
            data.insert(contentsOf: copy, at: Int(end.offset + end.length))
        }
        let found = try site.found()
        #expect(
            found.map(\.kind) == [.clusterInserted] && found.first?.text.contains("behind cluster 30") == true,
            "\(found)")
    }

    @Test func aRecordingThatWasCutOffIsNamedFromThere() async throws {
        let site = try await Site()
        try tamper(site.master) { $0 = $0.prefix(Int(site.clusters[36].offset)) }
        let found = try site.found()
        #expect(
            found.map(\.kind) == [.clusterMissing, .clusterMissing, .clusterMissing, .clusterMissing, .masterIndex])
        #expect(found.first?.milliseconds == range(36))
    }

    @Test(arguments: [
        "data/access.webm", "data/events.jsonl", "data/reports/report.json", "metadata/meeting.json", "metadata/dc.xml",
        "metadata/premis.xml", "manifest-sha512.txt", "tagmanifest-sha512.txt", "bag-info.txt", "bagit.txt",
        "README.txt", "data/master.chain",
    ])
    func aFlippedBitInAnyOtherFileIsNamed(name: String) async throws {
        let site = try await Site()
        try tamper(site.directory + "/" + name) { $0[$0.count / 2] ^= 0x01 }
        let inspection = try site.inspect(withLedger: false)
        #expect(inspection.findings.contains { $0.kind == .changed && $0.path == name }, "\(inspection.findings)")
        #expect(inspection.findings.allSatisfy { $0.path == name }, "\(inspection.findings)")
        let report = try await site.archive.verify(site.meeting.id)
        #expect(report.damaged.map(\.path) == [name])
    }

    @Test(arguments: ["seal/seal.json", "seal/seal.sig"])
    func aFlippedBitInTheSealOrItsSignatureIsFound(name: String) async throws {
        let site = try await Site()
        try tamper(site.directory + "/" + name) { $0[$0.count / 2] ^= 0x01 }
        #expect(try site.inspect(withLedger: false).findings.contains { [.seal, .signature].contains($0.kind) })
        #expect(try await site.archive.verify(site.meeting.id).damaged.map(\.path) == [name])
    }

    /// Whoever changes a file and makes everything over it anew cannot sign it.
    @Test func aPackageSealedAnewByAnotherKeyIsNotBelieved() async throws {
        let site = try await Site()
        let stranger = try Workshop().open()
        let (forged, _) = try await stranger.recordedMeeting()
        try FileManager.default.removeItem(atPath: site.directory)
        try FileManager.default.copyItem(atPath: stranger.paths(of: forged).directory, toPath: site.directory)
        #expect(try site.inspect(withLedger: false).findings.map(\.kind) == [.signature])
        #expect(try site.inspect().findings.map(\.kind).contains(.ledger))
        #expect(try await !site.archive.verify(site.meeting.id).isIntact)
    }

    @Test func missingAndExtraFilesAreNamed() async throws {
        let site = try await Site()
        unlink(site.directory + "/data/access.webm")
        try Data("x".utf8).write(to: URL(fileURLWithPath: site.directory + "/data/extra.txt"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: site.directory + "/seal/extra.txt"))
        let found = Dictionary(
            uniqueKeysWithValues: try site.inspect().findings.map { ($0.path ?? "", $0.kind) })
        #expect(
            found == ["data/access.webm": .missing, "data/extra.txt": .extra, "seal/extra.txt": .extra], "\(found)")
    }

    @Test func anOlderPackageInThePlaceOfANewerOneIsFoundByTheLedger() async throws {
        let workshop = try Workshop()
        let archive = try workshop.open()
        let (meeting, _) = try await archive.recordedMeeting()
        let directory = archive.paths(of: meeting).directory
        let older = workshop.root + "/older"
        try FileManager.default.copyItem(atPath: directory, toPath: older)
        // Sealed once more, as after a correction.
        try await archive.write { db in
            try db.execute(sql: "UPDATE meetings SET state = 'closed' WHERE id = ?", arguments: [meeting.id])
        }
        try archive.add(
            Data("{\"a\":1}".utf8), as: "reports/report.json", to: try #require(try await archive.find(meeting.id)))
        try await archive.seal(meeting.id)
        #expect(try await archive.verify(meeting.id).isIntact)
        try FileManager.default.removeItem(atPath: directory)
        try FileManager.default.copyItem(atPath: older, toPath: directory)
        let trust = PackageInspection.Trust(signers: archive.publicKey)
        #expect(try PackageInspection(of: directory, trusting: trust).isIntact)
        let found = try PackageInspection(
            of: directory, trusting: .init(signers: archive.publicKey, ledger: try archive.ledgerCopy())
        ).findings
        #expect(found.map(\.kind) == [.replaced] && found.first?.text.contains("(entry 1)") == true, "\(found)")
        let report = try await archive.verify(meeting.id)
        #expect(report.findings.map(\.kind) == [.replaced] && report.damaged.contains { $0.path == "seal/seal.json" })
    }

    @Test func aPackageThatTheLedgerSaysIsDestroyedIsFound() async throws {
        let site = try await Site()
        var ledger = try site.archive.ledgerCopy()
        let sealed = try #require(ledger.entries.last)
        let isNext = ledger.append(
            LedgerEntry(
                number: 2, at: sealed.at, kind: .destroyed, meeting: sealed.meeting, package: sealed.package,
                seal: sealed.seal, merkleRoot: sealed.merkleRoot, previous: ledger.head))
        #expect(isNext)
        let inspection = try PackageInspection(
            of: site.directory, trusting: .init(signers: site.archive.publicKey, ledger: ledger))
        #expect(inspection.findings.map(\.kind) == [.ledger], "\(inspection.findings)")
    }

    @Test func aChangedLedgerIsFound() async throws {
        let site = try await Site()
        let (other, _) = try await site.archive.recordedMeeting(.sample("zzzz"))
        let ledger = site.archive.root + "/ledger.jsonl"
        let text = try String(contentsOfFile: ledger, encoding: .utf8)
        try tamper(ledger) { $0 = Data(text.replacingOccurrences(of: "\"number\":1", with: "\"number\":9").utf8) }
        #expect(try await site.archive.verify(site.meeting.id).findings.map(\.kind).contains(.ledger))
        // A last line that is gone leaves a ledger that holds together; the catalogue knows better.
        try tamper(ledger) { $0 = Data((text.split(separator: "\n").dropLast().joined(separator: "\n") + "\n").utf8) }
        let found = try await site.archive.verify(other.id).findings
        #expect(found.map(\.kind) == [.ledger, .ledger], "\(found)")
        #expect(found.last?.text.contains("entry 2") == true)
        // The next start puts it right.
        try site.archive.close()
        let again = try Archive(root: site.archive.root)
        #expect(try String(contentsOfFile: ledger, encoding: .utf8) == text)
        #expect(try await again.verify(other.id).isIntact)
    }

    @Test func aChainThatItsRecorderDidNotEndIsCompletedAndSaysSo() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.openMeeting(.sample())
        let master = archive.paths(of: meeting).master
        try RecordedMaster.write(to: master, meeting: meeting.id, clusters: 20, isFinished: false)
        let chain = ClusterChainFile.path(of: master)
        // The last line torn, the one before it lost.
        try tamper(chain) { data in
            let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
            data = Data((lines.prefix(18).joined(separator: "\n") + "\n" + lines[19].prefix(30)).utf8)
        }
        _ = try MatroskaRecovery.recover(path: master)
        try await archive.closeMeeting(meeting.id, at: morning)
        try await archive.seal(meeting.id)
        let inspection = try PackageInspection(
            of: archive.paths(of: meeting).directory, trusting: .init(signers: archive.publicKey))
        #expect(inspection.isIntact, "\(inspection.findings)")
        #expect(inspection.chainEnd == .recovered(from: 17) && inspection.seal?.master?.clusters == 20)
    }
}
