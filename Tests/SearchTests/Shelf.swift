import Foundation
import Testing
import Vietnamese

@testable import Search

/// An index in a folder of its own, removed with it.
final class Shelf {
    let path: String
    let index: SearchIndex
    private let folder: String

    init(_ meetings: [MeetingDocument] = [], limits: SearchIndex.Limits = .init()) async throws {
        folder = NSTemporaryDirectory() + "/search-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/search.sqlite"
        index = try SearchIndex(path: path, limits: limits)
        if !meetings.isEmpty { try await index.put(meetings) }
    }

    deinit {
        try? index.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    static let all = Visibility(levels: Set(SearchLevel.allCases))

    func search(_ text: String, filter: SearchFilter = .init(), _ visibility: Visibility = all) async throws
        -> SearchResults
    {
        try await index.search(SearchRequest(text, filter: filter, isTyping: false), visibility)
    }

    /// All that are found: of more than a page, ranked alike, which come first is chance.
    func ids(_ text: String, filter: SearchFilter = .init(), _ visibility: Visibility = all) async throws -> [String] {
        let request = SearchRequest(text, filter: filter, isTyping: false, limit: SearchRequest.maximumLimit)
        let results = try await index.search(request, visibility)
        #expect(results.next == nil)
        return results.meetings.map(\.id)
    }

    static func meeting(
        _ id: String, _ title: String, day: String = "2026-03-02", level: SearchLevel = .ordinary,
        _ passages: Passage...
    ) -> MeetingDocument {
        MeetingDocument(
            id: id, title: title, room: "giaoban", level: level,
            openedAt: IndochinaTime.date(from: day) ?? .distantPast, passages: passages)
    }
}

extension Excerpt {
    /// What is marked, as text.
    var marked: [String] {
        let units = Array(text.utf16)
        return highlights.map { String(decoding: units[$0], as: UTF16.self) }
    }
}
