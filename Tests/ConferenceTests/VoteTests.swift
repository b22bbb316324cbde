import Testing

@testable import Conference

@Suite struct VoteTests {
    @Test func eachPointVotesOnceByKeysOrByItsPage() throws {
        var bench = Bench.sitting()
        #expect(bench.press("1", 2).said == ["unknownKey p2"], "no vote is open")
        #expect(bench.order(.openVote(.init(question: "Thông qua?"))).logged == ["vote-opened"])
        #expect(bench.press("1", 2).said == ["ballotTaken(Conference.Ballot.for) p2"])
        #expect(bench.press("2", 2).said == ["ballotRefused p2"])
        bench.send(.vote(3, .against), at: at(12))
        #expect(bench.press("7", 4).said == ["unknownKey p4"])
        #expect(bench.order(.openVote(.init(question: "Nữa?"))).refusal == .voteIsOpen)
        let closing = bench.order(.closeVote, at: 20)
        #expect(closing.logged == ["vote-closed"])
        let tally = try #require(bench.status?.votes.first)
        #expect((tally.votesFor, tally.votesAgainst, tally.abstentions, tally.notVoted) == (1, 1, 0, 2))
        #expect(tally.ballots == [.init(point: "soyte", ballot: .for), .init(point: "phuloc", ballot: .against)])
        #expect(bench.order(.closeVote, at: 21).refusal == .noVoteIsOpen)
    }

    @Test func ofASecretVoteNobodyLearnsWhoVotedWhat() throws {
        var bench = Bench.sitting()
        bench.order(.openVote(.init(question: "Bầu?", isSecret: true)))
        bench.press("1", 2)
        bench.press("3", 3)
        let open = try #require(bench.status?.vote)
        #expect((open.cast, open.votesFor, open.abstentions) == (2, 0, 0))
        bench.order(.closeVote, at: 20)
        let tally = try #require(bench.status?.votes.first)
        #expect((tally.votesFor, tally.abstentions, tally.notVoted) == (1, 1, 2))
        #expect(tally.ballots.isEmpty)
        for case .log(let event) in bench.actions where event.name == "ballot" {
            #expect(event.fields.map(\.key) == ["point"])
        }
    }

    @Test func aVoteClosesAtItsTimeAndItsResultIsShown() {
        var bench = Bench.sitting()
        bench.order(.openVote(.init(question: "Thông qua?", period: .seconds(30))), at: 10)
        #expect(bench.conference.deadline == at(40).steady)
        #expect(bench.send(.deadlineReached, at: at(40)).logged == ["vote-closed"])
        bench.order(.showMessage("Nghỉ 10 phút"), at: 50)
        #expect(bench.actions.deeds.last == "overlay message(\"Nghỉ 10 phút\")")
        #expect(bench.order(.showMessage(nil), at: 51).deeds == ["overlay nothing"])
    }

    @Test func aResultIsTakenOffThePictureAsAMessageIs() {
        var bench = Bench.sitting()
        bench.order(.openVote(.init(question: "Thông qua?")), at: 10)
        bench.order(.closeVote, at: 20)
        #expect(bench.order(.showMessage(nil), at: 21).deeds == ["overlay nothing"])
        #expect(bench.order(.showMessage(nil), at: 22).refusal == .alreadySo)
    }

    @Test func whoWaitsOrIsAsideDoesNotVote() {
        var bench = Bench.sitting()
        bench.order(.moveAside("soyte", to: "riêng"))
        bench.order(.openVote(.init(question: "?")))
        #expect(bench.send(.vote(2, .for), at: at(11)).said == ["ballotRefused p2"])
        #expect(bench.send(.vote(99, .for), at: at(11)).isEmpty)
    }
}
