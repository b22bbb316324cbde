import Archive
import Dossier
import Evidence
import Foundation
import Preservation
import Vietnamese

extension Dossier {
    private static let longestSeal = 64 << 20

    /// What the seal of a package says: who signed and when. The information sign has 30 characters, so it names the signature shortly,
    /// the note says it in words, and the archive's package has it as an event. Nothing where there is no seal of a bag.
    mutating func takeSeal(of meeting: MeetingRecord, in directory: String) {
        guard let sealedAt = meeting.sealedAt,
            let pem = try? FileDigest.contents(of: directory + "/" + SealedPackage.signer, limit: 1 << 20),
            let signer = SealSigner(pem: String(decoding: pem, as: UTF8.self)),
            let data = try? FileDigest.contents(of: directory + "/" + SealedPackage.sealName, limit: Self.longestSeal),
            let seal = try? SealDocument(parsing: data)
        else { return }
        let day = IndochinaTime.day(sealedAt).split(separator: "-").reversed().joined(separator: "/")
        informationSign = "\(signer.subject == nil ? "Ed25519" : "CMS") \(signer.fingerprint.prefix(8)) \(day)"
        let who = signer.subject.map { "chứng thư số \($0)" } ?? "khóa của lưu trữ (Ed25519)"
        let stamp = meeting.timeStamp == .there ? ", có dấu thời gian RFC 3161" : ""
        let words =
            "Ký số bằng \(who), SHA-256 \(signer.fingerprint), lúc \(seal.sealedAt)\(stamp); gốc Merkle \(seal.merkleRoot)."
        note = [note, words].compactMap { $0 }.joined(separator: " ")
        agents.append(
            PreservationAgent(
                id: "signer", kind: signer.subject == nil ? .software : .organization,
                name: signer.subject ?? "Ed25519 \(signer.fingerprint)"))
        events.append(
            PreservationEvent(
                type: "digital signature generation", at: sealedAt, detail: words, outcome: "success",
                agents: [
                    PreservationEvent.Link("causeway", role: "executing program"),
                    PreservationEvent.Link("signer", role: "implementer"),
                ]))
        takeTimeStamp(in: directory)
    }

    /// The time that an authority stamped on the signature.
    private mutating func takeTimeStamp(in directory: String) {
        func file(_ name: String) -> Data? { try? FileDigest.contents(of: directory + "/" + name, limit: 1 << 20) }
        guard let stamp = file(SealedPackage.timeStamp),
            let signature = file(SealedPackage.cmsSignature) ?? file(SealedPackage.signature),
            let time = try? TimeStamp.verify(stamp, of: signature, authorities: "")
        else { return }
        agents.append(
            PreservationAgent(id: "time-stamp-authority", kind: .organization, name: "Tổ chức cấp dấu thời gian"))
        events.append(
            PreservationEvent(
                type: "digital signature generation", at: time, detail: "dấu thời gian RFC 3161 của chữ ký số",
                outcome: "success", agents: [PreservationEvent.Link("time-stamp-authority", role: "implementer")]))
    }
}
