/// Keys that a participant pressed, put together to what they ask for.
///
/// - `*5` asks for the word, or no more; `*6` closes or opens the own microphone.
/// - `1`, `2`, `3` give a ballot while a vote is open: for, against, abstain.
/// - `*0` and two digits is an order of the chair's.
/// - Digits and `#` are the PIN, where one is asked for.
///
/// A sequence that is not finished within ``patience`` of its last key is forgotten.
public struct KeySequence: Hashable, Sendable {
    /// Longest time between two keys of one sequence.
    public static let patience = Duration.seconds(5)
    static let longestPIN = 16

    public enum Expectation: Hashable, Sendable { case nothing, ballot, pin }

    public enum Outcome: Hashable, Sendable {
        case hand
        case ownMicrophone
        case ballot(Ballot)
        case chair(ChairKey)
        case pin(String)
        case unknown
    }

    private var keys = ""
    private var last = Duration.zero

    public init() {}

    /// Nil while more is to come, and where a key alone means nothing.
    public mutating func press(_ key: Character, at now: Duration, expecting: Expectation) -> Outcome? {
        if now - last > Self.patience { keys = "" }
        last = now
        if expecting == .pin { return pressPIN(key) }
        // A star begins anew, whatever came before.
        keys = key == "*" ? "*" : keys + String(key)
        switch Array(keys) {
        case ["*"], ["*", "0"]: return nil
        case ["*", "5"]: return finish(.hand)
        case ["*", "6"]: return finish(.ownMicrophone)
        case let sequence where sequence.count == 3 && sequence.starts(with: ["*", "0"]): return nil
        case let sequence where sequence.count == 4 && sequence.starts(with: ["*", "0"]):
            return finish(ChairKey(rawValue: String(sequence[2...])).map(Outcome.chair) ?? .unknown)
        case ["1"] where expecting == .ballot: return finish(.ballot(.for))
        case ["2"] where expecting == .ballot: return finish(.ballot(.against))
        case ["3"] where expecting == .ballot: return finish(.ballot(.abstain))
        default: return finish(.unknown)
        }
    }

    private mutating func pressPIN(_ key: Character) -> Outcome? {
        switch key {
        case "#": return finish(.pin(keys))
        case "*":
            keys = ""
            return nil
        default:
            guard keys.count < Self.longestPIN else { return finish(.pin("")) }
            keys.append(key)
            return nil
        }
    }

    private mutating func finish(_ outcome: Outcome) -> Outcome {
        keys = ""
        return outcome
    }
}

/// The chair's orders by keys: `*0` and these two digits.
public enum ChairKey: String, Hashable, Sendable, CaseIterable {
    case open = "00"
    case muteAll = "01"
    /// The first of the queue gets the word.
    case nextSpeaker = "02"
    case takeWord = "03"
    case lock = "04"
    case unlock = "05"
    /// Says how many are there.
    case roll = "06"
    case record = "07"
    case pauseRecording = "08"
    case close = "99"
}
