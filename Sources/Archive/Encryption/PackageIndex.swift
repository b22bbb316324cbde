import Evidence
import Foundation

/// What an encrypted package has, itself encrypted in it: which stored file is which, and what each was in clear.
struct PackageIndex: Codable, Equatable {
    static let currentFormat = "causeway-index/1"
    /// In the package.
    static let path = "data/index.sealed"
    static let mostOctets = 64 << 20

    struct Entry: Codable, Equatable {
        /// Where it lies: `data/00001.sealed`, which is its name to the cipher too.
        var stored: String
        /// In clear.
        var file: SealDocument.File
    }

    var format = currentFormat
    var meeting: String
    var files: [Entry]
    /// As the seal of a package in clear says it: damage to the master is located by it.
    var master: SealDocument.Master?

    init(meeting: String, files: [Entry], master: SealDocument.Master?) {
        self.meeting = meeting
        self.files = files
        self.master = master
    }

    init(parsing data: Data) throws(EvidenceError) {
        guard let index = try? JSONDecoder().decode(Self.self, from: data), index.format == Self.currentFormat,
            index.files.allSatisfy({ Self.isStored($0.stored) })
        else { throw .malformed(path: Self.path, reason: "not an index of a package") }
        self = index
    }

    var data: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }

    static func stored(_ number: Int) -> String {
        let digits = String(number)
        return "data/" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".sealed"
    }

    /// Whether a package's path is one of an encrypted file.
    static func isStored(_ path: String) -> Bool {
        path.hasPrefix("data/") && path.hasSuffix(".sealed") && !path.dropFirst("data/".count).contains("/")
    }

    /// Whether a file of a package in clear goes into an encrypted one encrypted.
    static func encrypts(_ path: String) -> Bool {
        (path.hasPrefix("data/") || path.hasPrefix("metadata/")) && !isStored(path)
    }
}
