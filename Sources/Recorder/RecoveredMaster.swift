/// A master whose recorder died, once it is finished.
public struct RecoveredMaster: Sendable, Equatable {
    /// It was not finished before.
    public var wasNeeded: Bool
    public var durationMilliseconds: Int64
    /// Quarters of a second in its middle that the disk did not give back.
    public var damagedClusters: Int
    /// When its zero was, in nanoseconds since 1970, where the file says that.
    public var beganNanoseconds: Int64?
}
