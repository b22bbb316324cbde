import Foundation
import Vietnamese

/// What a file would do to the register. Either every line of it can be taken, or none is.
public struct RegisterImport: Sendable {
    /// Something that is wrong with the file.
    public struct Fault: Codable, Hashable, Sendable {
        /// Counted from 1; nil where it is the file as a whole.
        public var line: Int?
        public var words: Words
    }

    /// What becomes of a line.
    public struct Line: Codable, Hashable, Sendable {
        public enum Outcome: String, Codable, Hashable, Sendable, CaseIterable { case new, changed, same }
        public var line: Int
        public var id: String
        public var name: String
        public var outcome: Outcome
    }

    public private(set) var changes: [RegisterChange] = []
    public private(set) var lines: [Line] = []
    public private(set) var faults: [Fault] = []

    /// More are not told.
    public static let mostFaults = 200

    private let kind: RegisterEntry.Kind
    private let register: OfficeRegister
    private var columns: [ImportColumn?] = []
    private var seen: [String: Int] = [:]
    private var usernames: [String: String] = [:]
    /// Where what is new and has no place of its own comes: after all others, as in the file.
    private var lastOrder: Int

    /// Reads a file of units, points, rooms or people. A column that it lacks leaves what was known as it is.
    public init(_ kind: RegisterEntry.Kind, _ octets: some Collection<UInt8>, into register: OfficeRegister) {
        self.kind = kind
        self.register = register
        lastOrder = (kind == .unit ? register.units.last?.order : register.points.last?.order) ?? 0
        do throws(CSVReader.Malformed) {
            let records = try CSVReader.records(octets)
            read(records)
        } catch {
            report(nil, error.words)
        }
    }

    private mutating func read(_ records: [CSVReader.Record]) {
        guard let head = records.first, readHeadings(head) else { return }
        for record in records.dropFirst() { read(record) }
        guard faults.isEmpty else {
            changes = []
            return
        }
        do throws(RegisterFault) { _ = try register.applying(changes) } catch {
            changes = []
            report(nil, error.words)
        }
    }

    private mutating func readHeadings(_ head: CSVReader.Record) -> Bool {
        let allowed = ImportColumn.columns(of: kind)
        for heading in head.fields {
            let column = ImportColumn.named(heading).flatMap { allowed.contains($0) ? $0 : nil }
            if column == nil, !heading.trimmingCharacters(in: .whitespaces).isEmpty {
                report(
                    head.line,
                    Words("Không hiểu cột “\(shown(heading))”.", "The column “\(shown(heading))” is not known."))
            } else if let column, columns.contains(column) {
                report(
                    head.line,
                    Words("Cột “\(shown(heading))” có hai lần.", "The column “\(shown(heading))” is there twice."))
            }
            columns.append(column)
        }
        if !columns.contains(.id) { report(head.line, Words("Thiếu cột “Mã”.", "The column “id” is missing.")) }
        return faults.isEmpty
    }

    private mutating func read(_ record: CSVReader.Record) {
        if record.fields.dropFirst(columns.count).contains(where: { !$0.isEmpty }) {
            return report(
                record.line,
                Words(
                    "Có \(record.fields.count) ô nhưng chỉ có \(columns.count) cột.",
                    "There are \(record.fields.count) fields and only \(columns.count) columns."))
        }
        var values: [ImportColumn: String] = [:]
        for (column, field) in zip(columns, record.fields) {
            if let column { values[column] = VietnameseText.stored(field) }
        }
        let id = values[.id] ?? ""
        if let earlier = seen[id] {
            return report(
                record.line,
                Words("Mã \(shown(id)) đã có ở dòng \(earlier).", "The id \(shown(id)) is on line \(earlier) already."))
        }
        seen[id] = record.line
        let before = faults.count
        guard let entry = entry(values, record.line), faults.count == before else { return }
        judge(entry, record.line)
    }

    private mutating func judge(_ entry: RegisterEntry, _ line: Int) {
        let entry = entry.normalised
        let key = OfficeRegister.Key(entry.kind, entry.id)
        do throws(RegisterFault) {
            if register.isFixed(entry.kind, entry.id), register.entry(key) != entry {
                throw .managedInFile(entry.kind, entry.id)
            }
            try entry.check()
            if case .point(let point) = entry {
                if let owner = usernames[point.username] { throw .usernameTaken(point.username, by: owner) }
                usernames[point.username] = point.id
            }
            if let unit = entry.unit, register.unit(unit) == nil {
                throw .unknownReference(entry.kind, entry.id, to: .unit, unit)
            }
        } catch {
            return report(line, error.words)
        }
        let known = register.entry(key)
        lines.append(
            Line(
                line: line, id: entry.id, name: entry.name,
                outcome: known == nil ? .new : known == entry ? .same : .changed))
        if known != entry { changes.append(.put(entry)) }
    }

    private mutating func report(_ line: Int?, _ words: Words) {
        if faults.count < Self.mostFaults { faults.append(Fault(line: line, words: words)) }
    }

    // MARK: Fields

    private mutating func takeOrder() -> Int {
        lastOrder = min(lastOrder + 10, RegisterEntry.highestOrder)
        return lastOrder
    }

    private mutating func entry(_ values: [ImportColumn: String], _ line: Int) -> RegisterEntry? {
        let id = values[.id] ?? ""
        switch kind {
        case .unit:
            var unit = register.unit(id) ?? UnitEntry(id: id, name: "", order: takeOrder())
            if let name = values[.name] { unit.name = name }
            if let order = values[.order] { unit.order = number(order, line) ?? unit.order }
            if let level = values[.level] {
                unit.level = level.isEmpty ? nil : named(level, line, UnitEntry.Level.named)
            }
            return .unit(unit)
        case .point:
            return .point(point(values, line))
        case .person:
            var person = register.person(id) ?? PersonEntry(id: id, name: "")
            if let name = values[.name] { person.name = name }
            if let position = values[.position] { person.position = position }
            if let unit = values[.unit] { person.unit = unitID(unit) }
            if let telephone = values[.telephone] { person.telephone = telephone }
            if let identity = values[.identity] { person.identity = identity.isEmpty ? nil : identity }
            if let roles = values[.roles] {
                person.roles = Set(parts(roles).compactMap { named($0, line, Role.named) })
            }
            return .person(person)
        case .room:
            return .room(room(values, line))
        }
    }

    /// PINs are no matter of files that are handed around.
    private mutating func room(_ values: [ImportColumn: String], _ line: Int) -> RoomEntry {
        let id = values[.id] ?? ""
        var room = register.room(id) ?? RoomEntry(id: id, title: "")
        if let title = values[.name] { room.title = title }
        if let door = values[.door] { room.isOpen = door.isEmpty || named(door, line, ImportFlag.isOpen) ?? false }
        if let points = values[.points] { room.points = points.isEmpty ? nil : Set(parts(points)) }
        if let line = values[.cipherLine] { room.cipherLine = line }
        if let chair = values[.chair] { room.chair = chair.isEmpty ? nil : chair }
        if let code = values[.retentionClass] { room.retentionClass = code.isEmpty ? nil : code }
        if let maximum = values[.maximum] { room.maximumPoints = number(maximum, line) ?? room.maximumPoints }
        if let linger = values[.linger] {
            room.lingerSeconds = number(linger, line).map(Double.init) ?? room.lingerSeconds
        }
        if let microphones = values[.microphones] {
            room.opensMicrophones = microphones.isEmpty ? nil : named(microphones, line, ImportFlag.isOpen)
        }
        if let callBack = values[.callBack] {
            room.callsBack = callBack.isEmpty ? nil : named(callBack, line, ImportFlag.isYes)
        }
        let order = (
            values[.orderedBy] ?? room.standingOrder?.orderedBy ?? "",
            values[.document] ?? room.standingOrder?.document ?? ""
        )
        room.standingOrder = order == ("", "") ? nil : .init(orderedBy: order.0, document: order.1)
        return room
    }

    private mutating func point(_ values: [ImportColumn: String], _ line: Int) -> PointEntry {
        let id = values[.id] ?? ""
        var point = register.point(id) ?? PointEntry(id: id, name: "", order: takeOrder())
        if let name = values[.name] { point.name = name }
        if let order = values[.order] { point.order = number(order, line) ?? point.order }
        if let unit = values[.unit] { point.unit = unitID(unit) }
        if let officer = values[.officer] { point.officer = officer }
        if let telephone = values[.telephone] { point.telephone = telephone }
        if let username = values[.username], !username.isEmpty { point.username = username }
        if let devices = values[.devices] {
            point.devices = Set(parts(devices).compactMap { named($0, line, PointEntry.Device.named) })
        }
        if let address = values[.address] { point.address = address.isEmpty ? nil : address }
        if let place = values[.place] { point.place = place.isEmpty ? nil : place }
        if let sim = values[.sim] {
            switch VietnameseText.folded(sim) {
            case "": point.mobileLine = nil
            case "cap", "duoc cap", "co", "x", "issued", "yes": point.mobileLine = .issuedSIM
            default: point.mobileLine = .exception(reason: sim)
            }
        }
        switch (values[.latitude] ?? "", values[.longitude] ?? "") {
        case ("", ""): break
        case (let latitude, let longitude):
            if let latitude = degrees(latitude), let longitude = degrees(longitude) {
                point.coordinates = .init(latitude: latitude, longitude: longitude)
            } else {
                report(line, RegisterFault.invalidCoordinates(id).words)
            }
        }
        return point
    }

    /// A unit may be named by its id or, where only one is called so, by its name.
    private func unitID(_ text: String) -> String? {
        if text.isEmpty { return nil }
        if register.unit(text) != nil { return text }
        let folded = VietnameseText.folded(text)
        let found = register.units.filter { VietnameseText.folded($0.name) == folded }
        return found.count == 1 ? found[0].id : text
    }

    private mutating func number(_ text: String, _ line: Int) -> Int? {
        if let number = Int(text) { return number }
        if !text.isEmpty {
            report(line, Words("“\(shown(text))” không phải số nguyên.", "“\(shown(text))” is not a whole number."))
        }
        return nil
    }

    private mutating func named<Value>(_ text: String, _ line: Int, _ find: (String) -> Value?) -> Value? {
        if let value = find(text) { return value }
        report(line, Words("Không hiểu “\(shown(text))”.", "“\(shown(text))” is not known here."))
        return nil
    }

    /// With a point or, as spreadsheets here write it, a comma.
    private func degrees(_ text: String) -> Double? {
        Double(text.replacingOccurrences(of: ",", with: ".")).flatMap { $0.isFinite ? $0 : nil }
    }

    private func parts(_ text: String) -> [String] {
        text.split { ",;|/+".contains($0) }.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}

extension RegisterEntry {
    var unit: String? {
        switch self {
        case .point(let point): point.unit
        case .person(let person): person.unit
        case .unit, .room: nil
        }
    }

    public var name: String {
        switch self {
        case .unit(let unit): unit.name
        case .point(let point): point.name
        case .room(let room): room.title
        case .person(let person): person.name
        }
    }
}
