public import Foundation

/// What a seal says of a package: every file with its hashes, and what stands over all of them. Its bytes are signed.
public struct SealDocument: Codable, Sendable, Equatable {
    public static let currentFormat = "causeway-seal/1"

    /// A file of the package as it was sealed.
    public struct File: Codable, Sendable, Equatable {
        /// Relative to the package, divided by `/`.
        public var path: String
        public var size: Int64
        public var sha256: String
        public var sha512: String
        public var mime: String
        /// The program that made it, or who brought it; and when, in ISO 8601.
        public var madeBy: String?
        public var madeAt: String?

        public init(
            path: String, size: Int64, sha256: String, sha512: String, mime: String, madeBy: String? = nil,
            madeAt: String? = nil
        ) {
            self.path = path
            self.size = size
            self.sha256 = sha256
            self.sha512 = sha512
            self.mime = mime
            self.madeBy = madeBy
            self.madeAt = madeAt
        }

        /// Its entry in the Merkle tree: `SHA512 SIZE PATH` in UTF-8.
        public var leaf: [UInt8] { Array("\(sha512) \(size) \(path)".utf8) }

        var json: CanonicalJSON {
            .members([
                "path": .string(path), "size": .integer(size), "sha256": .string(sha256), "sha512": .string(sha512),
                "mime": .string(mime), "madeBy": .optional(madeBy), "madeAt": .optional(madeAt),
            ])
        }
    }

    /// The master beside its file's hash: where damage to it lies can be told by this.
    public struct Master: Codable, Sendable, Equatable {
        public var path: String
        /// The file with the chain, and its last link.
        public var chain: String
        public var chainHead: String
        public var clusters: Int64
        /// What is before the first cluster (tracks, tags), and behind the last (index, chapters).
        public var headOctets: Int64
        public var headSHA256: String
        public var indexOctets: Int64
        public var indexSHA256: String

        public init(
            path: String, chain: String, chainHead: String, clusters: Int64, headOctets: Int64, headSHA256: String,
            indexOctets: Int64, indexSHA256: String
        ) {
            self.path = path
            self.chain = chain
            self.chainHead = chainHead
            self.clusters = clusters
            self.headOctets = headOctets
            self.headSHA256 = headSHA256
            self.indexOctets = indexOctets
            self.indexSHA256 = indexSHA256
        }

        var json: CanonicalJSON {
            .object([
                "path": .string(path), "chain": .string(chain), "chainHead": .string(chainHead),
                "clusters": .integer(clusters), "headOctets": .integer(headOctets), "headSHA256": .string(headSHA256),
                "indexOctets": .integer(indexOctets), "indexSHA256": .string(indexSHA256),
            ])
        }
    }

    public var format = SealDocument.currentFormat
    public var meeting: String
    /// ISO 8601.
    public var sealedAt: String
    public var files: [File]
    /// Of the files' leaves in the order of the list, which is that of their paths' octets.
    public var merkleRoot: String
    public var master: Master?
    /// SHA-256 of the ledger's line before the one that enters this seal.
    public var ledgerPrevious: String

    /// - Parameter files: in any order.
    public init(meeting: String, sealedAt: String, files: [File], master: Master?, ledgerPrevious: String) {
        self.meeting = meeting
        self.sealedAt = sealedAt
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        merkleRoot = Self.root(of: self.files)
        self.master = master
        self.ledgerPrevious = ledgerPrevious
    }

    /// The root over files in the order given.
    public static func root(of files: [File]) -> String { Hex.text(MerkleTree(files.lazy.map(\.leaf)).root) }

    public init(parsing data: Data) throws(EvidenceError) {
        let path = SealedPackage.sealName
        do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
            throw .malformed(path: path, reason: "not a seal")
        }
        guard format == Self.currentFormat else { throw .malformed(path: path, reason: "of an unknown format") }
        guard self.data == data else { throw .malformed(path: path, reason: "not as a seal is written") }
    }

    /// The bytes that are signed.
    public var data: Data {
        CanonicalJSON.members([
            "format": .string(format), "meeting": .string(meeting), "sealedAt": .string(sealedAt),
            "files": .array(files.map(\.json)), "merkleRoot": .string(merkleRoot), "master": master?.json,
            "ledgerPrevious": .string(ledgerPrevious),
        ]).data
    }
}

/// The names of a sealed package's files (RFC 8493 and ours).
public enum SealedPackage {
    public static let master = "data/master.mkv"
    public static let chain = "data/master.chain"
    public static let accessCopy = "data/access.webm"
    public static let events = "data/events.jsonl"
    public static let metadata = "metadata/meeting.json"
    public static let dublinCore = "metadata/dc.xml"
    /// PREMIS 3.0; packages of before it was written have none.
    public static let preservation = "metadata/premis.xml"
    public static let declaration = "bagit.txt"
    public static let information = "bag-info.txt"
    public static let payloadManifest = "manifest-sha512.txt"
    public static let tagManifest = "tagmanifest-sha512.txt"
    public static let readme = "README.txt"
    /// Its files are not in the manifests, for they come after them; the signature covers the seal, and the seal the rest.
    public static let sealFolder = "seal/"
    public static let sealName = "seal/seal.json"
    /// Ed25519 (RFC 8032), 64 octets; or CMS, detached (RFC 5652).
    public static let signature = "seal/seal.sig"
    public static let cmsSignature = "seal/seal.p7s"
    /// The authority's response (RFC 3161) for the signature's file.
    public static let timeStamp = "seal/seal.tsr"
    /// By what the signature was made: a public key, or certificates.
    public static let signer = "seal/signer.pem"
}
