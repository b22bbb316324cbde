import Dossier
import Foundation
import Office
import OfficeStore
import Portal
import SiteConfiguration

extension PackageConfiguration {
    /// What the Office had of a meeting when it opened, and its papers.
    init(_ configuration: Configuration, _ office: OfficeStore) {
        self.init(corrections: configuration.archive.dossierProfile, version: Version.text) { room, time in
            let register = (try? await office.register(at: time)) ?? office.register
            let place = register.rooms.first { $0.id == room }?.title
            let scheduled = (try? await office.meetings(endingAfter: time)) ?? []
            let convened = scheduled.first { meeting in
                meeting.room == room && !meeting.isCancelled
                    && meeting.sittings.contains {
                        min($0.rehearsalFrom, $0.starts) <= time && time < $0.ends
                    }
            }
            guard let convened else { return Background(place: place) }
            var papers: [DossierPaper] = []
            for paper in (try? await office.papers(of: convened.id)) ?? [] {
                guard let (_, path) = try? await office.paper(paper.id, of: convened.id) else { continue }
                papers.append(
                    DossierPaper(
                        file: DossierFile(
                            path: path, size: paper.size, sha256: paper.sha256, mime: paper.mime, createdAt: paper.at,
                            originalName: paper.name),
                        subject: (paper.name as NSString).deletingPathExtension, issuedAt: paper.at))
            }
            var subjects: [String: [String]] = [:]
            for item in convened.sittings.first?.convening(convened, register).agenda ?? [] {
                if let point = item.point { subjects[point.rawValue, default: []].append(item.title) }
            }
            return Background(
                access: Dossier.Access(convened.confidentiality),
                keywords: [convened.field].filter { !$0.isEmpty }, place: place, convener: convened.convener,
                papers: papers, subjects: subjects)
        }
    }
}

extension Dossier.Access {
    /// What a meeting leaves is used by who has an account; nothing of it is open to all by itself.
    init(_ confidentiality: ScheduledMeeting.Confidentiality) {
        self =
            switch confidentiality {
            case .ordinary, .restricted: .conditional
            case .secret, .highlySecret, .topSecret: .secret
            }
    }
}
