import Testing

@testable import Conference

/// What bridges say to each other, and what comes of what is no such thing.
@Suite struct TrunkOrderTests {
    private static func text(_ random: inout SeededGenerator) -> String {
        let scalars = Array("aZ09-._~ %\n\r\t\"<>Điểm cầu xã Phú Lộc 🏛\u{0}".unicodeScalars)
        var text = ""
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "a")
        }
        return text
    }

    private static func standing(_ random: inout SeededGenerator) -> TrunkStanding {
        let place: Place =
            [.hall, .waiting, .side(SideRoomID(text(&random)))].randomElement(using: &random) ?? .hall
        var standing = TrunkStanding(microphone: Bool.random(using: &random) ? .open : .muted, place: place)
        standing.isInSpotlight = Bool.random(using: &random)
        standing.layout = Bool.random(using: &random) ? Layout.allCases.randomElement(using: &random) : nil
        standing.layoutOfAll = Bool.random(using: &random) ? Layout.allCases.randomElement(using: &random) : nil
        standing.chosen = (0..<Int.random(in: 0...25, using: &random)).map { _ in PointID(text(&random)) }
        standing.isRecorded = Bool.random(using: &random)
        standing.isMarked = Bool.random(using: &random)
        standing.line = Bool.random(using: &random) ? text(&random) : ""
        return standing
    }

    @Test func whatIsWrittenIsReadTheSame() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2_000 {
            let order: TrunkOrder =
                switch Int.random(in: 0..<5, using: &random) {
                case 0: .stand(Self.standing(&random))
                case 1: .end(reason: "meeting-ended")
                case 2: .say((0..<3).map { _ in Self.text(&random) })
                case 3: .heard([Self.text(&random)])
                default: .key("0123456789*#ABCD".randomElement(using: &random) ?? "1")
                }
            let text = order.text
            guard text.utf8.count <= TrunkOrder.mostOctets else { continue }
            #expect(TrunkOrder(text) == order, "\(text)")
            #expect(text.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
        }
    }

    /// Orders that were cut, mixed up, repeated, and octets that never were one.
    @Test func whatIsNoOrderIsNoneAndHurtsNobody() {
        var random = SeededGenerator(seed: 12)
        for _ in 0..<5_000 {
            var octets = Array(TrunkOrder.stand(Self.standing(&random)).text.utf8)
            for _ in 0..<Int.random(in: 0...6, using: &random) where !octets.isEmpty {
                let place = Int.random(in: 0..<octets.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: octets[place] = UInt8.random(in: 0 ... .max, using: &random)
                case 1: octets.remove(at: place)
                case 2: octets.insert(contentsOf: octets.prefix(place), at: place)
                default: octets.removeSubrange(place...)
                }
            }
            guard let order = TrunkOrder(String(decoding: octets, as: UTF8.self)) else { continue }
            if case .stand(let standing) = order {
                #expect(standing.chosen.count <= 25 && standing.line.count <= 600)
            }
        }
        for text in [
            "", "\n", "stand", "stand\nmicrophone loud\nplace hall", "stand\nmicrophone open\nplace side",
            "stand\nmicrophone open\nplace hall\nplace waiting", "end",
            "end\nreason \(String(repeating: "x", count: 65))",
            "end\nreason %4", "end\nreason %FF", "say", "say\nkeys", "key\nkey 55", "key\nkey x", "open",
            String(repeating: "a", count: 5_000), "stand" + String(repeating: "\nx y", count: 100),
        ] {
            #expect(TrunkOrder(text) == nil, "\(text.prefix(60))")
        }
        // A newer bridge says more.
        #expect(TrunkOrder("end\nreason removed\nand more") == .end(reason: "removed"))
    }
}
