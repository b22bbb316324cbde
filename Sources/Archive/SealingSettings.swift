import Evidence
public import Foundation
public import Preservation

/// Who seals, and for whom.
public struct SealingSettings: Sendable {
    /// Stands in packages as their source.
    public var organization: String
    /// The program, with its version; stands in packages as what made them.
    public var software: String
    /// Nil for the archive's own key.
    public var certificate: Certificate?
    public var timeStamps: TimeStampService?
    /// By what films and sounds are coded.
    public var components: [PreservationProgram] = []
    /// The versions of the programs that print reports, as they are now, by `WeasyPrint` and `pandoc`.
    public var versions: @Sendable () async -> [String: String] = { [:] }
    /// Whose the records are, by the rules on electronic records.
    public var holder = RecordHolder()

    /// PEM, the signer's certificate first.
    public struct Certificate: Sendable {
        public var chain: String
        public var key: String
        public init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    public init(
        organization: String = "", software: String = "Causeway", certificate: Certificate? = nil,
        timeStamps: TimeStampService? = nil
    ) {
        self.organization = organization
        self.software = software
        self.certificate = certificate
        self.timeStamps = timeStamps
    }
}

/// Whose the records of an archive are, and by what codes the national rules on electronic records know them; empty where the site did not
/// say.
public struct RecordHolder: Sendable, Hashable {
    /// Of the archive that receives.
    public var archiveCode: String
    /// Of the agency whose records they are.
    public var agencyCode: String
    public var agencyName: String
    public var fondsCode: String
    /// Of titles and of the agency's work (BCP 47), the main one first.
    public var languages: [String]

    public init(
        archiveCode: String = "", agencyCode: String = "", agencyName: String = "", fondsCode: String = "",
        languages: [String] = ["vi"]
    ) {
        self.archiveCode = archiveCode
        self.agencyCode = agencyCode
        self.agencyName = agencyName
        self.fondsCode = fondsCode
        self.languages = languages
    }
}

/// An authority that stamps the time (RFC 3161).
public struct TimeStampService: Sendable {
    /// Whose stamps are good: PEM.
    public var authorities: String
    /// Sends a request (`application/timestamp-query`) and gives the response.
    public var send: @Sendable (_ request: Data) async throws -> Data

    public init(authorities: String, send: @escaping @Sendable (_ request: Data) async throws -> Data) {
        self.authorities = authorities
        self.send = send
    }
}

/// The archive's key, and whose signatures its packages may have: `keys/seal.key`, and a PEM file for each signer that there was.
struct SealingKeys: Sendable {
    let sealer: Sealer
    /// The archive's own key, which seals where no certificate does.
    let own: SealKey
    /// PEM of all of them.
    let trusted: String

    init(directory: String, _ settings: SealingSettings) throws(ArchiveError) {
        try DurableFile.makeDirectory(directory)
        chmod(directory, 0o700)
        do throws(EvidenceError) {
            let own = try SealKey.ensure(at: directory + "/seal.key")
            self.own = own
            sealer = settings.certificate.map { .certificate(chain: $0.chain, key: $0.key) } ?? .key(own)
            // A certificate that cannot sign is to be known now, not at the first sealing.
            _ = try sealer.sign(Data())
            for signer in [Sealer.key(own), sealer] {
                let path = directory + "/\(Hex.sha256(Data(signer.trusted.utf8)).prefix(16)).pem"
                if access(path, F_OK) != 0 { try SafeFile.replace(path, with: Data(signer.trusted.utf8), mode: 0o644) }
            }
            try SafeFile.replace(directory + "/seal.pub.pem", with: Data(own.publicKey.utf8), mode: 0o644)
            var trusted = ""
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            for name in names.sorted() where name.hasSuffix(".pem") {
                let text = try FileDigest.contents(of: directory + "/" + name, limit: 1 << 20)
                trusted += String(decoding: text, as: UTF8.self) + "\n"
            }
            self.trusted = trusted
        } catch {
            throw ArchiveError(error)
        }
    }
}
