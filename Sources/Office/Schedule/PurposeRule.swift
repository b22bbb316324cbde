import Foundation
import Vietnamese

/// What a meeting must be before it is called together: it serves a purpose that a document names, in a room that is fit for
/// what is spoken there. Who may call it together is the portal's table.
extension ScheduledMeeting {
    public static let mostInvited = 5000

    /// - Parameter now: nothing begins before it; nil for a meeting that is on the schedule already.
    public func check(_ register: OfficeRegister, now: Date?) throws(ScheduleFault) {
        try check(title, Words("tên cuộc họp", "title"))
        try check(convener, Words("người triệu tập", "convener"))
        try check(document.number, Words("số văn bản triệu tập", "number of the convening document"))
        try check(field, Words("lĩnh vực", "field"))
        guard document.date.count == 10, let documentDate = IndochinaTime.date(from: document.date) else {
            throw .invalidDocumentDate
        }
        if documentDate > starts { throw .documentAfterStart }
        if let retentionClass, retentionClass.count > 20 {
            throw .tooLong(Words("thời hạn lưu trữ", "retention class"))
        }
        guard (5...1440).contains(minutes) else { throw .durationOutOfBounds }
        if let rehearsalMinutes, !Self.rehearsals.contains(rehearsalMinutes) { throw .rehearsalOutOfBounds }
        try recurrence?.check()
        guard agenda.count <= 100, agenda.allSatisfy({ (0...1440).contains($0.minutes) }) else {
            throw .agendaOutOfBounds
        }
        for item in agenda {
            try check(item.title, Words("nội dung chương trình", "title of an agenda item"))
            if item.speaker.count > 200 { throw .tooLong(Words("người trình bày", "speaker")) }
        }
        guard let last = sittings.last else { throw .noSitting }
        // Called together at once, and the form was open for a while.
        if let now, last.ends < now || starts < now.addingTimeInterval(-600) { throw .inThePast }
        try checkRoom(register)
        try checkPeople(register)
    }

    private func checkRoom(_ register: OfficeRegister) throws(ScheduleFault) {
        guard let entry = register.room(room) else { throw .unknownRoom(room) }
        guard entry.isOpen else { throw .roomClosed(room) }
        if invited.count > entry.maximumPoints { throw .tooManyPoints(maximum: entry.maximumPoints) }
        if confidentiality.isStateSecret, entry.cipherLine == nil { throw .noCipherLine(room: room) }
        guard let order = recordingOrder else { return }
        if !confidentiality.allowsRecording { throw .recordingForbidden }
        try check(order.orderedBy, Words("người quyết định ghi", "who decided to record"))
        try check(order.document, Words("văn bản quyết định ghi", "document of the order to record"))
    }

    private func checkPeople(_ register: OfficeRegister) throws(ScheduleFault) {
        guard !invited.isEmpty else { throw .nobodyInvited }
        if invited.count > Self.mostInvited { throw .tooManyPoints(maximum: Self.mostInvited) }
        var seen: Set<String> = []
        for invitee in invited {
            guard register.point(invitee.point) != nil else { throw .unknownPoint(invitee.point) }
            guard seen.insert(invitee.point).inserted else { throw .invitedTwice(invitee.point) }
        }
        for person in staff where register.person(person) == nil { throw .unknownPerson(person) }
        guard let chair else { throw .missing(Words("chủ tọa", "chair")) }
        try check(chair.name, Words("tên chủ tọa", "chair's name"))
        if let person = chair.person, register.person(person) == nil { throw .unknownPerson(person) }
        if let point = chair.point, !seen.contains(point) { throw .chairNotInvited(point) }
    }

    private func check(_ text: String, _ what: Words) throws(ScheduleFault) {
        if text.isEmpty { throw .missing(what) }
        if text.count > 300 || text.utf8.count > 1200 { throw .tooLong(what) }
    }
}
