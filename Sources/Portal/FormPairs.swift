import Foundation

/// Names and values in the order in which they came, each as often as it came (`application/x-www-form-urlencoded`).
enum FormPairs {
    static let most = 20

    /// Nil where it is not well formed, or has too many.
    static func parse(_ text: some StringProtocol) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for piece in text.split(separator: "&") {
            guard pairs.count < most else { return nil }
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(parts.first ?? ""), let value = decoded(parts.count > 1 ? parts[1] : "") else {
                return nil
            }
            pairs.append((name, value))
        }
        return pairs
    }

    private static func decoded(_ text: some StringProtocol) -> String? {
        text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
    }
}
