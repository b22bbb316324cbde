import Archive
import Foundation
import Hummingbird
import Office
import PortalAPI
import Search

/// `/search?q=…`, with `from`, `to`, `room`, `unit`, `field`, `level`, `kind` (each of the last five may come several times),
/// `order=newest` (best first without it), `typing=1` while somebody types, `limit` and `after`.
struct SearchRoutes: Sendable {
    let index: SearchIndex?
    let archive: Archive
    let discretion: Discretion

    func add(to group: RouterGroup<PortalContext>) {
        group.get("search") { request, context in
            let visitor = try context.require(.search)
            guard let index else {
                throw Refusal(.serviceUnavailable, "There is no search here.", hint: "List recordings instead.")
            }
            let wanted = try Self.request(request)
            do {
                var answer = SearchAnswer(try await index.search(wanted, try await visibility(of: visitor)))
                if answer.isIndexing {
                    answer.indexed = try await index.meetingCount()
                    answer.total = try await archive.meetingCounts().values.reduce(0, +)
                }
                return try Response.json(answer)
            } catch SearchError.badCursor {
                throw Refusal(.badRequest, "after is no cursor.", hint: "Take it from `next` of the page before.")
            }
        }
    }

    /// What each finds. State secrets are found by those on their lists, which the index does not know.
    private func visibility(of visitor: Visitor) async throws -> Visibility {
        let seesRestricted = !visitor.roles.isDisjoint(with: [.administrator, .convener, .chair, .archivist])
        let secret = try await discretion.visible(try await archive.secretMeetings(), to: visitor)
        return Visibility(
            levels: seesRestricted ? [.ordinary, .restricted] : [.ordinary], granted: Set(secret.map(\.id)))
    }

    private static func request(_ request: Request) throws(Refusal) -> SearchRequest {
        let values = request.uri.queryParameters
        func all(_ name: String) -> Set<String> { Set(values.getAll(name).prefix(64)) }
        var filter = SearchFilter(rooms: all("room"), units: all("unit"), fields: all("field"))
        filter.from = try RecordingRoutes.time(values.get("from"), named: "from")
        filter.to = try RecordingRoutes.time(values.get("to"), named: "to")
        // A day alone as the end means the whole of that day.
        if values.get("to")?.utf8.count == 10 { filter.to? += 86_400 }
        for name in all("kind") {
            guard let kind = PassageKind(rawValue: name) else {
                let known = PassageKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(.badRequest, "kind is none of \(known).", hint: "Leave it out for all.")
            }
            filter.kinds.insert(kind)
        }
        for name in all("level") {
            guard let level = ScheduledMeeting.Confidentiality(rawValue: name) else {
                let known = ScheduledMeeting.Confidentiality.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(.badRequest, "level is none of \(known).", hint: "Leave it out for all.")
            }
            filter.levels.insert(SearchLevel(level))
        }
        guard let order = SearchRequest.Order(rawValue: values.get("order") ?? "best") else {
            throw Refusal(.badRequest, "order is none of best, newest.", hint: "Leave it out for best.")
        }
        var limit = 20
        if let text = values.get("limit") {
            guard let number = Int(text), (1...SearchRequest.maximumLimit).contains(number) else {
                throw Refusal(
                    .badRequest, "limit is not a number from 1 to \(SearchRequest.maximumLimit).",
                    hint: "Leave it out for 20.")
            }
            limit = number
        }
        return SearchRequest(
            values.get("q") ?? "", filter: filter, order: order, isTyping: values.get("typing") == "1", limit: limit,
            after: values.get("after"))
    }
}

extension SearchAnswer {
    init(_ results: SearchResults) {
        let (count, isWhole) =
            switch results.count {
            case .exactly(let count): (count, true)
            case .atLeast(let count): (count, false)
            }
        self.init(
            meetings: results.meetings.map(Meeting.init), count: count, isWholeCount: isWhole, next: results.next,
            isCut: results.isCut, isIndexing: !results.isComplete)
    }
}

extension SearchAnswer.Meeting {
    init(_ found: FoundMeeting) {
        self.init(
            id: found.id, title: .init(found.title), room: found.room, field: found.field, level: found.level.name,
            openedAt: found.openedAt, isExact: found.isExact,
            passages: found.passages.map { passage in
                SearchAnswer.Passage(
                    kind: passage.kind.rawValue, heading: .init(passage.heading), text: .init(passage.text),
                    paper: passage.paper, page: passage.page, beginMilliseconds: passage.beginMilliseconds,
                    endMilliseconds: passage.endMilliseconds)
            })
    }
}

extension SearchAnswer.Excerpt {
    init(_ excerpt: Excerpt) {
        self.init(text: excerpt.text, marks: excerpt.highlights.map { [$0.lowerBound, $0.upperBound] })
    }
}

extension SearchLevel {
    public init(_ confidentiality: ScheduledMeeting.Confidentiality) {
        switch confidentiality {
        case .ordinary: self = .ordinary
        case .restricted: self = .restricted
        case .secret: self = .secret
        case .highlySecret: self = .highlySecret
        case .topSecret: self = .topSecret
        }
    }

    /// As the schedule names it.
    var name: String {
        let level = ScheduledMeeting.Confidentiality.allCases.first { SearchLevel($0) == self }
        return (level ?? .topSecret).rawValue
    }
}
