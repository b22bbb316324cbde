import Foundation

/// The canonical composition of a text: Vietnamese letters as single code points (Unicode NFC).
func composed(_ text: String) -> String { text.precomposedStringWithCanonicalMapping }

func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

func isAlphanumeric(_ octet: UInt8) -> Bool { isDigit(octet) || (0x61...0x7A).contains(octet | 0x20) }

func isIdentifier(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isAlphanumeric(first) else { return false }
    return text.utf8.allSatisfy { (isAlphanumeric($0) && !(0x41...0x5A).contains($0)) || ".-_".utf8.contains($0) }
}

func isNumericAddress(_ text: String) -> Bool {
    var address = in6_addr()
    guard !text.utf8.contains(0) else { return false }
    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
}

/// Labels of letters, digits and hyphens (RFC 1123 §2.1), or a numeric address.
func isHost(_ text: String) -> Bool {
    if isNumericAddress(text) { return true }
    guard (1...253).contains(text.utf8.count) else { return false }
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    // A last label of digits only would be an IPv4 address gone wrong.
    guard let last = labels.last, !last.allSatisfy(isDigit) else { return false }
    return labels.allSatisfy { label in
        guard (1...63).contains(label.count), let first = label.first, let last = label.last else { return false }
        let isFine = label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        return isFine && isAlphanumeric(first) && isAlphanumeric(last)
    }
}

/// A text as it is written in YAML: plain where nothing in it could be taken for something else.
func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { isAlphanumeric($0) || "/._-".utf8.contains($0) }
    let isWord = text.utf8.first.map { !isDigit($0) && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") } ?? false
    if isPlain, isWord || isNumericAddress(text) { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}

func isPassword(_ text: String) -> Bool {
    let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    return !text.isEmpty && text.count <= 200 && text.utf8.count <= 800 && !hasControls
}
