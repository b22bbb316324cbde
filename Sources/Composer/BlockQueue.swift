import Matroska

/// The master's blocks in the order of their times. Blocks of different tracks stand in a file roughly in that order; so
/// it reads ahead by more than they are ever apart.
final class BlockQueue {
    static let lookahead: Int64 = 2_000_000_000
    /// No meeting is longer than two days: a block beyond is damage, and must not make a copy as long.
    private static let latest: Int64 = 48 * 3_600 * 1_000_000_000

    private let reader: MatroskaReader
    private var waiting: [MatroskaBlock] = []
    private var newest: Int64 = .min
    private var atEnd = false
    /// Blocks with a time that cannot be.
    private(set) var misplaced = 0

    init(_ reader: MatroskaReader) { self.reader = reader }

    /// Takes every block before `time`, oldest first.
    func take(before time: Int64) throws(MatroskaError) -> [MatroskaBlock] {
        while !atEnd, newest < time &+ Self.lookahead {
            guard let block = try reader.nextBlock() else {
                atEnd = true
                break
            }
            guard (0...Self.latest).contains(block.timestampNanoseconds) else {
                misplaced += 1
                continue
            }
            newest = max(newest, block.timestampNanoseconds)
            waiting.append(block)
        }
        var due: [MatroskaBlock] = []
        waiting.removeAll { block in
            guard block.timestampNanoseconds < time else { return false }
            due.append(block)
            return true
        }
        return due.sorted { $0.timestampNanoseconds < $1.timestampNanoseconds }
    }

    /// Nothing is left.
    var isEmpty: Bool { atEnd && waiting.isEmpty }

    /// How much of the file was read, 0…1.
    var fractionRead: Double {
        let progress = reader.progress
        return progress.total == 0 ? 1 : Double(progress.done) / Double(progress.total)
    }
}
