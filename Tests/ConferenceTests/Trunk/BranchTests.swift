import Testing

@testable import Conference

/// The part of a meeting that sits at another bridge than its home.
@Suite struct BranchTests {
    private static let open = TrunkStanding(microphone: .open, place: .hall)

    /// A branch with one point that the home took in.
    private func seated() -> Branch {
        var branch = Branch(at: "hai", home: "mot")
        _ = branch.handle(.arrive(1, "phuloc"), at: .zero)
        _ = branch.handle(.taken(1), at: .zero)
        return branch
    }

    @Test func aPointComesInWhenTheHomeTookItIn() {
        var branch = Branch(at: "hai", home: "mot")
        #expect(branch.handle(.arrive(1, "phuloc"), at: .zero) == [.project(1, to: "mot")])
        #expect(branch.standing(of: 1) == .unknown)
        #expect(branch.handle(.taken(1), at: .zero) == [.welcome(1)])
        #expect(branch.handle(.ordered(1, .stand(Self.open)), at: .zero) == [.place(1, Self.open)])
        #expect(branch.handle(.ordered(1, .stand(Self.open)), at: .zero).isEmpty, "no news")
        #expect(branch.handle(.leave(1), at: .zero) == [.withdraw(1), .close])
    }

    @Test func whomTheHomeRefusesIsRefusedWithTheSameWord() {
        var branch = Branch(at: "hai", home: "mot")
        _ = branch.handle(.arrive(1, "khach"), at: .zero)
        #expect(
            branch.handle(.refused(1, code: 403, reason: "not invited"), at: .zero)
                == [.dismiss(1, code: 403, reason: "not invited")])
        #expect(branch.handle(.leave(1), at: .zero) == [.close])
    }

    @Test func whomTheHomeHasLeaveLeaves() {
        var branch = seated()
        #expect(
            branch.handle(.ordered(1, .end(reason: "removed")), at: .zero)
                == [.withdraw(1), .dismiss(1, code: 480, reason: "removed")])
        #expect(branch.handle(.lost(1), at: .zero).isEmpty, "the call that was ended ended")
    }

    @Test func whereTheHomeVanishesPointsStayAndAreBroughtToTheNext() {
        var branch = seated()
        _ = branch.handle(.ordered(1, .stand(Self.open)), at: .zero)
        #expect(branch.handle(.lost(1), at: .seconds(10)) == [.findHome])
        #expect(branch.handle(.home(nil), at: .seconds(10)).isEmpty)
        #expect(branch.standing(of: 1) == Self.open, "it is heard as before")
        // Nobody else comes in.
        #expect(branch.handle(.arrive(2, "soyte"), at: .seconds(10)) == [.dismiss(2, code: 503, reason: Branch.noHome)])
        _ = branch.handle(.leave(2), at: .seconds(10))
        #expect(branch.deadline == .seconds(11))
        #expect(branch.handle(.deadlineReached, at: .seconds(11)) == [.findHome])
        #expect(branch.handle(.home("ba"), at: .milliseconds(11_500)) == [.project(1, to: "ba")])
        // It is in already: it is not welcomed again.
        #expect(branch.handle(.taken(1), at: .seconds(12)).isEmpty)
        #expect(branch.deadline == nil)
    }

    @Test func withoutAHomeForLongEveryPointIsSentAway() {
        var branch = seated()
        _ = branch.handle(.lost(1), at: .zero)
        let end = Branch.patience
        #expect(!branch.handle(.deadlineReached, at: end - .milliseconds(1)).contains { isDismissal($0) })
        #expect(branch.handle(.deadlineReached, at: end) == [.dismiss(1, code: 503, reason: "home-lost")])
    }

    private func isDismissal(_ action: Branch.Action) -> Bool {
        if case .dismiss = action { true } else { false }
    }

    /// A home that answers and loses each call at once is not called without end.
    @Test func whatFailsAtOnceIsNotTriedWithoutEnd() {
        var branch = seated()
        var looks = 0
        for tenth in 0..<100 {
            let now = Duration.milliseconds(100 * tenth)
            var waiting = branch.handle(.lost(1), at: now) + branch.handle(.deadlineReached, at: now)
            while !waiting.isEmpty {
                let action = waiting.removeFirst()
                if case .findHome = action {
                    looks += 1
                    waiting += branch.handle(.home("mot"), at: now)
                }
                if case .project = action { waiting += branch.handle(.lost(1), at: now) }
                #expect(looks < 30)
            }
        }
        #expect((9...12).contains(looks), "\(looks)")
    }

    @Test func othersPointsComeFromTheHomeAloneAndNeverInACircle() {
        var branch = seated()
        let guest = TrunkOrigin(bridge: "mot", participant: 4)
        #expect(branch.handle(.received(10, guest, by: "mot"), at: .zero) == [.accept(10)])
        #expect(
            branch.handle(.received(11, guest, by: "ba"), at: .zero) == [
                .reject(11, code: 403, reason: Branch.moved)
            ])
        let own = TrunkOrigin(bridge: "hai", participant: 1)
        let refusal = branch.handle(.received(12, own, by: "mot"), at: .zero)
        #expect(refusal == [.reject(12, code: 482, reason: "The point is one of this bridge's own")])
        // Brought again, it takes its own place.
        #expect(
            branch.handle(.received(13, guest, by: "mot"), at: .zero)
                == [.reject(10, code: 480, reason: "replaced"), .accept(13)])
    }

    @Test func aBridgeThatBecomesTheHomeTakesItsPointsOver() {
        var branch = seated()
        _ = branch.handle(.received(10, TrunkOrigin(bridge: "mot", participant: 4), by: "mot"), at: .zero)
        _ = branch.handle(.lost(1), at: .zero)
        #expect(
            branch.handle(.home("hai"), at: .seconds(1))
                == [.reject(10, code: 480, reason: Branch.moved), .adopt([1])])
        #expect(branch.handle(.deadlineReached, at: .seconds(500)).isEmpty)
    }

    /// What must hold whatever happens in whatever order.
    private struct Watch {
        var projected: Set<ParticipantID> = []
        var welcomed: Set<ParticipantID> = []
        var taken: Set<ParticipantID> = []
        var dismissed: Set<ParticipantID> = []
        var guests: [ParticipantID: TrunkOrigin] = [:]
        var here: Set<ParticipantID> = []
        var isOver = false

        mutating func see(_ action: Branch.Action) {
            #expect(!isOver, "something follows the end: \(action)")
            switch action {
            case .project(let participant, let bridge):
                #expect(projected.insert(participant).inserted, "projected twice")
                #expect(here.contains(participant) && !dismissed.contains(participant) && bridge != "hai")
            case .withdraw(let participant):
                #expect(projected.remove(participant) != nil, "withdrawn without having been projected")
            case .welcome(let participant):
                #expect(taken.contains(participant), "welcomed though no home took it in")
                #expect(welcomed.insert(participant).inserted, "welcomed twice")
            case .dismiss(let participant, let code, let reason):
                #expect(dismissed.insert(participant).inserted, "sent away twice")
                #expect((400...699).contains(code) && !reason.isEmpty)
            case .place(let participant, _):
                #expect(here.contains(participant) || guests[participant] != nil)
            case .say(let participant, _): #expect(welcomed.contains(participant))
            case .accept(let participant):
                let origin = guests[participant]
                #expect(origin?.bridge != "hai")
            case .reject(let participant, _, _): guests[participant] = nil
            case .findHome: break
            case .adopt(let points):
                #expect(points.allSatisfy { welcomed.contains($0) && !dismissed.contains($0) })
                isOver = true
            case .close:
                #expect(here.isEmpty && projected.isEmpty)
                isOver = true
            }
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func noOrderOfEventsBreaksTheRules(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var branch = Branch(at: "hai", home: "mot")
        var watch = Watch()
        var now = Duration.zero
        var next: UInt64 = 1
        for _ in 0..<600 where !watch.isOver {
            now += .milliseconds(Int.random(in: 0...2_000, using: &random))
            let local = watch.here.sorted().randomElement(using: &random)
            let guest = watch.guests.keys.sorted().randomElement(using: &random)
            var event = Branch.Event.deadlineReached
            switch Int.random(in: 0..<14, using: &random) {
            case 0, 1, 2:
                let participant = ParticipantID(rawValue: next)
                next += 1
                watch.here.insert(participant)
                event = .arrive(participant, PointID("p\(next % 5)"))
            case 3 where local != nil:
                guard let local, watch.here.count > 1 || Int.random(in: 0..<6, using: &random) == 0 else { continue }
                watch.here.remove(local)
                event = .leave(local)
            case 4, 5:
                guard let called = watch.projected.sorted().randomElement(using: &random) else { continue }
                watch.taken.insert(called)
                event = .taken(called)
            case 6:
                guard let called = watch.projected.subtracting(watch.taken).sorted().randomElement(using: &random)
                else {
                    continue
                }
                watch.projected.remove(called)
                event = .refused(called, code: 403, reason: "not invited")
            case 7, 8:
                guard let called = watch.projected.sorted().randomElement(using: &random) else { continue }
                watch.projected.remove(called)
                event = .lost(called)
            case 9:
                guard let who = Bool.random(using: &random) ? local : guest else { continue }
                let order: TrunkOrder = Bool.random(using: &random) ? .stand(Self.open) : .say(["removed"])
                event = .ordered(who, order)
            case 10:
                guard let local else { continue }
                event = .ordered(local, .end(reason: "removed"))
            case 11, 12:
                let answers: [BridgeID?] = ["mot", "mot", "ba", nil, seed % 4 == 0 ? "hai" : "mot"]
                let answer = answers.randomElement(using: &random) ?? nil
                event = .home(answer)
            case 13:
                let participant = ParticipantID(rawValue: next)
                next += 1
                let bridges: [BridgeID] = ["mot", "ba", "hai"]
                let origin = TrunkOrigin(
                    bridge: bridges.randomElement(using: &random) ?? "mot",
                    participant: .init(rawValue: .random(in: 1...3, using: &random)))
                watch.guests[participant] = origin
                event = .received(participant, origin, by: bridges.randomElement(using: &random) ?? "mot")
            default: break
            }
            for action in branch.handle(event, at: now) { watch.see(action) }
            if !watch.isOver {
                #expect(Set(watch.guests.values).count == watch.guests.count, "one point twice")
                #expect(watch.guests.keys.allSatisfy { branch.origin(of: $0) != nil })
                #expect(branch.deadline.map { $0 >= now } ?? true || event != .deadlineReached)
            }
        }
    }
}
