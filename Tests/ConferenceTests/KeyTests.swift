import Testing

@testable import Conference

@Suite struct KeyTests {
    private func outcomes(_ keys: String, _ expecting: KeySequence.Expectation = .nothing) -> [KeySequence.Outcome?] {
        var sequence = KeySequence()
        return keys.map { sequence.press($0, at: .zero, expecting: expecting) }
    }

    @Test func keysArePutTogether() {
        #expect(outcomes("*5") == [nil, .hand])
        #expect(outcomes("**6") == [nil, nil, .ownMicrophone])
        #expect(outcomes("*001") == [nil, nil, nil, .chair(.muteAll)])
        #expect(outcomes("*000") == [nil, nil, nil, .chair(.open)])
        #expect(outcomes("*055") == [nil, nil, nil, .unknown])
        #expect(outcomes("*099") == [nil, nil, nil, .chair(.close)])
        #expect(outcomes("2", .ballot) == [.ballot(.against)])
        #expect(outcomes("2") == [.unknown])
        #expect(outcomes("2468#", .pin) == [nil, nil, nil, nil, .pin("2468")])
        #expect(outcomes("9*2468#", .pin).last == .pin("2468"))
    }

    @Test func whatIsNotFinishedInTimeIsForgotten() {
        var sequence = KeySequence()
        #expect(sequence.press("*", at: .seconds(1), expecting: .nothing) == nil)
        #expect(sequence.press("5", at: .seconds(7), expecting: .nothing) == .unknown)
        #expect(sequence.press("*", at: .seconds(8), expecting: .nothing) == nil)
        #expect(sequence.press("5", at: .seconds(13), expecting: .nothing) == .hand)
    }

    @Test func anyKeysLeaveABoundedSequence() {
        var random = SeededGenerator(seed: 5)
        var sequence = KeySequence()
        for _ in 0..<20_000 {
            let key = "0123456789*#ABCDếx".randomElement(using: &random) ?? "0"
            let expecting: KeySequence.Expectation = [.nothing, .ballot, .pin].randomElement(using: &random) ?? .pin
            _ = sequence.press(key, at: .zero, expecting: expecting)
            #expect("\(sequence)".count < 200)
        }
    }

    @Test func theChairLeadsByKeysAndNobodyElseDoes() {
        var bench = Bench.sitting()
        bench.press("*5", 3)
        #expect(bench.press("*002", 2).said.last == "notAllowed p2")
        #expect(bench.press("*002", 1).deeds == ["open p3", "spotlight p3"])
        #expect(bench.press("*077", 1).said == ["unknownKey p1"])
        #expect(bench.press("*006", 1).said == ["present(count: 4, of: 6) p1"])
        #expect(bench.press("*007", 1).deeds == ["record"])
        #expect(bench.press("*008", 1).deeds == ["pause"])
        #expect(bench.press("*007", 1).deeds == ["resume"])
        #expect(bench.press("*004", 1).logged == ["locked"])
        #expect(bench.press("*004", 1).said == ["notAllowed p1"], "it is locked already")
        #expect(bench.press("*099", 1).deeds.last == "close")
    }

    @Test func aTelephoneGivesThePINOrGoes() {
        var bench = Bench.sitting()
        #expect(bench.arrive(9, "cong", "hop", at: 20).said == ["enterPIN p9"])
        #expect(bench.place(9) == .waiting)
        #expect(bench.press("1111#", 9, at: 21).said == ["wrongPIN p9"])
        #expect(bench.press("2468#", 9, at: 22).deeds == ["move p9 hall", "muted p9"])
        #expect(bench.place(9) == .hall)
        bench.send(.leave(9, .hungUp), at: at(23))

        bench.arrive(10, "cong", "hop", at: 30)
        bench.press("1#2#", 10, at: 31)
        #expect(bench.press("3#", 10, at: 32).deeds == ["disconnect p10 wrong-pin"])

        bench.arrive(11, "cong", "hop", at: 40)
        #expect(bench.conference.deadline == at(100).steady)
        #expect(bench.send(.deadlineReached, at: at(100)).deeds == ["disconnect p11 wrong-pin"])
    }
}
