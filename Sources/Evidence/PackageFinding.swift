/// Something that is wrong with a package, and where.
public struct PackageFinding: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Codable, Sendable {
        /// A file has other bytes than were sealed, is not there, or was put in.
        case changed, missing, extra
        /// A file cannot be read.
        case unreadable
        /// A part of the master: the time says which.
        case masterHead, masterIndex, clusterChanged, clusterMissing, clusterMisplaced, clusterInserted
        /// The chain's lines do not follow from each other, or are not those that were sealed.
        case chain
        /// The seal is not there, not readable, or contradicts itself.
        case seal
        /// Nobody who is trusted signed the seal as it is.
        case signature
        case timeStamp
        /// The ledger does not hold together, or does not have this seal.
        case ledger
        /// The ledger has a newer seal for this meeting.
        case replaced
        /// The catalogue has other hashes.
        case catalogue
    }
    public var kind: Kind
    /// Relative to the package.
    public var path: String?
    /// Which time of the master, in milliseconds.
    public var milliseconds: ClosedRange<Int64>?
    public var text: String

    public init(_ kind: Kind, path: String? = nil, milliseconds: ClosedRange<Int64>? = nil, _ text: String) {
        self.kind = kind
        self.path = path
        self.milliseconds = milliseconds
        self.text = text
    }

    public var description: String { (path.map { $0 + ": " } ?? "") + text }

    init(_ damage: MasterDamage, path: String) {
        switch damage {
        case .head: self.init(.masterHead, path: path, "its head (tracks and their tags) is damaged")
        case .index: self.init(.masterIndex, path: path, "its index (behind the last cluster) is damaged")
        case .changed(let cluster, let time):
            self.init(
                .clusterChanged, path: path, milliseconds: time,
                "cluster \(cluster) was changed: \(Self.text(time)) of the recording")
        case .missing(let cluster, let time):
            self.init(
                .clusterMissing, path: path, milliseconds: time,
                "cluster \(cluster) was cut out: \(Self.text(time)) of the recording")
        case .misplaced(let cluster, let time):
            self.init(
                .clusterMisplaced, path: path, milliseconds: time,
                "another cluster stands in the place of cluster \(cluster): \(Self.text(time)) of the recording")
        case .inserted(let before):
            self.init(
                .clusterInserted, path: path,
                "a cluster that was not recorded there stands "
                    + (before.map { "behind cluster \($0)" } ?? "before the first"))
        }
    }

    /// `0:01:02.250–0:01:02.500`.
    static func text(_ time: ClosedRange<Int64>) -> String { "\(text(time.lowerBound))–\(text(time.upperBound))" }

    private static func text(_ milliseconds: Int64) -> String {
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let whole = max(0, milliseconds)
        return "\(whole / 3_600_000):\(padded(whole / 60_000 % 60, 2)):\(padded(whole / 1_000 % 60, 2))"
            + ".\(padded(whole % 1_000, 3))"
    }
}
