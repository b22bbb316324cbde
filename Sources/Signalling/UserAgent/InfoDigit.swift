import SIP

/// A key pressed, as older room systems say it in INFO.
enum InfoDigit {
    /// `application/dtmf-relay` with `Signal=5`, and `application/dtmf` with the key alone.
    static func digit(in body: String, _ type: MediaType) -> Character? {
        switch (type.type, type.subtype) {
        case ("application", "dtmf-relay"):
            for line in body.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingSpaces }
                if parts.count == 2, parts[0].lowercased() == "signal" { return key(parts[1]) }
            }
            return nil
        case ("application", "dtmf"):
            return key(body.trimmingSpaces)
        default:
            return nil
        }
    }

    private static func key(_ text: String) -> Character? {
        // Some send the number of the event (RFC 4733 §3.2) in place of the sign.
        let sign = ["10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"][text] ?? text.uppercased()
        guard sign.count == 1, let character = sign.first, "0123456789*#ABCD".contains(character) else { return nil }
        return character
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
