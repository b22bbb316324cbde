import CipherFiles
public import Foundation

/// How packages of meetings that are not ordinary lie on the disk.
public struct EncryptionSettings: Sendable {
    public enum Rule: String, Sendable, CaseIterable {
        /// Encrypted; without a key they are neither recorded nor sealed.
        case required
        /// Encrypted where there is a key.
        case whenKeyed
        /// In clear, whether or not there is a key. What was encrypted is read all the same.
        case never
    }

    public var rule: Rule
    let key: KeyEncryptionKey?
    /// By which keys were wrapped before there was the present one.
    let former: KeyEncryptionKey?

    /// - Parameters:
    ///   - key: of the keys: 32 octets, or 64 hexadecimal digits; nil where there is none.
    ///   - former: the one before it: what it wrapped is wrapped anew.
    public init(_ rule: Rule = .whenKeyed, key: Data? = nil, former: Data? = nil) throws(ArchiveError) {
        self.rule = rule
        do throws(CipherFileError) {
            self.key = try key.map { data throws(CipherFileError) in try KeyEncryptionKey(data) }
            self.former = try former.map { data throws(CipherFileError) in try KeyEncryptionKey(data) }
        } catch { throw .noKeyOfKeys(reason: error.description) }
    }

    private init() {
        rule = .whenKeyed
        key = nil
        former = nil
    }

    /// Where nobody gave a key.
    public static let unkeyed = EncryptionSettings()

    /// Nil where new packages stay in clear.
    var sealingKey: KeyEncryptionKey? { rule == .never ? nil : key }

    func key(named id: String) -> KeyEncryptionKey? { [key, former].compactMap(\.self).first { $0.id == id } }
}

/// How the archive stands by the keys of its meetings.
public struct EncryptionStanding: Sendable, Equatable {
    public var rule: EncryptionSettings.Rule
    /// Which key of keys there is; 16 hexadecimal digits that say nothing of it.
    public var key: String?
    /// Meetings whose keys can be used, also those that were wrapped anew at this start.
    public var readable = 0
    public var rewrapped = 0
    /// By the keys that wrapped them, and are not here.
    public var unreadable: [String: Int] = [:]
}
