/// The SRTP suites that SDES names (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2).
public enum CryptoSuite: String, Sendable, Hashable, CaseIterable {
    case aeadAES128GCM = "AEAD_AES_128_GCM"
    case aesCM128HMACSHA1_80 = "AES_CM_128_HMAC_SHA1_80"
    case aesCM128HMACSHA1_32 = "AES_CM_128_HMAC_SHA1_32"
    case aeadAES256GCM = "AEAD_AES_256_GCM"
    case aes256CMHMACSHA1_80 = "AES_256_CM_HMAC_SHA1_80"
    case aes256CMHMACSHA1_32 = "AES_256_CM_HMAC_SHA1_32"

    /// Octets of master key and master salt together, as `inline:` carries them.
    public var keyAndSaltLength: Int {
        switch self {
        case .aeadAES128GCM: 16 + 12
        case .aesCM128HMACSHA1_80, .aesCM128HMACSHA1_32: 16 + 14
        case .aeadAES256GCM: 32 + 12
        case .aes256CMHMACSHA1_80, .aes256CMHMACSHA1_32: 32 + 14
        }
    }
}

/// `a=crypto`: a suite and the key with which the one who wrote it sends (RFC 4568 §9.1). The key is not printed.
public struct CryptoAttribute: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    public enum Malformed: Error, Sendable, Equatable {
        case notTagSuiteKey
        case badTag
        case keyNotInline
        case keyNotBase64
        case keyLengthNotOfSuite
        case badLifetime
        case badMasterKeyIndex
    }

    public struct MasterKeyIndex: Sendable, Equatable {
        public var value: UInt64
        /// Octets of the field in each packet, 1...128.
        public var length: Int
        public init(value: UInt64, length: Int) {
            self.value = value
            self.length = length
        }
    }

    /// 1 to 9 digits.
    public var tag: UInt32
    /// The suite's name as written; `suite` where it is known.
    public var suiteName: String
    /// Master key and salt of the first key parameter.
    public var keyAndSalt: [UInt8]
    /// Packets, as written: "2^31" or a number.
    public var lifetime: String?
    public var masterKeyIndex: MasterKeyIndex?
    /// More than one key is given; only the first is read.
    public var hasSeveralKeys = false
    /// Such as "WSH=64" or "UNENCRYPTED_SRTCP" (RFC 4568 §6.3).
    public var sessionParameters: [String] = []

    public init(tag: UInt32, suite: CryptoSuite, keyAndSalt: [UInt8]) {
        self.tag = tag
        suiteName = suite.rawValue
        self.keyAndSalt = keyAndSalt
    }

    public var suite: CryptoSuite? { CryptoSuite(rawValue: suiteName) }

    /// Whether the session parameters leave the stream encrypted and authenticated in the common way: only a window
    /// size hint and what may be ignored ("-…") do (RFC 4568 §6.3).
    public var hasPlainParameters: Bool {
        sessionParameters.allSatisfy { $0.hasPrefix("-") || $0.hasPrefix("WSH=") || $0 == "KDR=0" }
    }

    private static let inline = "inline:"

    /// Reads the value of the attribute. A key of a suite that is known must have that suite's length.
    public init(parsing value: String) throws(Malformed) {
        let words = value.words
        guard words.count >= 3 else { throw .notTagSuiteKey }
        guard words[0].utf8.count <= 9, words[0].utf8.allSatisfy(\.isDigit), let tag = UInt32(words[0]) else {
            throw .badTag
        }
        self.tag = tag
        suiteName = words[1].uppercased()
        let keys = words[2].parts(at: UInt8(ascii: ";")).filter { !$0.isEmpty }
        guard let first = keys.first, first.prefix(Self.inline.count).isSameIgnoringCase(Self.inline) else {
            throw .keyNotInline
        }
        hasSeveralKeys = keys.count > 1
        let fields = first.dropFirst(Self.inline.count).parts(at: UInt8(ascii: "|"))
        guard fields.count <= 3, let text = fields.first, !text.isEmpty, let key = Base64.decode(text) else {
            throw .keyNotBase64
        }
        if let suite = CryptoSuite(rawValue: suiteName), key.count != suite.keyAndSaltLength {
            throw .keyLengthNotOfSuite
        }
        keyAndSalt = key
        for field in fields.dropFirst() {
            if let colon = field.firstIndex(of: ":") {
                guard masterKeyIndex == nil, let value = UInt64(field[..<colon]),
                    let length = Int(field[field.index(after: colon)...]), (1...128).contains(length)
                else { throw .badMasterKeyIndex }
                masterKeyIndex = MasterKeyIndex(value: value, length: length)
            } else {
                let digits = field.hasPrefix("2^") ? field.dropFirst(2) : field
                guard lifetime == nil, masterKeyIndex == nil, let number = UInt64(digits), number > 0,
                    digits.count == field.count || number <= 48
                else { throw .badLifetime }
                lifetime = String(field)
            }
        }
        sessionParameters = words.dropFirst(3).map(String.init)
    }

    /// The value of the attribute, key and all.
    public var value: String {
        var text = "\(tag) \(suiteName) inline:\(Base64.encode(keyAndSalt))"
        if let lifetime { text += "|\(lifetime)" }
        if let masterKeyIndex { text += "|\(masterKeyIndex.value):\(masterKeyIndex.length)" }
        return ([text] + sessionParameters).joined(separator: " ")
    }

    public var description: String { "crypto \(tag) \(suiteName) (secret)" }
    public var debugDescription: String { description }
}
