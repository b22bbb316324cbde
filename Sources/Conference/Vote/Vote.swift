/// A question put to the vote.
public struct VoteProposal: Hashable, Sendable {
    public static let longestQuestion = 500
    public static let longestPeriod = Duration.seconds(4 * 3600)

    public var question: String
    /// Only how many voted for what is known, not who.
    public var isSecret: Bool
    /// After this time it closes by itself.
    public var period: Duration?

    public init(question: String, isSecret: Bool = false, period: Duration? = nil) {
        self.question = question
        self.isSecret = isSecret
        self.period = period
    }
}

public enum Ballot: String, Hashable, Sendable, Codable, CaseIterable { case `for`, against, abstain }

/// How a vote stands, or came out.
public struct VoteTally: Hashable, Sendable, Codable {
    /// The votes of a meeting are numbered from 1.
    public var number: Int
    public var question: String
    public var isSecret: Bool
    public var opened: WallTime
    /// Nil while it is open.
    public var closed: WallTime?
    public var votesFor = 0
    public var votesAgainst = 0
    public var abstentions = 0
    /// Points that were in the hall at some time while it was open, and did not vote; once it is closed.
    public var notVoted = 0
    /// Who voted what, in the order of voting; empty where it is secret.
    public var ballots: [NamedBallot] = []

    public var cast = 0

    public struct NamedBallot: Hashable, Sendable, Codable {
        public var point: PointID
        public var ballot: Ballot
    }
}

/// A vote that is open. One ballot a point; it stands once it is given. Of a secret vote it is not kept who gave which.
struct Vote: Hashable, Sendable, Codable {
    private(set) var tally: VoteTally
    /// From its opening until it closes by itself, with the time for which no daemon held it.
    private var period: Duration?
    /// When it closes by itself, by the steady clock.
    private(set) var deadline: Duration?
    private(set) var voted: Set<PointID> = []
    private var electorate: Set<PointID>

    init(_ proposal: VoteProposal, number: Int, electorate: Set<PointID>, at now: Moment) {
        tally = VoteTally(
            number: number, question: proposal.question, isSecret: proposal.isSecret, opened: now.wall)
        period = proposal.period
        deadline = period.map { now.steady + $0 }
        self.electorate = electorate
    }

    /// The vote as another daemon goes on with it: it has the time left that it had when the last one ended.
    func goingOn(since: WallTime, at now: Moment) -> Vote {
        guard let period else { return self }
        var vote = self
        vote.period = period + max(.zero, since.duration(until: now.wall))
        vote.deadline = now.steady + max(.zero, period - tally.opened.duration(until: since))
        return vote
    }

    /// A point came into the hall while the vote is open.
    mutating func note(_ point: PointID) { electorate.insert(point) }

    /// Whether it counts; false where the point has voted.
    mutating func cast(_ ballot: Ballot, by point: PointID) -> Bool {
        guard voted.insert(point).inserted else { return false }
        electorate.insert(point)
        tally.cast += 1
        switch ballot {
        case .for: tally.votesFor += 1
        case .against: tally.votesAgainst += 1
        case .abstain: tally.abstentions += 1
        }
        if !tally.isSecret { tally.ballots.append(.init(point: point, ballot: ballot)) }
        return true
    }

    /// What may be known while it is open: from sums that grow one by one, secret ballots could be told.
    var visibleTally: VoteTally {
        guard tally.isSecret else { return tally }
        var visible = tally
        (visible.votesFor, visible.votesAgainst, visible.abstentions) = (0, 0, 0)
        return visible
    }

    func closed(at wall: WallTime) -> VoteTally {
        var result = tally
        result.closed = wall
        result.notVoted = electorate.subtracting(voted).count
        return result
    }
}
