import Crypto
import Foundation

/// Signs invitations, and knows them again. A token is the invitation and its HMAC-SHA-256, each in base64url (RFC 4648
/// §5) and a dot between them: nothing is kept of those that were given. The key of the HMAC is made of the installation's
/// and of what the point signs in by, so that a new password revokes what was given before.
public struct InvitationKey: Sendable {
    private let key: SymmetricKey

    public init(_ octets: [UInt8]) { key = SymmetricKey(data: octets) }

    /// - Parameter credential: whatever changes when the point's password does.
    /// - Returns: nil where a name is empty or longer than 200 octets.
    public func token(for invitation: RoomInvitation, credential: [UInt8]) -> String? {
        guard let octets = invitation.octets else { return nil }
        let code = HMAC<SHA256>.authenticationCode(for: octets, using: derived(from: credential))
        return "\(Base64URL.text(octets)).\(Base64URL.text(Array(code)))"
    }

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - credential: of a point by its user name; nil where there is none.
    public func verify(
        _ token: String, at now: UInt64, credential: (_ username: String) -> [UInt8]?
    ) -> InvitationVerdict {
        guard token.utf8.count <= Self.longestToken else { return .invalid }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let octets = Base64URL.octets(parts[0]), let code = Base64URL.octets(parts[1]),
            let invitation = RoomInvitation(octets)
        else { return .invalid }
        let known = credential(invitation.username)
        // Compares in constant time; a point that is not there costs the same work.
        let isSigned = HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: octets, using: derived(from: known ?? []))
        guard isSigned, known != nil else { return .invalid }
        guard now < invitation.expires else { return .expired }
        return .granted(username: invitation.username, room: invitation.room)
    }

    private static var longestToken: Int { 700 }

    private func derived(from credential: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: SHA256.hash(data: credential).withUnsafeBytes { Array($0) },
            info: Array("causeway invitation".utf8), outputByteCount: 32)
    }
}

extension InvitationKey {
    private static var octetCount: Int { 32 }

    /// The key in a file of mode 0600, made where there is none.
    public static func ensure(at path: String) throws(InvitationKeyError) -> InvitationKey {
        if let key = try existing(at: path) { return key }
        // A site with a certificate of its own may have nothing else there yet.
        try? FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let octets = randomOctets(octetCount)
        // Beside it first, whole and on the disk, and then under its name, if nobody else was faster.
        let draft = "\(path).new-\(getpid())"
        unlink(draft)
        defer { unlink(draft) }
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: reason) }
        let written = octets.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let isKept = written == octets.count && fsync(descriptor) == 0
        let failure = reason
        close(descriptor)
        guard isKept else { throw .unwritable(path: path, reason: failure) }
        guard link(draft, path) == 0 || errno == EEXIST else { throw .unwritable(path: path, reason: reason) }
        guard let key = try existing(at: path) else { throw .unusable(path: path) }
        return key
    }

    private static func existing(at path: String) throws(InvitationKeyError) -> InvitationKey? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .unwritable(path: path, reason: reason)
        }
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: octetCount + 1)
        let count = octets.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count == octetCount else { throw .unusable(path: path) }
        return InvitationKey(Array(octets.prefix(octetCount)))
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

public enum InvitationKeyError: Error, CustomStringConvertible {
    case unwritable(path: String, reason: String)
    case unusable(path: String)

    public var description: String {
        switch self {
        case .unwritable(let path, let reason): "The key of invitations \(path) cannot be read or made: \(reason)."
        case .unusable(let path): "\(path) is not a key of invitations; remove it, and all invitations are void."
        }
    }
}

/// Base64 for addresses, without padding (RFC 4648 §5).
enum Base64URL {
    static func text(_ octets: [UInt8]) -> String {
        Data(octets).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// Nil unless `text` is what ``text(_:)`` makes of the result: each octet string has one spelling only.
    static func octets(_ text: Substring) -> [UInt8]? {
        let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: plain + padding) else { return nil }
        let octets = Array(data)
        return Self.text(octets) == text ? octets : nil
    }
}
