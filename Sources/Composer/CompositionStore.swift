import Evidence
import Foundation

/// Where the parts of a film are kept until it is whole, each durable and under its name only when it is done: whoever is
/// stopped in the middle begins with the next part that is missing.
struct CompositionStore: Sendable {
    let folder: String
    private let lock: Int32

    /// Opens a folder, or makes it, and waits while another composes in it: one whose daemon died ends by itself in a moment.
    init(folder: String) throws(CompositionError) {
        self.folder = folder
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        lock = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard lock >= 0 else { throw Self.failure(folder) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Self.failure(folder) }
        }
    }

    func close() { Glibc.close(lock) }

    static func failure(_ path: String) -> CompositionError {
        .output("\(path): \(String(cString: strerror(errno)))")
    }

    var sound: String { folder + "/sound.webm" }
    var poster: String { folder + "/poster.webp" }
    func segment(_ number: Int) -> String { folder + "/segment-\(number).webm" }
    func thumbnails(_ number: Int) -> String { folder + "/segment-\(number).thumbnails" }
    private func decoding(_ number: Int) -> String { folder + "/segment-\(number).json" }
    private var planPath: String { folder + "/plan.json" }

    /// The plan of a film of this source, if its sound is there; nil, with everything removed, if not.
    func plan(of source: CompositionPlan.Source) -> CompositionPlan? {
        if let data = FileManager.default.contents(atPath: planPath),
            let plan = try? JSONDecoder().decode(CompositionPlan.self, from: data), plan.source == source,
            FileManager.default.fileExists(atPath: sound)
        {
            return plan
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name != "lock" {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        return nil
    }

    /// The sound is done, at `sound`, and this is what it told.
    func keep(_ plan: CompositionPlan) throws(CompositionError) { try keep(plan, at: planPath) }

    func isDone(_ segment: Int) -> Bool { FileManager.default.fileExists(atPath: self.segment(segment)) }

    /// A segment's film is whole, at `part`.
    func keep(_ segment: Int, part: String, decoding: [TrackDecoding]) throws(CompositionError) {
        try keep(decoding, at: self.decoding(segment))
        guard rename(part, self.segment(segment)) == 0 else { throw Self.failure(part) }
        do { try SafeFile.syncDirectory(of: part) } catch { throw .output("\(error)") }
    }

    func decodings(of segment: Int) -> [TrackDecoding] {
        FileManager.default.contents(atPath: decoding(segment)).flatMap {
            try? JSONDecoder().decode([TrackDecoding].self, from: $0)
        } ?? []
    }

    private func keep(_ value: some Encodable, at path: String) throws(CompositionError) {
        guard let data = try? JSONEncoder().encode(value) else { throw .output("\(path) cannot be written as JSON") }
        do { try SafeFile.replace(path, with: data) } catch { throw .output("\(error)") }
    }
}
