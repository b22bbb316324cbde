import Foundation
import PortalAPI

/// Requests, grants and what a trace says, as text.
enum SupplyText {
    static func requests(_ requests: [AccessRequestStatus], width: Int?) -> [String] {
        guard !requests.isEmpty else { return ["No request matches."] }
        var table = TextTable([
            .init(title: "NUMBER", alignment: .right), .init(title: "STATE"), .init(title: "BY"),
            .init(title: "AGENCY"),
            .init(title: "RECORDING"), .init(title: "SPAN"), .init(title: "REASON", givesWay: true),
        ])
        for request in requests {
            table.add([
                String(request.number), request.state, request.requesterName, request.agency,
                request.recording ?? request.description, span(request.from, request.to), request.reason,
            ])
        }
        return table.lines(width: width)
    }

    static func grants(_ grants: [AccessGrantStatus], width: Int?) -> [String] {
        guard !grants.isEmpty else { return ["No grant matches."] }
        var table = TextTable([
            .init(title: "NUMBER", alignment: .right), .init(title: "STATE"), .init(title: "HOLDER"),
            .init(title: "AGENCY", givesWay: true), .init(title: "RECORDING"), .init(title: "SPAN"),
            .init(title: "LEVEL"), .init(title: "UNTIL"), .init(title: "COPY"),
        ])
        for grant in grants {
            table.add([
                String(grant.number), grant.state, grant.holderName, grant.agency, grant.recording,
                span(grant.from, grant.to), grant.level, Formats.time(grant.validUntil), copy(grant.copy),
            ])
        }
        return table.lines(width: width)
    }

    static func facts(_ grant: AccessGrantStatus) -> [String] {
        var facts = Facts()
        facts.add("grant", "\(grant.number), of request \(grant.request)")
        facts.add("state", grant.state)
        facts.add("recording", grant.recording)
        facts.add("title", grant.title)
        facts.add("holder", [grant.holderName, grant.agency].filter { !$0.isEmpty }.joined(separator: ", "))
        facts.add("level", grant.level)
        facts.add("span", span(grant.from, grant.to))
        facts.add("from", Formats.time(grant.validFrom))
        facts.add("until", Formats.time(grant.validUntil))
        facts.add("granted by", "\(grant.grantedBy), \(Formats.time(grant.grantedAt))")
        facts.add("copy", grant.copy.map { copy($0) })
        facts.add("copy's fault", grant.copy?.error)
        facts.add(
            "revoked",
            grant.revokedAt.map { "\(Formats.time($0)) by \(grant.revokedBy ?? ""): \(grant.revokeReason ?? "")" })
        for use in grant.uses ?? [] { facts.add(use.what, "\(Formats.time(use.at)) \(use.detail)") }
        return facts.lines
    }

    static func trace(_ answer: TraceAnswer) -> [String] {
        guard let begins = answer.begins else {
            return ["It does not sound like any part of \(DisplayWidth.harmless(answer.recording))."]
        }
        let place = "It begins at \(Formats.duration(max(0, begins))) of \(DisplayWidth.harmless(answer.recording))."
        let certain = answer.findings.filter(\.isCertain)
        guard !certain.isEmpty else {
            return [place, "Whose copy it is cannot be told: no sequence fits (\(best(answer)))."]
        }
        return [place]
            + certain.map { finding in
                let whose = [finding.holderName, finding.agency].filter { !$0.isEmpty }.joined(separator: ", ")
                return DisplayWidth.harmless(
                    "Grant \(finding.grant): \(whose) (\(finding.holder)), by \(score(finding)) standard deviations.")
            }
    }

    private static func best(_ answer: TraceAnswer) -> String {
        answer.findings.first.map { "the best by \(score($0)) standard deviations, 6 are needed" }
            ?? "too little sound, or nothing was granted of it"
    }

    private static func score(_ finding: TraceAnswer.Finding) -> String {
        String(format: "%.1f", locale: Locale(identifier: "en_US_POSIX"), finding.score)
    }

    private static func span(_ from: Double?, _ to: Double?) -> String {
        guard let from, let to else { return "all" }
        return "\(Formats.duration(from))–\(Formats.duration(to))"
    }

    private static func copy(_ copy: AccessGrantStatus.Copy?) -> String {
        guard let copy else { return "-" }
        return copy.state == "running" ? "running, \(Formats.percent(copy.progress))" : copy.state
    }
}
