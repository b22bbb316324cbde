import Archive
import Crypto
import Foundation

/// Where an incomplete list goes on (OAI-PMH 2.0 §3.5). The token says all of it, so that the daemon keeps nothing of harvests
/// that are under way, and nobody who gives one up costs anything.
struct OAIResumption: Codable, Equatable, Sendable {
    var verb: OAIRequest.Verb
    var from: Int64?
    var until: Int64?
    var set: String?
    /// After which record, or set, it goes on.
    var datestamp: Int64?
    var last: String
    /// How many were given before, and of how many.
    var given: Int
    var total: Int?
    /// Seconds since 1970.
    var expires: Int64

    var selection: HarvestSelection { HarvestSelection(from: from, until: until, set: set) }
    var cursor: HarvestCursor? { datestamp.map { HarvestCursor(datestamp: $0, meetingID: last) } }
}

/// Makes tokens that nobody else can make: the values and an HMAC-SHA-256 over them (RFC 2104), in base64url. The key lives as long as
/// the daemon: a harvest that a restart interrupts begins again from the last datestamp that it has.
struct OAIResumptionKey: Sendable {
    static let life: Int64 = 86_400
    private static let codeLength = 32
    private let key: SymmetricKey

    init(_ key: SymmetricKey = SymmetricKey(size: .bits256)) { self.key = key }

    func seal(_ token: OAIResumption) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Numbers and texts always encode.
        let values = (try? encoder.encode(token)) ?? Data()
        return Self.base64URL(Data(HMAC<SHA256>.authenticationCode(for: values, using: key)) + values)
    }

    func open(_ text: String, for verb: OAIRequest.Verb, at now: Int64) throws(OAIFault) -> OAIResumption {
        let invalid = OAIFault(.badResumptionToken, "The token is not one of ours, or not of this verb.")
        guard let octets = Self.octets(text), octets.count > Self.codeLength else { throw invalid }
        let (code, values) = (octets.prefix(Self.codeLength), octets.dropFirst(Self.codeLength))
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: values, using: key),
            let token = try? JSONDecoder().decode(OAIResumption.self, from: values), token.verb == verb
        else { throw invalid }
        guard token.expires > now else { throw OAIFault(.badResumptionToken, "The token has expired.") }
        return token
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// One text for each value: what another writing of the same octets would be is refused.
    private static func octets(_ text: String) -> Data? {
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64), base64URL(data) == text else { return nil }
        return data
    }
}
