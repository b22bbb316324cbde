import Foundation
import Hummingbird
import NIOCore
import Office
import OfficeStore
import PortalAPI
import Vietnamese

/// Units, points, rooms and people: `/units`, `/points`, `/rooms`, `/people`.
struct RegisterRoutes: Sendable {
    let office: OfficeStore
    let sessions: SessionDesk
    let discretion: Discretion
    let copies: SupplyDesk
    /// Where links of people begin.
    let publicURL: @Sendable () -> String?

    func add(to group: RouterGroup<PortalContext>) {
        addEntries("units", UnitEntry.self, to: group, reading: .readRegister, changing: .changeRegister)
        addEntries("points", PointEntry.self, to: group, reading: .readRegister, changing: .changeRegister)
        addEntries("rooms", RoomEntry.self, to: group, reading: .readRegister, changing: .changeRegister)
        addEntries("people", PersonEntry.self, to: group, reading: .readPeople, changing: .changePeople)
        group.post("points/:id/password") { _, context in
            let visitor = try context.require(.issuePointPassword)
            let issued = try await office.issuePassword(to: try context.pathParameter("id"), by: visitor.signature)
            return try Response.json(issued, status: .created)
        }
        group.put("rooms/:id/pin") { request, context in
            let visitor = try context.require(.changeRegister)
            let wanted = try await request.json(PINRequest.self)
            try await office.setPIN(wanted.pin, of: try context.pathParameter("id"), by: visitor.signature)
            return try Response.json(RegisterAnswer())
        }
        group.post("people/:id/link") { _, context in
            let visitor = try context.require(.changePeople)
            let link = try await link(to: try context.pathParameter("id"), by: visitor)
            return try Response.json(link, status: .created)
        }
        group.delete("people/:id/second-factor") { _, context in
            let visitor = try context.require(.changePeople)
            let id = try context.pathParameter("id")
            try await office.turnOffSecondFactor(of: id, by: visitor.signature)
            sessions.closeAll(of: id)
            return try Response.json(RegisterAnswer())
        }
        group.get("journal") { request, context in
            let visitor = try context.require(.readJournal)
            let before = request.uri.queryParameters.get("before", as: Int64.self)
            let lines = try await office.journal(limit: 200, before: before)
            return try Response.json(try await JournalSight(discretion: discretion).shown(lines, to: visitor))
        }
    }

    private func addEntries<Entry: RegisterRecord>(
        _ path: String, _ type: Entry.Type, to group: RouterGroup<PortalContext>, reading: PortalAction,
        changing: PortalAction
    ) {
        group.get("\(path)") { request, context in
            try context.require(reading)
            let register = try await register(at: request)
            let accounts = Entry.kind == .person ? try await office.accountStates() : [:]
            let none = AccountState(hasPassword: false, isLocked: false)
            let pins = Entry.kind == .room ? Set(try office.roomPINs().keys) : []
            return try Response.json(
                Entry.all(of: register).map { entry in
                    let isFixed = register.isFixed(Entry.kind, entry.id)
                    return Listed(
                        entry: entry, isFixed: isFixed,
                        account: Entry.kind == .person ? accounts[entry.id] ?? none : nil,
                        hasPIN: Entry.kind == .room && !isFixed ? pins.contains(entry.id) : nil)
                })
        }
        group.put("\(path)/:id") { request, context in
            let visitor = try context.require(changing)
            let entry = try await request.json(Entry.self)
            guard entry.id == (try context.pathParameter("id")) else {
                throw Refusal(.badRequest, "The id in the body is not the one in the address.", hint: "Send it again.")
            }
            let change: RegisterChange =
                switch request.uri.queryParameters.get("mode") {
                case "add": .add(entry.entry)
                case "set": .set(entry.entry)
                default: .put(entry.entry)
                }
            return try Response.json(try await apply([change], by: visitor))
        }
        group.delete("\(path)/:id") { request, context in
            let visitor = try context.require(changing)
            let id = try context.pathParameter("id")
            let target = Entry.kind == .unit ? request.uri.queryParameters.get("into") : nil
            let change = target.map { RegisterChange.merge(unit: id, into: $0) } ?? .remove(Entry.kind, id)
            return try Response.json(try await apply([change], by: visitor))
        }
        group.post("\(path)/import") { request, context in
            let visitor = try context.require(changing)
            let file: ByteBuffer
            do { file = try await request.body.collect(upTo: CSVReader.longest + 1) } catch {
                throw Refusal(CSVReader.Malformed.tooLong(maximum: CSVReader.longest), status: .contentTooLarge)
            }
            let isTrial = request.uri.queryParameters.get("dryRun", as: Bool.self) ?? false
            return try Response.json(
                try await take(Entry.kind, Array(file.readableBytesView), isTrial: isTrial, by: visitor))
        }
    }

    private func register(at request: Request) async throws -> OfficeRegister {
        guard let at = request.uri.queryParameters.get("at") else { return office.register }
        guard let time = IndochinaTime.date(from: at) else {
            throw Refusal(.badRequest, "`at` is not a time.", hint: "Write it as 2026-11-24T09:30:00+07:00.")
        }
        return try await office.register(at: time)
    }

    private func take(
        _ kind: RegisterEntry.Kind, _ file: [UInt8], isTrial: Bool, by visitor: Visitor
    ) async throws -> ImportReport {
        let plan = RegisterImport(kind, file, into: office.register)
        guard plan.faults.isEmpty, !isTrial else {
            return ImportReport(isApplied: false, lines: plan.lines, faults: plan.faults)
        }
        let issued = try await apply(plan.changes, by: visitor)
        return ImportReport(isApplied: true, lines: plan.lines, faults: [], issued: issued)
    }

    private func apply(_ changes: [RegisterChange], by visitor: Visitor) async throws -> RegisterAnswer {
        let before = office.register
        var answer = RegisterAnswer(passwords: try await office.apply(changes, by: visitor.signature))
        for person in office.register.people where before.person(person.id) == nil {
            answer.links.append(try await link(to: person.id, by: visitor))
        }
        for person in before.people where office.register.person(person.id) == nil { sessions.closeAll(of: person.id) }
        if before.people != office.register.people || before.units != office.register.units {
            try await copies.revokeOfWhomIsNoMore()
        }
        return answer
    }

    private func link(to person: String, by visitor: Visitor) async throws -> IssuedLink {
        var link = try await office.issueLink(to: person, by: visitor.signature)
        link.url = publicURL().map { "\($0)/#/start/\(link.token)" }
        return link
    }
}

/// An entry as a route knows it.
protocol RegisterRecord: Codable, Sendable, Equatable {
    static var kind: RegisterEntry.Kind { get }
    static func all(of register: OfficeRegister) -> [Self]
    var id: String { get }
    var entry: RegisterEntry { get }
}

extension UnitEntry: RegisterRecord {
    static var kind: RegisterEntry.Kind { .unit }
    static func all(of register: OfficeRegister) -> [UnitEntry] { register.units }
    var entry: RegisterEntry { .unit(self) }
}
extension PointEntry: RegisterRecord {
    static var kind: RegisterEntry.Kind { .point }
    static func all(of register: OfficeRegister) -> [PointEntry] { register.points }
    var entry: RegisterEntry { .point(self) }
}
extension RoomEntry: RegisterRecord {
    static var kind: RegisterEntry.Kind { .room }
    static func all(of register: OfficeRegister) -> [RoomEntry] { register.rooms }
    var entry: RegisterEntry { .room(self) }
}
extension PersonEntry: RegisterRecord {
    static var kind: RegisterEntry.Kind { .person }
    static func all(of register: OfficeRegister) -> [PersonEntry] { register.people }
    var entry: RegisterEntry { .person(self) }
}
