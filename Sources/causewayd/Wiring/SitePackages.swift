import Dossier
import Foundation
import Office
import OfficeStore
import Portal
import SiteConfiguration

extension PackageConfiguration {
    /// What the Office has of the meeting that a recording is of, its rooms as they were called then, and its papers.
    init(_ configuration: Configuration, _ office: OfficeStore) {
        self.init(corrections: configuration.archive.dossierProfile, version: Version.text) { meeting in
            let register = (try? await office.register(at: meeting.openedAt)) ?? office.register
            let place = register.rooms.first { $0.id == meeting.room }?.title
            guard let (convened, sitting) = try? await office.convened(bySitting: meeting.sitting) else {
                return Background(place: place)
            }
            var papers: [DossierPaper] = []
            for paper in (try? await office.papers(of: convened.id)) ?? [] {
                guard let (_, path) = try? await office.paper(paper.id, of: convened.id) else { continue }
                papers.append(
                    DossierPaper(
                        file: DossierFile(
                            path: path, size: paper.size, sha256: paper.sha256, mime: paper.mime, createdAt: paper.at,
                            originalName: paper.name),
                        subject: (paper.name as NSString).deletingPathExtension, issuedAt: paper.at,
                        note: "Ngày ghi là ngày nộp vào hệ thống; ngày ban hành xem trong tài liệu."))
            }
            var subjects: [String: [String]] = [:]
            for item in sitting?.convening(convened, register).agenda ?? [] {
                if let point = item.point { subjects[point.rawValue, default: []].append(item.title) }
            }
            return Background(
                keywords: [convened.field].filter { !$0.isEmpty }, place: place, convener: convened.convener,
                papers: papers, subjects: subjects)
        }
    }
}
