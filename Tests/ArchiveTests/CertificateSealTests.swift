import Evidence
import Foundation
import Synchronization
import Testing

@testable import Archive

/// Seals by a certificate, and time stamps by an authority of our own.
@Suite(.enabled(if: isInstalled("openssl"), "openssl is missing"))
struct CertificateSealTests {
    /// A root, a signer below an intermediate authority, and a time stamp authority, made by openssl.
    private struct Authorities {
        let directory: String

        init() throws {
            directory = try Workshop().root
            let made = try shell(
                """
                set -e
                issue() { openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -CAcreateserial -days 3650 -out $1.crt -extfile $1.ext; }
                openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=root -days 3650 -out root.crt
                for name in middle signer tsa; do openssl req -newkey rsa:2048 -nodes -keyout $name.key -subj /CN=$name -out $name.csr; done
                echo 'basicConstraints=critical,CA:true' > middle.ext
                echo 'keyUsage=digitalSignature' > signer.ext
                echo 'extendedKeyUsage=critical,timeStamping' > tsa.ext
                issue middle root; issue signer middle; issue tsa root
                cat signer.crt middle.crt > chain.pem
                openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -subj /CN=other -days 3650 -out other.crt
                echo 1000 > serial
                cat > tsa.cnf <<END
                [tsa]
                default_tsa = tsa1
                [tsa1]
                serial = serial
                signer_cert = tsa.crt
                signer_key = tsa.key
                certs = root.crt
                default_policy = 1.2.3.4.1
                digests = sha256
                signer_digest = sha256
                ess_cert_id_alg = sha256
                END
                """, in: directory)
            #expect(made.status == 0, "\(made.output)")
        }

        func text(_ name: String) throws -> String {
            try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
        }

        var certificate: SealingSettings.Certificate {
            get throws { .init(chain: try text("chain.pem"), key: try text("signer.key")) }
        }

        /// Answers a request as an authority does.
        func stamp(_ request: Data) throws -> Data {
            let name = UUID().uuidString
            try request.write(to: URL(fileURLWithPath: directory + "/\(name).tsq"))
            let answer = try shell(
                "openssl ts -reply -config tsa.cnf -queryfile \(name).tsq -out \(name).tsr", in: directory)
            guard answer.status == 0 else { throw EvidenceError.notValid(reason: answer.output) }
            return try Data(contentsOf: URL(fileURLWithPath: directory + "/\(name).tsr"))
        }
    }

    private func inspect(
        _ archive: Archive, _ meeting: MeetingRecord, _ signers: String, stamps: String = ""
    ) throws -> PackageInspection {
        try PackageInspection(
            of: archive.paths(of: meeting).directory, trusting: .init(signers: signers, timeStampAuthorities: stamps))
    }

    @Test func aCertificateSignsAndItsChainIsBelieved() async throws {
        let authorities = try Authorities()
        let archive = try Workshop().open(sealing: SealingSettings(certificate: try authorities.certificate))
        let (meeting, _) = try await archive.recordedMeeting()
        #expect(try await archive.verify(meeting.id).isIntact)
        let key = try shell("openssl x509 -in signer.crt -noout -pubkey", in: authorities.directory).output
        for trusted in [try authorities.text("root.crt"), try authorities.text("signer.crt"), key] {
            let findings = try inspect(archive, meeting, trusted).findings
            #expect(findings.isEmpty, "\(findings)")
        }
        for stranger in [try authorities.text("other.crt"), archive.publicKey, ""] {
            #expect(try inspect(archive, meeting, stranger).findings.map(\.kind) == [.signature])
        }
        // Once the certificate is not configured any more, what it sealed is still believed.
        try archive.close()
        let later = try Archive(root: archive.root)
        #expect(try await later.verify(meeting.id).isIntact)
        let checked = try shell(
            "set -e\nCA='\(authorities.directory)/root.crt'\n" + EvidenceDocumentTests.commands("sh certificate"),
            in: archive.paths(of: meeting).directory)
        #expect(checked.status == 0, "\(checked.output)")
        try tamper(archive.paths(of: meeting).directory + "/seal/seal.p7s") { $0[$0.count - 20] ^= 1 }
        #expect(try inspect(archive, meeting, key).findings.map(\.kind) == [.signature])
    }

    @Test func aCertificateWithoutItsKeyIsRefusedAtTheStart() throws {
        let authorities = try Authorities()
        let root = try Workshop().root
        let wrong = SealingSettings.Certificate(
            chain: try authorities.text("chain.pem"), key: try authorities.text("other.key"))
        #expect(throws: ArchiveError.self) { try Archive(root: root, sealing: SealingSettings(certificate: wrong)) }
    }

    @Test func anAuthorityThatIsDownDelaysNothingAndIsAskedAgain() async throws {
        let authorities = try Authorities()
        final class Line: Sendable { let isUp = Mutex(false) }
        let line = Line()
        let service = TimeStampService(authorities: try authorities.text("root.crt")) { request in
            guard line.isUp.withLock({ $0 }) else { throw URLError(.cannotConnectToHost) }
            return try authorities.stamp(request)
        }
        let archive = try Workshop().open(
            sealing: SealingSettings(certificate: try authorities.certificate, timeStamps: service))
        let (meeting, _) = try await archive.recordedMeeting()
        #expect(try await archive.stampSeals() == 0)
        #expect(try await archive.stampSeals() == 0)
        let notes = try await archive.details(of: meeting.id).notes
        #expect(notes.map(\.severity) == [.warning] && notes.first?.text.contains("time stamp") == true, "\(notes)")
        #expect(try await archive.verify(meeting.id).isIntact)

        line.isUp.withLock { $0 = true }
        #expect(try await archive.stampSeals() == 1)
        #expect(try await archive.stampSeals() == 0)
        #expect(try await archive.verify(meeting.id).isIntact)
        let inspection = try inspect(
            archive, meeting, try authorities.text("root.crt"), stamps: try authorities.text("root.crt"))
        #expect(inspection.isIntact, "\(inspection.findings)")
        #expect(abs(try #require(inspection.stampedAt).timeIntervalSinceNow) < 300)
        let stranger = try inspect(
            archive, meeting, try authorities.text("root.crt"), stamps: try authorities.text("other.crt"))
        #expect(stranger.findings.map(\.kind) == [.timeStamp])
        let checked = try shell(
            "set -e\nTSA='\(authorities.directory)/root.crt'\n" + EvidenceDocumentTests.commands("sh stamp"),
            in: archive.paths(of: meeting).directory)
        #expect(checked.status == 0, "\(checked.output)")
    }

    @Test func eachSealIsStampedOnceHoweverManyAskForIt() async throws {
        let authorities = try Authorities()
        let asked = Counter()
        let service = TimeStampService(authorities: try authorities.text("root.crt")) { request in
            asked.add()
            return try authorities.stamp(request)
        }
        let archive = try Workshop().open(sealing: SealingSettings(timeStamps: service))
        for tail in ["aaaa", "bbbb", "cccc"] { _ = try await archive.recordedMeeting(.sample(tail), clusters: 4) }
        let stamped = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await archive.stampSeals() } }
            return try await group.reduce(0, +)
        }
        #expect(stamped == 3 && asked.count == 3)
        for listing in try await archive.list(MeetingQuery()).meetings {
            #expect(listing.meeting.timeStamp == .there)
            #expect(try await archive.verify(listing.meeting.id).isIntact)
        }
    }

    @Test func aStampForAnotherRequestIsNotTaken() async throws {
        let authorities = try Authorities()
        let service = TimeStampService(authorities: try authorities.text("root.crt")) { _ in
            try authorities.stamp(try TimeStamp.request(for: Data("other".utf8), nonce: 1))
        }
        let archive = try Workshop().open(sealing: SealingSettings(timeStamps: service))
        let (meeting, _) = try await archive.recordedMeeting()
        #expect(try await archive.stampSeals() == 0)
        #expect(try await archive.details(of: meeting.id).notes.count == 1)
        #expect(!FileManager.default.fileExists(atPath: archive.paths(of: meeting).directory + "/seal/seal.tsr"))
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    func add() { value.withLock { $0 += 1 } }
    var count: Int { value.withLock { $0 } }
}
