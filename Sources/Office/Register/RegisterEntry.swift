import Foundation
import SIP
import Vietnamese

/// One of what the register holds.
public enum RegisterEntry: Hashable, Sendable {
    case unit(UnitEntry)
    case point(PointEntry)
    case room(RoomEntry)
    case person(PersonEntry)

    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case unit, point, room, person

        public var title: Words {
            switch self {
            case .unit: Words("đơn vị", "unit")
            case .point: Words("điểm cầu", "point")
            case .room: Words("phòng họp", "room")
            case .person: Words("người dùng", "person")
            }
        }
    }

    /// In the order of protocol.
    public static let highestOrder = 1_000_000

    public var kind: Kind {
        switch self {
        case .unit: .unit
        case .point: .point
        case .room: .room
        case .person: .person
        }
    }

    public var id: String {
        switch self {
        case .unit(let unit): unit.id
        case .point(let point): point.id
        case .room(let room): room.id
        case .person(let person): person.id
        }
    }

    /// As it is stored: texts in NFC without white space around them, what is empty left out.
    public var normalised: RegisterEntry {
        switch self {
        case .unit(var unit):
            unit.name = VietnameseText.stored(unit.name)
            return .unit(unit)
        case .point(var point):
            point.name = VietnameseText.stored(point.name)
            point.officer = VietnameseText.stored(point.officer)
            point.telephone = VietnameseText.stored(point.telephone)
            point.unit = stored(point.unit)
            point.address = stored(point.address)
            point.place = stored(point.place)
            if case .exception(let reason)? = point.mobileLine {
                point.mobileLine = .exception(reason: VietnameseText.stored(reason))
            }
            return .point(point)
        case .room(var room):
            room.title = VietnameseText.stored(room.title)
            room.cipherLine = stored(room.cipherLine)
            room.chair = stored(room.chair)
            room.retentionClass = stored(room.retentionClass)
            if let order = room.standingOrder {
                room.standingOrder = .init(
                    orderedBy: VietnameseText.stored(order.orderedBy), document: VietnameseText.stored(order.document))
            }
            return .room(room)
        case .person(var person):
            person.name = VietnameseText.stored(person.name)
            person.position = VietnameseText.stored(person.position)
            person.telephone = VietnameseText.stored(person.telephone)
            person.unit = stored(person.unit)
            person.identity = stored(person.identity)
            return .person(person)
        }
    }

    private func stored(_ text: String?) -> String? {
        text.map(VietnameseText.stored).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What is wrong with it by itself, whatever else there is.
    func check() throws(RegisterFault) {
        guard Self.isIdentifier(id) else { throw .invalidID(kind, id) }
        switch self {
        case .unit(let unit):
            try check(.name, unit.name)
            try check(order: unit.order)
        case .point(let point):
            try check(.name, point.name)
            try check(.officer, point.officer, mayBeEmpty: true)
            try check(telephone: point.telephone)
            try check(.place, point.place ?? "", mayBeEmpty: true)
            try check(order: point.order)
            guard Self.isUsername(point.username) else { throw .invalidUsername(point.username) }
            if let address = point.address {
                guard address.utf8.count <= 200, let uri = (try? URI(parsing: address))?.sip, uri.headers == nil else {
                    throw .invalidAddress(address)
                }
            }
            if let coordinates = point.coordinates, !coordinates.areOnEarth { throw .invalidCoordinates(point.id) }
            if case .exception(let reason)? = point.mobileLine { try check(.exception, reason) }
        case .room(let room):
            try check(.title, room.title)
            if let order = room.standingOrder {
                try check(.orderedBy, order.orderedBy)
                try check(.document, order.document)
            }
            try check(.retentionClass, room.retentionClass ?? "", mayBeEmpty: true)
            try check(.cipherLine, room.cipherLine ?? "", mayBeEmpty: true)
            guard (0...3600).contains(room.lingerSeconds), (1...5000).contains(room.maximumPoints) else {
                throw .roomBounds(room.id)
            }
        case .person(let person):
            try check(.name, person.name)
            try check(.position, person.position, mayBeEmpty: true)
            try check(telephone: person.telephone)
            try check(.identity, person.identity ?? "", mayBeEmpty: true)
        }
    }

    private func check(
        _ field: RegisterFault.Field, _ text: String, mayBeEmpty: Bool = false
    ) throws(RegisterFault) {
        if text.isEmpty, !mayBeEmpty { throw .missing(kind, id, field) }
        if text.count > 200 || text.utf8.count > 800 { throw .tooLong(kind, id, field) }
    }

    private func check(order: Int) throws(RegisterFault) {
        guard (0...Self.highestOrder).contains(order) else { throw .orderOutOfBounds(kind, id) }
    }

    private func check(telephone: String) throws(RegisterFault) {
        let isFine = telephone.utf8.allSatisfy { (0x30...0x39).contains($0) || " +-().".utf8.contains($0) }
        guard isFine, telephone.utf8.count <= 40 else { throw .invalidTelephone(kind, id) }
    }

    /// What goes into addresses and file names: 1 to 64 of a-z, 0-9, `.`, `_` and `-`, the first a letter or digit.
    public static func isIdentifier(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isLetterOrDigit(first) else {
            return false
        }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ octet: UInt8) -> Bool {
        (0x61...0x7A).contains(octet) || (0x30...0x39).contains(octet)
    }

    static func isUsername(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "-_.~+".utf8.contains($0)
            }
    }
}
