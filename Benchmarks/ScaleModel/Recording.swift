/// What recording and keeping the roll costs: by `scale-model --measure`, which holds meetings with the real daemon.
///
/// The least of three runs on 27 November at 22:50, while others built on the machine.
enum Recording {
    /// Octets on disk for each that was said and shown: containers, hashes, the packet file (1.016 to 1.024).
    static let octets = 1.02
    /// CPU of a meeting that is recorded, in milliseconds a second, and of each packet of it, in nanoseconds (10.4 ms/s at 1,000 packets a second,
    /// 25.2 at 4,000).
    static let milliseconds = 5.5
    static let nanoseconds = 4_900.0
    /// Commits of the catalogue for a meeting, from its opening to its seal (15 to 18, of 2 points as of 12 that come at once: what waits is
    /// written together).
    static let commitsAMeeting = 16.0
    /// And for each that comes or leaves, where nobody else does at that moment.
    static let commitsAPoint = 1.0
}
