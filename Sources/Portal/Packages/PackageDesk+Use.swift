import Archive
import Dossier
import Foundation
import PortalAPI

/// Packages that are given out. Each is a grant's: what its holder may have, and nothing else of the meeting.
extension PackageDesk {
    /// Makes a grant's package of its traced copy, and puts it beside that: a ZIP file of a bag with a seal of its own, in which the
    /// package lies.
    ///
    /// - Parameter withPapers: whether the meeting's papers may go along.
    func make(
        for grant: AccessGrant, _ meeting: MeetingRecord, withPapers: Bool, copies: SupplyDesk, by name: String,
        progress: @escaping Report
    ) async throws -> PackageOutcome {
        let (profile, schemas) = try rules()
        if try await isStateSecret(meeting) { throw Refusal(AccessFault.stateSecret) }
        let files = try await SealedFiles(archive, of: meeting, SealedFiles.isDescription)
        defer { files.close() }
        _ = try await files.checked(files.paths.events)
        let events = (try? archive.events(of: meeting)) ?? []
        let background = await configuration.background(meeting)
        guard let copy = copies.copy(of: grant.number) else { throw Refusal(AccessFault.noCopy) }
        let scratch = "\(archive.root)/work/use-\(UUID().uuidString)"
        let bag = scratch + "/bag"
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try FileManager.default.createDirectory(
            atPath: bag + "/data", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])

        var dossier = try await dossier(of: meeting, .dissemination, profile, background, events, by: name)
        let recordings = Recordings(
            sealed: files, meeting: meeting, profile: profile, background: background,
            recordedAt: events.recordingBegan ?? meeting.openedAt)
        dossier.recordings = [try await recordings.granted(copy, of: grant, madeAt: dossier.createdAt)]
        dossier.papers = withPapers ? try await files.papers(orElse: [], isOfEachTheLast: true) : []
        let request = try await archive.accessRequest(grant.request)
        dossier.request = SupplyRequest(request, grant, at: dossier.createdAt)
        let sheet = try await SupplySheet(dossier, profile).pdf(renderer)
        dossier.request?.sheet = sheet
        let package = try await write(dossier, .dissemination, to: bag + "/data", profile, schemas, progress)
        let sealed = try await archive.sealForUse(
            bag, of: grant, named: "goi-dip-\(grant.number)", into: scratch + "/package.zip")
        try await copies.keep(sealed.path, of: grant.number)
        return PackageOutcome(
            recording: meeting.id, kind: .dip, objectID: package.objectID,
            directory: archive.disseminationPath(of: grant.number), files: package.files, bytes: sealed.size,
            grant: grant.number, sha256: sealed.sha256)
    }
}
