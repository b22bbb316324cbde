import Archive
import Dossier
import Foundation
import Preservation
import Matroska
import NIOCore
import NIOPosix
import PortalAPI

/// The recordings of a sealed meeting, as packages have them.
struct Recordings {
    let sealed: SealedFiles
    let meeting: MeetingRecord
    let profile: DossierProfile
    let background: PackageConfiguration.Background
    /// When the recording began, which may be long after the first call.
    let recordedAt: Date

    /// Those that lie in the meeting's own package, which is what it is sealed by.
    func asSealed() async throws -> [Recording] {
        let losses = try await losses()
        let (film, master) = (sealed.paths.accessCopy, sealed.paths.master)
        return [
            sealed.file(film).map { recording($0, .film, title: "Bản xem", duration: duration, losses) },
            sealed.file(master).map {
                recording($0, Self.kind(of: master), title: "Bản gốc như đã nhận", duration: duration, losses)
            },
        ].compactMap { $0 }
    }

    /// Has a copy made of what people saw, and adds it with its event.
    func addSupplyCopy(
        to dossier: inout Dossier, in folder: String,
        progress: @escaping @Sendable (SupplyCopy.Progress) -> Void
    ) async throws {
        let source = try await sealed.composed().path
        let supply = SupplyCopy(profile.supply)
        let made = try await supply.make(from: source, in: folder, named: "supply", progress: progress)
        let program = await supply.program()
        let now = dossier.createdAt
        let file = try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            try DossierFile(reading: made.path, mime: made.mime, createdAt: now, madeBy: program)
        }
        dossier.recordings.append(
            recording(file, made.kind, title: meeting.title, duration: made.duration, try await losses()))
        if let program {
            dossier.agents.append(
                PreservationAgent(id: "ffmpeg", kind: .software, name: program.name, version: program.version))
        }
        dossier.events.append(
            PreservationEvent(
                type: "migration", at: now, outcome: "success",
                agents: program == nil ? [] : [PreservationEvent.Link("ffmpeg", role: "executing program")],
                objects: [
                    PreservationEvent.Link((source as NSString).lastPathComponent, role: "source"),
                    PreservationEvent.Link(made.path, role: "outcome"),
                ]))
    }

    /// The traced copy of a grant.
    func granted(
        _ copy: SupplyDesk.Copy, of grant: AccessGrant, madeAt now: Date
    ) async throws -> Recording {
        let file = try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            try DossierFile(reading: copy.path, mime: copy.mime, createdAt: now)
        }
        // What the master lacks is measured over the whole.
        let losses = grant.span == nil ? try await losses() : nil
        let length = grant.span.map { Duration.milliseconds($0.upperBound - $0.lowerBound) } ?? duration
        var made = recording(
            file, copy.mime.hasPrefix("video/") ? .film : .sound, title: meeting.title, duration: length, losses)
        if let span = grant.span {
            made.recordedAt = recordedAt.addingTimeInterval(Double(span.lowerBound) / 1000)
            made.note = "Đoạn từ giây \(span.lowerBound / 1000) đến giây \(span.upperBound / 1000) của bản ghi."
        }
        return made
    }

    /// Of a meeting of telephones the master has no pictures.
    private static func kind(of master: String) -> Recording.Kind {
        guard let tracks = try? MatroskaReader(path: master).tracks, !tracks.isEmpty else { return .film }
        return tracks.contains(where: \.codec.isVideo) ? .film : .sound
    }

    /// What the master lacks, which every copy of it lacks too; nil where nobody measured it.
    private func losses() async throws -> RecordedLosses? {
        let path = sealed.paths.payload("gaps.json")
        guard let data = try await sealed.contents(of: path, limit: RecordedLosses.largest) else { return nil }
        return try? JSONDecoder().decode(RecordedLosses.self, from: data)
    }

    private var duration: Duration { .milliseconds(max(0, meeting.durationMilliseconds ?? 0)) }

    private func recording(
        _ file: DossierFile, _ kind: Recording.Kind, title: String, duration: Duration,
        _ losses: RecordedLosses?
    ) -> Recording {
        var recording = Recording(
            file: file, kind: kind, title: title, recorder: profile.site.agencyName, place: background.place,
            recordedAt: recordedAt, duration: duration, losses: losses?.points)
        recording.isUncounted = losses?.isCounted == false
        return recording
    }
}
