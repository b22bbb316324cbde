import Crypto
import Foundation
import Placement

/// What bridges say to each other on their control ports. Who asks sends a line with a number of its own; who answers says which life
/// of which bridge it is, under the secret of the cluster, so that nobody else can speak for a bridge:
///
///     causeway-control 1 <nonce>
///     causeway-control 1 <bridge> <life> <hmac>
enum ControlWords {
    static let longestLine = 300
    private static let greeting = "causeway-control 1"

    static func question(_ nonce: String) -> String { "\(greeting) \(nonce)\n" }

    static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in hexadecimal(generator.next()) }.joined()
    }

    /// The nonce of a question; nil for what is none.
    static func nonce(of line: String) -> String? {
        guard line.hasPrefix(greeting + " ") else { return nil }
        let nonce = line.dropFirst(greeting.count + 1)
        return (16...128).contains(nonce.utf8.count) && nonce.utf8.allSatisfy(isToken) ? String(nonce) : nil
    }

    static func answer(to nonce: String, _ me: BridgeLife, _ secret: SymmetricKey) -> String {
        "\(greeting) \(me.bridge) \(me.life) \(code(nonce, me, secret).map { hexadecimal($0) }.joined())\n"
    }

    /// Who answered; nil for what is no answer to this question under this secret.
    static func life(in line: String, to nonce: String, _ secret: SymmetricKey) -> BridgeLife? {
        guard line.hasPrefix(greeting + " ") else { return nil }
        let words = line.dropFirst(greeting.count + 1).split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isToken) }) else { return nil }
        let life = BridgeLife(bridge: String(words[0]), life: String(words[1]))
        guard let code = octets(words[2]) else { return nil }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: text(nonce, life), using: secret)
            ? life : nil
    }

    private static func text(_ nonce: String, _ life: BridgeLife) -> Data {
        Data("\(greeting) \(nonce) \(life.bridge) \(life.life)".utf8)
    }

    private static func code(_ nonce: String, _ life: BridgeLife, _ secret: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: text(nonce, life), using: secret)
    }

    private static func isToken(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20) || octet == 0x2D || octet == 0x2E
            || octet == 0x5F
    }

    private static func hexadecimal(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: number.bitWidth / 4 - text.count) + text
    }

    private static func octets(_ text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        let octets = stride(from: 0, to: 64, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return octets.count == 32 ? octets : nil
    }
}
