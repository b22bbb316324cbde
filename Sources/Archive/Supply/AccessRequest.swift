public import Foundation
import Vietnamese

/// Somebody who asks for recordings or decides on them, as an account of the Office knows them.
public struct AccessPerson: Sendable, Equatable, Codable {
    /// The account.
    public var id: String
    public var name: String
    /// The agency for which it is.
    public var agency: String
    public init(id: String, name: String, agency: String) {
        self.id = id
        self.name = name
        self.agency = agency
    }
}

/// What an agency asks for. An archivist grants it or refuses it, once.
public struct AccessRequest: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable, Codable {
        case waiting, granted, refused
        /// By who made it.
        case withdrawn
    }

    /// What is asked, before it has a number.
    public struct Wish: Sendable, Equatable {
        /// Nil where the meeting is only described.
        public var meetingID: String?
        public var description: String
        /// A code of the national form: `official-duty`, `research`, …
        public var purpose: String
        public var reason: String
        /// Milliseconds of the recording; nil for all of it.
        public var span: Range<Int64>?
        public var wantsDownload: Bool

        public init(
            meetingID: String? = nil, description: String = "", purpose: String = "official-duty", reason: String,
            span: Range<Int64>? = nil, wantsDownload: Bool = false
        ) {
            self.meetingID = meetingID
            self.description = description
            self.purpose = purpose
            self.reason = reason
            self.span = span
            self.wantsDownload = wantsDownload
        }
    }

    static let longestText = 1000
    /// Requests of one person that are not decided.
    static let mostWaiting = 20

    public internal(set) var number: Int64
    public let wish: Wish
    public let requester: AccessPerson
    public let requestedAt: Date
    public internal(set) var state: State = .waiting
    public internal(set) var decidedBy: String?
    public internal(set) var decidedAt: Date?
    /// Why it was refused, or what goes with the grant.
    public internal(set) var remark: String?

    init(
        number: Int64, wish: Wish, requester: AccessPerson, requestedAt: Date, state: State, decidedBy: String?,
        decidedAt: Date?, remark: String?
    ) {
        self.number = number
        self.wish = wish
        self.requester = requester
        self.requestedAt = requestedAt
        self.state = state
        self.decidedBy = decidedBy
        self.decidedAt = decidedAt
        self.remark = remark
    }

    /// - Parameter waiting: how many of the requester's are not decided.
    public init(
        number: Int64, _ wish: Wish, by requester: AccessPerson, waiting: Int, at time: Date
    ) throws(AccessFault) {
        guard waiting < Self.mostWaiting else { throw .tooManyRequests }
        var wish = wish
        wish.reason = try Self.text(wish.reason, "A reason")
        wish.purpose = try Self.text(wish.purpose, "A purpose")
        wish.description = VietnameseText.stored(wish.description).trimmingCharacters(in: .whitespacesAndNewlines)
        if wish.meetingID == nil || !wish.description.isEmpty {
            wish.description = try Self.text(wish.description, "Which meeting it is")
        }
        if let span = wish.span, span.lowerBound < 0 || span.count < 1000 { throw .badSpan }
        self.init(
            number: number, wish: wish, requester: requester, requestedAt: time, state: .waiting, decidedBy: nil,
            decidedAt: nil, remark: nil)
    }

    mutating func refuse(reason: String, by officer: String, at time: Date) throws(AccessFault) {
        let reason = try Self.text(reason, "A reason")
        try close(.refused, by: officer, at: time, reason)
    }

    mutating func withdraw(by person: String, at time: Date) throws(AccessFault) {
        guard person == requester.id else { throw .notTheRequester }
        try close(.withdrawn, by: person, at: time, nil)
    }

    mutating func close(_ state: State, by officer: String, at time: Date, _ remark: String?) throws(AccessFault) {
        guard self.state == .waiting else { throw .decided(self.state) }
        self.state = state
        decidedBy = officer
        decidedAt = time
        self.remark = remark
    }

    static func text(_ text: String, _ what: String) throws(AccessFault) -> String {
        let text = VietnameseText.stored(text).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.count <= longestText, text.utf8.count <= longestText * 8 else { throw .missing(what) }
        return text
    }
}
