/// What the bridge can say: the name of a file without its ending.
public struct AnnouncementKey: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    private init(_ rawValue: String) { self.rawValue = rawValue }

    public static let recordingOn = Self("recording-on")
    public static let recordingOff = Self("recording-off")
    public static let recordingPaused = Self("recording-paused")
    public static let muted = Self("muted")
    public static let unmuted = Self("unmuted")
    public static let youMaySpeak = Self("you-may-speak")
    public static let handRaised = Self("hand-raised")
    public static let handLowered = Self("hand-lowered")
    public static let oneMinuteLeft = Self("one-minute-left")
    public static let timeIsUp = Self("time-is-up")
    public static let waitingRoom = Self("waiting-room")
    public static let meetingOpens = Self("meeting-opens")
    public static let meetingEnds = Self("meeting-ends")
    public static let meetingEndsSoon = Self("meeting-ends-soon")
    public static let roomLocked = Self("room-locked")
    public static let enterPIN = Self("enter-pin")
    public static let wrongPIN = Self("wrong-pin")
    public static let sideRoom = Self("side-room")
    public static let backFromSideRoom = Self("back-from-side-room")
    public static let removed = Self("removed")
    /// It names the keys.
    public static let voteOpen = Self("vote-open")
    public static let voteTaken = Self("vote-taken")
    public static let voteClosed = Self("vote-closed")
    public static let notAllowed = Self("not-allowed")
    public static let roomUnlocked = Self("room-unlocked")
    public static let turnIsOver = Self("turn-is-over")
    public static let unknownKey = Self("unknown-key")
    public static let lateComer = Self("late-comer")
    public static let pointWaits = Self("point-waits")
    public static let pointDropped = Self("point-dropped")
    /// Each before a number.
    public static let pointsMissing = Self("points-missing")
    public static let pointsPresent = Self("points-present")
    public static let outOf = Self("out-of")
    public static let lineCheckPrompt = Self("line-check-prompt")
    public static let lineCheckWait = Self("line-check-wait")
    public static let lineCheckBusy = Self("line-check-busy")
    /// Before a number.
    public static let score = Self("score")
    /// The decimal sign.
    public static let point = Self("point")

    /// `good`, `usable` or `notFit`.
    public static func verdict(_ grade: String) -> Self { Self("verdict-\(grade)") }
    /// What ails a line, as `LineFault` names it.
    public static func fault(_ name: String) -> Self { Self("fault-\(name)") }
    /// 0 to 9.
    public static func digit(_ digit: Int) -> Self { Self("number-\(min(max(digit, 0), 9))") }

    /// A number of 0 to 9.9, to one decimal.
    public static func number(_ value: Double) -> [Self] {
        let tenths = value.isFinite ? Int((min(max(value, 0), 9.9) * 10).rounded()) : 0
        return [.digit(tenths / 10), .point, .digit(tenths % 10)]
    }

    /// A whole number: in one piece up to 99, and digit by digit from there.
    public static func count(_ value: Int) -> [Self] {
        let value = max(0, value)
        return value < 100 ? [Self("number-\(value)")] : String(value).compactMap(\.wholeNumberValue).map(digit)
    }

    /// Those that need no name of something else.
    public static let all: [Self] = [
        .recordingOn, .recordingOff, .recordingPaused, .muted, .unmuted, .youMaySpeak, .handRaised,
        .handLowered, .oneMinuteLeft, .timeIsUp, .waitingRoom, .meetingOpens, .meetingEnds, .meetingEndsSoon,
        .roomLocked, .enterPIN, .wrongPIN, .sideRoom, .backFromSideRoom, .removed, .voteOpen, .voteTaken, .voteClosed,
        .notAllowed, .roomUnlocked, .turnIsOver, .unknownKey, .lateComer, .pointWaits, .pointDropped, .pointsMissing,
        .pointsPresent, .outOf, .lineCheckPrompt, .lineCheckWait, .lineCheckBusy, .score, .point,
    ]
}
