import Archive
import Dossier
import Foundation
import NIOCore
import NIOPosix

/// The recordings of a sealed meeting, as packages have them.
struct Recordings {
    let archive: Archive
    let meeting: MeetingRecord
    let profile: DossierProfile
    let background: PackageConfiguration.Background

    /// Those that lie in the meeting's own package, which is what it is sealed by.
    func asSealed() async throws -> [Recording] {
        let paths = archive.paths(of: meeting)
        let losses = await losses()
        return try await archive.files(of: meeting).compactMap { file in
            let path = paths.directory + "/" + file.path
            guard [paths.master, paths.accessCopy].contains(path), let sha256 = file.sha256 else { return nil }
            let isMaster = path == paths.master
            return recording(
                DossierFile(
                    path: path, size: file.size, sha256: sha256, mime: file.mime,
                    createdAt: meeting.sealedAt ?? meeting.openedAt, originalName: file.path),
                .film, title: isMaster ? "Bản gốc như đã nhận" : "Bản xem", duration: duration,
                losses)
        }
    }

    /// Has a copy made of what people see, or of the master where there is no such film, and adds it with its event.
    func addSupplyCopy(
        to dossier: inout Dossier, in folder: String,
        progress: @escaping @Sendable (SupplyCopy.Progress) -> Void
    ) async throws {
        let paths = archive.paths(of: meeting)
        guard
            let source = [paths.accessCopy, paths.master].first(where: { FileManager.default.fileExists(atPath: $0) })
        else { return }
        let supply = SupplyCopy(profile.supply)
        let made = try await supply.make(from: source, in: folder, named: "supply", progress: progress)
        let program = await supply.program()
        let now = dossier.createdAt
        let file = try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            try DossierFile(reading: made.path, mime: made.mime, createdAt: now, madeBy: program)
        }
        dossier.recordings.append(
            recording(file, made.kind, title: meeting.title, duration: made.duration, await losses()))
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

    /// What the master lacks, which every copy of it lacks too; nil where nobody measured it.
    private func losses() async -> [Recording.PointLoss]? {
        let path = archive.paths(of: meeting).payload("gaps.json")
        return try? await NIOSingletons.posixBlockingThreadPool.runIfActive {
            guard let file = FileHandle(forReadingAtPath: path) else { return nil }
            defer { try? file.close() }
            guard let data = try file.read(upToCount: RecordedLosses.largest) else { return nil }
            return try JSONDecoder().decode(RecordedLosses.self, from: data).points
        }
    }

    private var duration: Duration { .milliseconds(max(0, meeting.durationMilliseconds ?? 0)) }

    private func recording(
        _ file: DossierFile, _ kind: Recording.Kind, title: String, duration: Duration,
        _ losses: [Recording.PointLoss]?
    ) -> Recording {
        Recording(
            file: file, kind: kind, title: title, recorder: profile.site.agencyName, place: background.place,
            recordedAt: meeting.openedAt, duration: duration, losses: losses)
    }
}
