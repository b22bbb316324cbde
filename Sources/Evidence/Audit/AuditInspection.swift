import Foundation

/// Looks through an audit log, line by line, with nothing but the public keys of who signs it.
public struct AuditInspection {
    private struct Link {
        var number: Int64
        var hash: String
        var previous: String
    }

    private static let mostFindings = 1000

    private let trusted: String
    private var links: [Link] = []
    private var heads: [(signed: SignedAuditHead, head: AuditHead)] = []
    private var lastHeadHash: String?
    private var withheld = 0
    private var findings: [AuditFinding] = []
    private var lines = 0

    /// - Parameter trusted: public keys in PEM.
    public init(trusting trusted: String) { self.trusted = trusted }

    // MARK: Taking in

    /// A line of an exported log, without its line feed.
    public mutating func add(line: Data) {
        lines += 1
        guard let line = try? JSONDecoder().decode(AuditLine.self, from: line) else { return addMalformed() }
        switch (line.entry, line.head) {
        case (let entry?, nil): add(entry: entry, subject: line.subject, nonce: line.nonce)
        case (nil, let head?):
            let signature = line.signature.flatMap { Data(base64Encoded: $0) } ?? Data()
            add(SignedAuditHead(document: head, signature: signature))
        default: addMalformed()
        }
    }

    /// An entry as it is hashed, and what it is told to be about.
    public mutating func add(entry text: String, subject: String?, nonce: String?) {
        guard let entry = try? JSONDecoder().decode(AuditEntry.self, from: Data(text.utf8)), entry.text == text else {
            return addMalformed()
        }
        add(entry, subject: subject, nonce: nonce)
    }

    public mutating func add(_ entry: AuditEntry, subject: String?, nonce: String?) {
        guard AuditEntry.numbers.contains(entry.number) else { return addMalformed() }
        links.append(Link(number: entry.number, hash: entry.hash, previous: entry.previous))
        guard let subject, let nonce else {
            withheld += 1
            return
        }
        if AuditEntry.digest(of: subject, nonce: nonce) != entry.subject {
            find(.subjectChanged, entry.number...entry.number) { "\($0) was not written about what is told of it" }
        }
    }

    /// The log's own heads, in the order in which they were signed.
    public mutating func add(_ signed: SignedAuditHead) {
        guard let head = signed.head, signed.isSigned(by: trusted) else {
            find(.badSignature, nil) { _ in
                "a head\(signed.head.map { " of \($0.at) over entry \($0.number)" } ?? "") is not signed by whom you trust"
            }
            return
        }
        if head.previous != lastHeadHash ?? Ledger.genesis {
            find(.headMissing, nil) { _ in "a signed head before that of \(head.at) is missing" }
        }
        lastHeadHash = signed.hash
        heads.append((signed, head))
    }

    private mutating func addMalformed() {
        let after = links.last.map { "behind entry \($0.number)" } ?? "at the beginning"
        find(.malformed, nil) { _ in "a line \(after) is no entry of an audit log" }
    }

    private mutating func find(_ kind: AuditFinding.Kind, _ range: ClosedRange<Int64>?, _ text: (String) -> String) {
        guard findings.count < Self.mostFindings else { return }
        let finding = AuditFinding(kind, range, text)
        if !findings.contains(finding) { findings.append(finding) }
    }

    // MARK: Judging

    /// What is known from elsewhere of where the log stood: heads of the second location or of an older export, and the newest
    /// entry that the running daemon wrote.
    public struct Witness: Sendable {
        public var heads: [SignedAuditHead] = []
        public var tip: (number: Int64, hash: String)?
        public init(heads: [SignedAuditHead] = [], tip: (number: Int64, hash: String)? = nil) {
            self.heads = heads
            self.tip = tip
        }
    }

    /// - Parameter endsSigned: whether a log is only good where its last entry is signed, as of an exported one.
    public consuming func report(_ witness: Witness = Witness(), endsSigned: Bool) -> AuditReport {
        var copy = self
        return copy.judge(witness, endsSigned)
    }

    private mutating func judge(_ witness: Witness, _ endsSigned: Bool) -> AuditReport {
        sort()
        checkBeginning()
        checkLinks()
        var signed: (number: Int64, at: String)?
        for (_, head) in heads where check(head, "the head signed at \(head.at)", after: signed?.number) {
            if head.number >= signed?.number ?? 0 { signed = (head.number, head.at) }
        }
        for other in witness.heads {
            guard let head = other.head, other.isSigned(by: trusted) else {
                find(.badSignature, nil) { _ in "a head that was kept elsewhere is not signed by whom you trust" }
                continue
            }
            _ = check(head, "the head signed at \(head.at), which was kept elsewhere,", after: nil)
        }
        if let tip = witness.tip {
            let head = AuditHead(.head, number: tip.number, entry: tip.hash, at: "", previous: "")
            _ = check(head, "the running daemon", after: signed?.number)
        }
        if endsSigned, let last = links.last?.number, signed?.number ?? 0 < last {
            find(.unsigned, (signed?.number ?? links[0].number - 1) + 1...last) {
                "nothing signed stands for \($0): what came behind may have been cut off"
            }
        }
        return AuditReport(
            first: links.first?.number, last: links.last?.number, entries: links.count, signedTo: signed?.number,
            signedAt: signed?.at, cutTo: cut?.number, withheld: withheld, findings: findings)
    }

    private var cut: AuditHead? { heads.last { $0.head.kind == .cut }?.head }

    /// Names what does not stand where its number says, and goes on with all in their order.
    private mutating func sort() {
        var highest = Int64.min
        var isOrdered = true
        for link in links {
            if link.number < highest {
                isOrdered = false
                find(.reordered, link.number...link.number) { "\($0) stands behind entry \(highest)" }
            }
            highest = max(highest, link.number)
        }
        if !isOrdered { links = links.enumerated().sorted { ($0.1.number, $0.0) < ($1.1.number, $1.0) }.map(\.1) }
    }

    private mutating func checkBeginning() {
        guard let first = links.first else { return }
        let cut = cut
        if let cut, first.number <= cut.number {
            find(.inserted, first.number...cut.number) { "\($0) had been cut from the log, and are in it again" }
            return
        }
        guard first.previous != cut?.entry ?? Ledger.genesis else { return }
        let from = (cut?.number ?? 0) + 1
        if from < first.number {
            find(.beginningMissing, from...first.number - 1) { "\($0) are missing, and no signed cut says so" }
        } else {
            find(.changed, first.number...first.number) { "\($0) does not begin the log as it was begun" }
        }
    }

    private mutating func checkLinks() {
        guard links.count > 1 else { return }
        var numberOfHash: [String: Int64]?
        for index in 1..<links.count where links[index].previous != links[index - 1].hash {
            let (before, link) = (links[index - 1], links[index])
            if numberOfHash == nil {
                numberOfHash = Dictionary(links.map { ($0.hash, $0.number) }) { first, _ in first }
            }
            if link.number == before.number {
                find(.inserted, link.number...link.number) { "\($0) is there more than once" }
            } else if let real = numberOfHash?[link.previous], real < before.number {
                find(.inserted, real + 1...before.number) {
                    "\($0): entry \(link.number) was written behind entry \(real)"
                }
            } else if link.number > before.number + 1 {
                find(.removed, before.number + 1...link.number - 1) {
                    "\($0): between \(before.number) and \(link.number) the chain is broken"
                }
            } else {
                find(.changed, before.number...before.number) {
                    "\($0), or what entry \(link.number) says of it, is not what was written"
                }
            }
        }
    }

    /// - Returns: whether the log is what a head says.
    private mutating func check(_ head: AuditHead, _ name: String, after: Int64?) -> Bool {
        guard let first = links.first, let last = links.last else {
            if head.kind == .head || head.number > cut?.number ?? 0 {
                find(.cutOff, 1...max(1, head.number)) { "\($0) are missing: \(name) knows them" }
            }
            return false
        }
        // What was cut since can be compared no more.
        if head.number < first.number { return head.number <= cut?.number ?? 0 }
        if head.number > last.number {
            find(.cutOff, last.number + 1...head.number) { "\($0) are missing at the end: \(name) knows them" }
            return false
        }
        guard let index = position(of: head.number) else {
            find(.removed, head.number...head.number) { "\($0) is missing: \(name) knows it" }
            return false
        }
        guard links[index].hash == head.entry else {
            let from = min(max(after ?? 0, first.number - 1) + 1, head.number)
            find(.changed, from...head.number) { "\($0): not what \(name) says" }
            return false
        }
        return true
    }

    private func position(of number: Int64) -> Int? {
        var (low, high) = (0, links.count)
        while low < high {
            let middle = (low + high) / 2
            if links[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < links.count && links[low].number == number ? low : nil
    }
}
