import Foundation
import SQLDatabase

/// Packages that lie directly in `outgoing`, where those made before each recording had a folder of its own were put: no destruction
/// would reach them.
extension Archive {
    /// What became of them, by their names.
    public struct StrayPackages: Sendable, Equatable {
        /// Put into their recordings' folders.
        public internal(set) var moved: [String] = []
        /// Removed, for their recordings are destroyed.
        public internal(set) var removed: [String] = []
        /// Left, for they do not say of which recording they are.
        public internal(set) var unknown: [String] = []
    }

    private static let form = "metadata/descriptive/EAD.xml"
    private static let longestForm = 256 << 10
    private static let longestValue = 300

    /// Puts each where its recording's destruction finds it. Call it once at the start.
    public func sortStrayPackages() async throws(ArchiveError) -> StrayPackages {
        let outgoing = root + "/outgoing"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: outgoing))?.sorted() ?? []
        var sorted = StrayPackages()
        for name in names {
            if try await find(name) != nil { continue }
            let path = "\(outgoing)/\(name)"
            do {
                // What a stop left half made.
                if name.hasPrefix(".supply-") {
                    try FileManager.default.removeItem(atPath: path)
                    continue
                }
                guard let meeting = try await recording(ofPackage: path) else {
                    sorted.unknown.append(name)
                    continue
                }
                if meeting.state == .destroyed {
                    try FileManager.default.removeItem(atPath: path)
                    sorted.removed.append(name)
                } else {
                    let folder = outgoingFolder(of: meeting.id)
                    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                    try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/\(name)")
                    sorted.moved.append(name)
                }
            } catch let error as ArchiveError { throw error } catch { throw ArchiveError(error, path: path) }
        }
        return sorted
    }

    /// The only recording that a value of the package's descriptive form names, whole or after a dot: `H57.2026.ID`.
    private func recording(ofPackage path: String) async throws(ArchiveError) -> MeetingRecord? {
        guard let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType,
            kind == .typeDirectory, let handle = FileHandle(forReadingAtPath: "\(path)/\(Self.form)")
        else { return nil }
        defer { try? handle.close() }
        let text = String(decoding: (try? handle.read(upToCount: Self.longestForm)) ?? Data(), as: UTF8.self)
        var candidates: Set<String> = []
        for piece in text.split(separator: ">") {
            let value = piece.prefix { $0 != "<" }.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !value.isEmpty, value.utf8.count <= Self.longestValue else { continue }
            var rest = Substring(value)
            candidates.insert(value)
            while let dot = rest.firstIndex(of: ".") {
                rest = rest[rest.index(after: dot)...]
                candidates.insert(String(rest))
            }
        }
        var found: [MeetingRecord] = []
        for candidate in candidates where !candidate.isEmpty {
            if let meeting = try await find(candidate) { found.append(meeting) }
        }
        return found.count == 1 ? found[0] : nil
    }
}
