import Archive
import AsyncHTTPClient
import Codecs
import Documents
import Dossier
import Foundation
import NIOCore
import NIOFoundationCompat
import Portal
import Preservation
import SiteConfiguration

extension SealingSettings {
    /// Throws where a file that is named cannot be read, or the site's dossier profile is none.
    init(_ archive: Configuration.Archive) throws {
        func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        self.init(organization: archive.organization ?? "", software: "Causeway \(Version.text)")
        components = CodecLibrary.all.map { PreservationProgram(name: $0.name, version: $0.version) }
        versions = { [renderer = DocumentRenderer()] in await renderer.versions() }
        if let profile = PackageConfiguration.installedProfile() {
            holder = RecordHolder(try DossierProfile.load(profile, corrections: archive.dossierProfile).site)
        }
        if let chain = archive.seal.certificate, let key = archive.seal.key {
            certificate = Certificate(chain: try text(chain), key: try text(key))
        }
        if let url = archive.seal.timeStampURL, let authorities = archive.seal.timeStampAuthorities {
            timeStamps = TimeStampService(authorities: try text(authorities), asking: url)
        }
    }
}

extension RecordHolder {
    init(_ site: DossierProfile.Site) {
        self.init(
            archiveCode: site.archiveCode, agencyCode: site.agencyCode, agencyName: site.agencyName,
            fondsCode: site.fondsCode, languages: site.languages ?? ["vi"])
    }
}

extension TimeStampService {
    private static let mostOctets = 1 << 20

    /// By HTTP (RFC 3161 §3.4).
    init(authorities: String, asking url: String) {
        self.init(authorities: authorities) { query in
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/timestamp-query")
            request.body = .bytes(ByteBuffer(bytes: query))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            guard response.status == .ok else { throw TimeStampRefusal(status: response.status.code) }
            return Data(buffer: try await response.body.collect(upTo: Self.mostOctets))
        }
    }
}

private struct TimeStampRefusal: Error, CustomStringConvertible {
    let status: UInt
    var description: String { "the time stamp authority answers \(status)" }
}
