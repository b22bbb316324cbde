import Evidence
import Foundation
import Vietnamese

/// What is left to say of a meeting that was destroyed: canonical JSON (RFC 8785), signed as seals are, and a text for people.
struct DestructionCertificate {
    static let folder = "destruction/"
    static let name = folder + "certificate.json"
    static let textName = folder + "certificate.txt"
    private static let format = "causeway-destruction/1"

    let meeting: MeetingRecord
    let proposal: DestructionProposal
    /// As they were when it was approved.
    let classCode: String
    let classNames: String
    let keptUntil: String
    /// SHA-256 of the seal, or of the manifest of a package of the first version, and the root that the seal states.
    let seal: String
    let merkleRoot: String
    let files: Int
    let octets: Int64
    /// What the Office kept besides.
    let papers: [KeptPaper]
    let settings: SealingSettings

    private var endedYear: Int { RetentionClock(endedAt: meeting.closedAt ?? meeting.openedAt).endedYear }

    var document: Data {
        var members: [String: CanonicalJSON] = [
            "format": .string(Self.format), "meeting": .string(meeting.id), "package": .string(meeting.package),
            "title": .string(meeting.title), "room": .string(meeting.room),
            "openedAt": .string(IndochinaTime.text(meeting.openedAt)), "seal": .string(seal),
            "merkleRoot": .string(merkleRoot),
            "payload": .object(["files": .integer(Int64(files)), "octets": .integer(octets)]),
            "retention": .object([
                "class": .string(classCode), "names": .string(classNames), "endedYear": .integer(Int64(endedYear)),
                "keptUntil": .string(keptUntil),
            ]),
            "proposal": .object([
                "number": .integer(proposal.id), "reason": .string(proposal.reason),
                "by": Self.json(proposal.proposer), "at": .string(IndochinaTime.text(proposal.proposedAt)),
            ]),
            "software": .string(settings.software), "textSHA256": .string(Hex.sha256(Data(text.utf8))),
        ]
        members["convener"] = meeting.convener.map { .string($0) }
        members["document"] = meeting.document.map { .string($0) }
        members["closedAt"] = meeting.closedAt.map { .string(IndochinaTime.text($0)) }
        members["sealedAt"] = meeting.sealedAt.map { .string(IndochinaTime.text($0)) }
        if !settings.organization.isEmpty { members["organization"] = .string(settings.organization) }
        if !papers.isEmpty {
            members["papers"] = .array(
                papers.map {
                    .object([
                        "name": .string($0.name), "octets": .integer($0.octets), "sha256": .string($0.sha256),
                    ])
                })
        }
        if let reviewer = proposal.reviewer, let at = proposal.reviewedAt {
            members["review"] = .object([
                "by": Self.json(reviewer), "at": .string(IndochinaTime.text(at)),
                "document": .string(proposal.verdict ?? ""),
            ])
        }
        return CanonicalJSON.object(members).data
    }

    private static func json(_ officer: RetentionOfficer) -> CanonicalJSON {
        .object(["id": .string(officer.id), "name": .string(officer.name)])
    }

    /// One a line.
    private var paperLines: String {
        papers.map { "\n  \($0.name), \($0.octets) byte, SHA-256 \($0.sha256)" }.joined()
    }

    var text: String {
        let reviewed = proposal.reviewedAt.map(IndochinaTime.text) ?? ""
        let proposed = IndochinaTime.text(proposal.proposedAt)
        let reviewer = proposal.reviewer.map { "\($0.name) (\($0.id))" } ?? ""
        let proposer = "\(proposal.proposer.name) (\(proposal.proposer.id))"
        let held = IndochinaTime.text(meeting.openedAt)
        return """
            GIẤY CHỨNG NHẬN HỦY TÀI LIỆU
            \(settings.organization)
            Cuộc họp: \(meeting.title)
            Mã hồ sơ: \(meeting.id)
            Thời gian họp: \(held)
            Văn bản triệu tập: \(meeting.document ?? "không có")
            Thời hạn lưu trữ: \(classCode), \(classNames); tính từ năm \(endedYear), hết hạn ngày \(keptUntil)
            Người đề nghị hủy: \(proposer), \(proposed)
            Lý do: \(proposal.reason)
            Người thẩm tra, đồng ý hủy: \(reviewer), \(reviewed)
            Quyết định: \(proposal.verdict ?? "")
            Đã hủy: \(files) tệp, \(octets) byte. Danh mục tệp và dấu niêm phong còn được giữ lại.
            Tài liệu của cuộc họp do Văn phòng giữ, cùng hủy: \(papers.count) tệp.\(paperLines)
            Gốc cây Merkle của dấu niêm phong: \(merkleRoot)
            SHA-256 của dấu niêm phong: \(seal)
            Bản sao đã giao cho cơ quan khác và bản sao lưu ngoài kho này không thuộc giấy này.

            CERTIFICATE OF DESTRUCTION
            \(settings.organization)
            Meeting: \(meeting.title)
            File code: \(meeting.id)
            Held: \(held)
            Convening document: \(meeting.document ?? "none")
            Retention: \(classCode), \(classNames); from the year \(endedYear), ended on \(keptUntil)
            Destruction proposed by: \(proposer), \(proposed)
            Reason: \(proposal.reason)
            Reviewed and approved by: \(reviewer), \(reviewed)
            Decision: \(proposal.verdict ?? "")
            Destroyed: \(files) files, \(octets) octets. The list of the files and their seal are kept.
            Papers of the meeting that the Office kept, destroyed with it: \(papers.count) files.\(paperLines)
            Merkle root of the seal: \(merkleRoot)
            SHA-256 of the seal: \(seal)
            Copies given to other agencies, and backups outside of this archive, are not covered.

            """
    }

    /// Writes both and the signature of the JSON, in an order in which the JSON is the last; returns its SHA-256.
    func write(to directory: String, _ sealer: Sealer) throws(ArchiveError) -> String {
        let data = document
        if (try? FileDigest.contents(of: directory + "/" + Self.name, limit: 1 << 20)) != data {
            try DurableFile.makeDirectory(directory + "/" + Self.folder.dropLast())
            let signature: [String: Data]
            do throws(EvidenceError) { signature = try sealer.sign(data) } catch { throw ArchiveError(error) }
            for (path, content) in signature {
                let file = (path as NSString).lastPathComponent.replacingOccurrences(of: "seal.", with: "certificate.")
                try DurableFile.replace(directory + "/" + Self.folder + file, with: content)
            }
            try DurableFile.replace(directory + "/" + Self.textName, with: Data(text.utf8))
            try DurableFile.replace(directory + "/" + Self.name, with: data)
        }
        return Hex.sha256(data)
    }
}
