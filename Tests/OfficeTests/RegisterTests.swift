import Foundation
import Office
import Testing

@Suite("The register")
struct RegisterTests {
    private func register() throws -> OfficeRegister {
        try OfficeRegister(
            fixed: [.unit(UnitEntry(id: "vpubnd", name: "Văn phòng UBND tỉnh", order: 10))], managed: []
        ).applying([
            .add(.point(PointEntry(id: "soyte", name: "Sở Y tế", unit: "soyte", order: 20))),
            .add(.unit(UnitEntry(id: "soyte", name: "Sở Y tế", order: 20))),
            .add(.point(PointEntry(id: "vanphong", name: "Văn phòng", unit: "vpubnd", order: 10))),
        ])
    }

    @Test("lists points in the order of protocol, whatever the order they came in")
    func order() throws {
        #expect(try register().points.map(\.id) == ["vanphong", "soyte"])
    }

    @Test("stores names in NFC without white space around them")
    func normalises() throws {
        let decomposed = "  Sở Tư pháp ".decomposedStringWithCanonicalMapping
        let changed = try register().applying([.add(.unit(UnitEntry(id: "sotuphap", name: decomposed)))])
        #expect(changed.unit("sotuphap")?.name.unicodeScalars.elementsEqual("Sở Tư pháp".unicodeScalars) == true)
    }

    @Test("does all changes or none")
    func atomic() throws {
        let before = try register()
        #expect(throws: RegisterFault.exists(.unit, "soyte")) {
            try before.applying([
                .add(.unit(UnitEntry(id: "moi", name: "Mới"))), .add(.unit(UnitEntry(id: "soyte", name: "Lại"))),
            ])
        }
        #expect(before.unit("moi") == nil)
    }

    @Test("leaves what the configuration file fixes to the file")
    func fixed() throws {
        #expect(throws: RegisterFault.managedInFile(.unit, "vpubnd")) {
            try register().applying([.put(.unit(UnitEntry(id: "vpubnd", name: "Khác")))])
        }
        #expect(throws: RegisterFault.managedInFile(.unit, "vpubnd")) {
            try OfficeRegister(
                fixed: [.unit(UnitEntry(id: "vpubnd", name: "Một"))],
                managed: [.unit(UnitEntry(id: "vpubnd", name: "Hai"))])
        }
    }

    @Test("gives no account to two points, and lets two exchange theirs")
    func accounts() throws {
        #expect(throws: RegisterFault.usernameTaken("soyte", by: "soyte")) {
            try register().applying([.add(.point(PointEntry(id: "thua", name: "Thừa", username: "soyte", order: 99)))])
        }
        var one = try #require(try register().point("soyte"))
        var other = try #require(try register().point("vanphong"))
        (one.username, other.username) = (other.username, one.username)
        let exchanged = try register().applying([.set(.point(one)), .set(.point(other))])
        #expect(exchanged.point("soyte")?.username == "vanphong")
    }

    @Test("keeps a unit that points belong to, and merges it with all of them")
    func merging() throws {
        #expect(throws: RegisterFault.inUse(.unit, "soyte", by: ["soyte"])) {
            try register().applying([.remove(.unit, "soyte")])
        }
        let merged = try register().applying([.merge(unit: "soyte", into: "vpubnd")])
        #expect(merged.unit("soyte") == nil)
        #expect(merged.point("soyte")?.unit == "vpubnd")
    }

    @Test("keeps at least one administrator once there is one")
    func lastAdministrator() throws {
        let one = try register().applying([
            .add(.person(PersonEntry(id: "quantri", name: "Quản Trị", roles: [.administrator])))
        ])
        #expect(throws: RegisterFault.noAdministratorLeft) { try one.applying([.remove(.person, "quantri")]) }
    }

    @Test(
        "refuses what cannot be",
        arguments: [
            RegisterEntry.unit(UnitEntry(id: "Có Dấu", name: "x")), .unit(UnitEntry(id: "a", name: "   ")),
            .point(PointEntry(id: "a", name: "x", telephone: "gọi tôi")),
            .point(PointEntry(id: "a", name: "x", unit: "ma")),
            .point(PointEntry(id: "a", name: "x", address: "mailto:a@b")),
            .point(PointEntry(id: "a", name: "x", coordinates: .init(latitude: 91, longitude: 0))),
            .point(PointEntry(id: "a", name: "x", mobileLine: .exception(reason: " "))),
            .room(RoomEntry(id: "a", title: "x", points: ["ma"])),
            .room(RoomEntry(id: "a", title: "x", maximumPoints: 0)),
            .person(PersonEntry(id: "a", name: String(repeating: "â", count: 201))),
        ])
    func refuses(entry: RegisterEntry) throws {
        #expect(throws: RegisterFault.self) { try register().applying([.put(entry)]) }
    }

    @Test("is sound after any changes: references lead somewhere, accounts are single")
    func soundness() {
        var random = SplitMix(state: 20261126)
        var register = OfficeRegister()
        var applied = 0
        for _ in 0..<4000 {
            let id = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
            let other = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
            let change: RegisterChange =
                switch Int.random(in: 0..<8, using: &random) {
                case 0: .put(.unit(UnitEntry(id: id, name: id)))
                case 1: .add(.point(PointEntry(id: id, name: id, unit: other)))
                case 2: .put(.point(PointEntry(id: id, name: id, unit: other, username: other)))
                case 3: .put(.room(RoomEntry(id: id, title: id, points: [other])))
                case 4: .put(.person(PersonEntry(id: id, name: id, unit: other, roles: [.chair])))
                case 5: .remove(RegisterEntry.Kind.allCases.randomElement(using: &random) ?? .unit, id)
                case 6: .merge(unit: id, into: other)
                default: .set(.point(PointEntry(id: id, name: id)))
                }
            guard let next = try? register.applying([change]) else { continue }
            register = next
            applied += 1
            #expect(Set(register.points.map(\.username)).count == register.points.count)
            #expect(register.points.allSatisfy { $0.unit.map { register.unit($0) != nil } ?? true })
            #expect(register.people.allSatisfy { $0.unit.map { register.unit($0) != nil } ?? true })
            #expect(register.rooms.allSatisfy { ($0.points ?? []).allSatisfy { register.point($0) != nil } })
        }
        #expect(applied > 1000)
    }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
