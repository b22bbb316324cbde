import Documents
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Office
import OfficeStore
import PortalAPI
import Vietnamese

/// Meetings to come: `/schedule`, their papers, invitations and calendar files, and `/sittings/ID/rehearsal`.
struct ScheduleRoutes: Sendable {
    let office: OfficeStore
    let guides: GuideDesk
    let journal: ViewingJournal
    let publicURL: @Sendable () -> String?

    func add(to group: RouterGroup<PortalContext>) {
        group.get("schedule") { request, context in
            let visitor = try context.require(.readSchedule)
            return try Response.json(try await list(request, visitor))
        }
        group.post("schedule") { request, context in
            let visitor = try context.require(.schedule)
            let draft = try await request.json(ScheduledMeeting.self)
            let placed = try await office.schedule(draft, by: visitor.identity)
            return try Response.json(try await detail(placed.meeting), status: .created)
        }
        group.post("schedule/judge") { request, context in
            let visitor = try context.require(.schedule)
            let draft = try await request.json(ScheduledMeeting.self)
            return try Response.json(try await judge(draft, visitor))
        }
        group.get("schedule/:id") { _, context in
            let meeting = try await meeting(context, .readSchedule).0
            return try Response.json(try await detail(meeting))
        }
        group.put("schedule/:id") { request, context in
            let (known, visitor) = try await meeting(context, .schedule)
            var changed = try await request.json(ScheduledMeeting.self)
            changed.id = known.id
            let placed = try await office.reschedule(changed, by: visitor.signature)
            return try Response.json(try await detail(placed.meeting))
        }
        group.delete("schedule/:id") { request, context in
            let (known, visitor) = try await meeting(context, .schedule)
            let sitting = request.uri.queryParameters.get("sitting")
            let meeting = try await office.cancel(known.id, sitting: sitting, by: visitor.signature)
            return try Response.json(try await detail(meeting))
        }
        group.post("schedule/:id/move") { request, context in
            let (known, visitor) = try await meeting(context, .schedule)
            let wanted = try await request.json(MoveRestRequest.self)
            let placed = try await office.moveRest(of: known.id, to: wanted.starts, by: visitor.signature)
            return try Response.json(try await detail(placed.meeting))
        }
        group.get("schedule/:id/invitation") { request, context in
            let meeting = try await meeting(context, .readSchedule).0
            let point = request.uri.queryParameters.get("point")
            let text = try await invitation(meeting, to: point).text(to: point)
            return Self.text(text, type: "text/plain; charset=utf-8")
        }
        group.get("schedule/:id/calendar") { request, context in
            let meeting = try await meeting(context, .readSchedule).0
            let point = request.uri.queryParameters.get("point")
            let calendar = CalendarFile(
                meeting, office.register, domain: office.realm, invitation: try await invitation(meeting, to: point))
            var response = Self.text(calendar.text(to: point, stamp: Date()), type: calendar.contentType)
            response.headers[.contentDisposition] = "attachment; filename=\"\(meeting.id).ics\""
            return response
        }
        addPapers(to: group)
        addRehearsals(to: group)
    }

    private func addPapers(to group: RouterGroup<PortalContext>) {
        group.post("schedule/:id/papers") { request, context in
            let (meeting, visitor) = try await meeting(context, .schedule)
            guard let name = request.uri.queryParameters.get("name") else { throw Refusal(PaperFault.nameMissing) }
            let pieces = request.body.map { Data($0.readableBytesView) }
            let paper = try await office.addPaper(
                name, to: meeting.id, by: visitor.signature,
                announced: request.headers[.contentLength].flatMap { Int64($0) }, pieces: pieces)
            return try Response.json(paper, status: .created)
        }
        group.get("schedule/:id/papers/:paper") { request, context in
            let (meeting, visitor) = try await meeting(context, .readSchedule)
            let (paper, path) = try await office.paper(try paperID(context), of: meeting.id)
            let file = try OpenFile(path)
            try await journal.note(
                .paper, of: meeting.id, "\(paper.id) \(paper.name)", by: visitor, isOnce: request.continuesFile)
            return FileAnswer(
                file: file, mime: paper.mime, sha256: paper.sha256, downloadName: Self.downloadName(paper.name)
            ).response(to: request)
        }
        group.delete("schedule/:id/papers/:paper") { _, context in
            let (meeting, visitor) = try await meeting(context, .schedule)
            try await office.removePaper(try paperID(context), of: meeting.id, by: visitor.signature)
            return Response(status: .noContent)
        }
    }

    private func addRehearsals(to group: RouterGroup<PortalContext>) {
        group.get("sittings/:id/rehearsal") { _, context in
            let (sitting, _) = try await sitting(context, .readSchedule)
            return try Response.json(try await office.gate(of: sitting))
        }
        group.put("sittings/:id/rehearsal/:point") { request, context in
            let (sitting, visitor) = try await sitting(context, .rehearse)
            let wanted = try await request.json(RehearsalRequest.self)
            let note = VietnameseText.stored(String(wanted.note.prefix(500)))
            let gate = try await office.rehearse(
                try context.pathParameter("point"), of: sitting, by: visitor.signature
            ) { rehearsal, at in
                rehearsal[wanted.check] = .init(isPassed: wanted.isPassed, note: note, by: visitor.name, at: at)
                if visitor.roles.contains(.technician) { rehearsal.technician = visitor.name }
            }
            return try Response.json(gate)
        }
        group.put("sittings/:id/rehearsal/:point/waiver") { request, context in
            let (sitting, visitor) = try await sitting(context, .waiveRehearsal)
            let wanted = try await request.json(WaiverRequest.self)
            let officer = VietnameseText.stored(String(wanted.officer.prefix(200)))
            let reason = VietnameseText.stored(String(wanted.reason.prefix(500)))
            guard !officer.isEmpty, !reason.isEmpty else {
                var refusal = Refusal(.badRequest, "A waiver names its officer and the reason.", hint: "Send both.")
                refusal.body.vietnamese = "Cần ghi rõ người quyết định và lý do."
                throw refusal
            }
            let gate = try await office.rehearse(
                try context.pathParameter("point"), of: sitting, by: visitor.signature
            ) { $0.waiver = .init(officer: officer, reason: reason, at: $1) }
            return try Response.json(gate)
        }
        group.delete("sittings/:id/rehearsal/:point/waiver") { _, context in
            let (sitting, visitor) = try await sitting(context, .waiveRehearsal)
            let gate = try await office.rehearse(
                try context.pathParameter("point"), of: sitting, by: visitor.signature
            ) { rehearsal, _ in rehearsal.waiver = nil }
            return try Response.json(gate)
        }
    }

    // MARK: What is asked for

    /// A meeting of the address, where the visitor may do this and sees it. One that is not seen is not there.
    private func meeting(
        _ context: PortalContext, _ action: PortalAction
    ) async throws -> (ScheduledMeeting, Visitor) {
        let visitor = try context.require(action)
        let id = try context.pathParameter("id")
        let meeting = try await office.meeting(id)
        guard meeting.audience.admits(visitor.identity, roles: visitor.roles) else {
            throw Refusal.ofUnknown(ScheduleFault.unknownMeeting(id))
        }
        return (meeting, visitor)
    }

    private func sitting(_ context: PortalContext, _ action: PortalAction) async throws -> (String, Visitor) {
        let visitor = try context.require(action)
        let id = try context.pathParameter("id")
        let (meeting, sitting) = try await office.sitting(id)
        guard meeting.audience.admits(visitor.identity, roles: visitor.roles) else {
            throw Refusal.ofUnknown(ScheduleFault.unknownMeeting(id))
        }
        return (sitting.id, visitor)
    }

    private func paperID(_ context: PortalContext) throws(Refusal) -> Int64 {
        guard let id = Int64(try context.pathParameter("paper")) else { throw .noSuchPage }
        return id
    }

    private func list(_ request: Request, _ visitor: Visitor) async throws -> [ScheduleItem] {
        let now = Date()
        let from = try Self.time("from", request) ?? now.addingTimeInterval(-86_400)
        let to = try Self.time("to", request) ?? now.addingTimeInterval(60 * 86_400)
        let register = office.register
        var found: [(meeting: ScheduledMeeting, sitting: ScheduledSitting)] = []
        for meeting in try await office.meetings(endingAfter: from)
        where meeting.audience.admits(visitor.identity, roles: visitor.roles) {
            found += meeting.sittings.filter { $0.ends >= from && $0.starts <= to }.map { (meeting, $0) }
        }
        found.sort { ($0.sitting.starts, $0.sitting.id) < ($1.sitting.starts, $1.sitting.id) }
        found = Array(found.prefix(Self.longestList))
        let rehearsals = try await office.rehearsals(of: found.map(\.sitting.id))
        return found.map { meeting, sitting in
            ScheduleItem(
                sitting: sitting, title: meeting.title, room: meeting.room,
                roomTitle: register.room(meeting.room)?.title ?? meeting.room,
                confidentiality: meeting.confidentiality, isCancelled: meeting.isCancelled,
                points: meeting.invited.count,
                isGreen: RehearsalGate(invited: meeting.invited, rehearsals: rehearsals[sitting.id] ?? [:]).isGreen)
        }
    }

    private static let longestList = 2000

    private static func time(_ name: String, _ request: Request) throws(Refusal) -> Date? {
        guard let text = request.uri.queryParameters.get(name) else { return nil }
        guard let time = IndochinaTime.date(from: text) else {
            throw Refusal(.badRequest, "`\(name)` is not a time.", hint: "Write it as 2026-11-24T09:30:00+07:00.")
        }
        return time
    }

    private func judge(_ draft: ScheduledMeeting, _ visitor: Visitor) async throws -> JudgedDraft {
        let register = office.register
        let meeting = office.completed(draft)
        let clashes = try await office.clashes(of: meeting)
        do throws(ScheduleFault) {
            _ = try meeting.placed(
                among: try await others(), register, now: meeting.id.isEmpty ? Date() : nil)
            return JudgedDraft(fault: nil, clashes: clashes)
        } catch {
            return JudgedDraft(fault: error.words, clashes: clashes)
        }
    }

    /// A store that cannot be read is told by the request that follows.
    private func others() async throws(ScheduleFault) -> [ScheduledMeeting] {
        do { return try await office.meetings(endingAfter: Date()) } catch { return [] }
    }

    private func detail(_ meeting: ScheduledMeeting) async throws -> MeetingDetail {
        let sittings = meeting.sittings
        let register = office.register
        var names = register
        if let first = sittings.first, first.ends < Date() { names = try await office.register(at: first.starts) }
        return MeetingDetail(
            meeting: meeting, sittings: sittings, papers: try await office.papers(of: meeting.id),
            clashes: meeting.isCancelled ? [] : try await office.clashes(of: meeting),
            roomTitle: register.room(meeting.room)?.title ?? meeting.room,
            pointNames: Dictionary(
                meeting.invited.map {
                    ($0.point, (names.point($0.point) ?? register.point($0.point))?.name ?? $0.point)
                }
            ) { first, _ in first })
    }

    private func invitation(_ meeting: ScheduledMeeting, to point: String?) async throws -> InvitationText {
        InvitationText(
            meeting, office.register, domain: office.realm, publicURL: publicURL(),
            papers: try await office.papers(of: meeting.id).map(\.name),
            guides: try point.map { try guides(of: $0, for: meeting) } ?? [])
    }

    /// An invited point's guides for the devices that it has, readable until a day after the meeting; of one that says none,
    /// for those that anybody has.
    private func guides(of id: String, for meeting: ScheduledMeeting) throws -> [InvitationText.Guide] {
        guard meeting.invited.contains(where: { $0.point == id }), let point = office.register.point(id) else {
            return []
        }
        let expires = (meeting.sittings.last?.ends ?? meeting.starts).addingTimeInterval(86_400)
        let wanted = Set(point.devices.map(\.guide))
        let devices = GuideDevice.allCases.filter {
            (wanted.isEmpty ? [.computer, .linphone, .browser] : wanted).contains($0)
        }
        return try devices.compactMap { device in
            try guides.address(of: device, for: id, until: expires).map { .init(device: device.words, url: $0) }
        }
    }

    private static func text(_ text: String, type: String) -> Response {
        Response(status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// In ASCII and without what has a meaning in a header.
    static func downloadName(_ name: String) -> String {
        let parts = name.split(separator: ".")
        guard parts.count > 1, let ending = parts.last else { return VietnameseText.slug(name, limit: 80) }
        return VietnameseText.slug(parts.dropLast().joined(separator: "."), limit: 80) + "."
            + VietnameseText.slug(String(ending), limit: 8)
    }
}

extension Visitor {
    /// By which a meeting knows who made it: a person's id, or, in brackets that no id has, another's name.
    var identity: String { person?.id ?? "(\(name))" }
    /// As the journal writes it.
    var signature: String { person.map { "\($0.name) (\($0.id))" } ?? name }
}

extension PointEntry.Device {
    fileprivate var guide: GuideDevice {
        switch self {
        case .roomSystem: .roomSystem
        case .computer: .computer
        case .tablet, .phone: .linphone
        case .browser: .browser
        case .telephone: .telephone
        }
    }
}

extension GuideDevice {
    fileprivate var words: Words {
        switch self {
        case .roomSystem: Words("Thiết bị phòng họp", "Room system")
        case .computer: Words("Máy tính", "Computer")
        case .linphone: Words("Điện thoại, máy tính bảng", "Phone or tablet")
        case .browser: Words("Trình duyệt", "Browser")
        case .telephone: Words("Điện thoại thường", "Plain telephone")
        }
    }
}
