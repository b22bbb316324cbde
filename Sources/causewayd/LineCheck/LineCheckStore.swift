import Foundation
import LogSubjects
import PortalAPI

/// The last line checks of each point, a small file a point, beside the archive's packages.
actor LineCheckStore {
    private static let mostPoints = 20_000
    private static let mostOctets = 4 << 20

    private let folder: String
    private let keep: Int
    private let logger: SubjectLogger

    /// - Parameter keep: checks of a point at most.
    init(folder: String, keep: Int, logger: SubjectLogger) {
        self.folder = folder
        self.keep = max(1, keep)
        self.logger = logger
    }

    func add(_ check: LineCheck) {
        let checks = [check] + read(path(of: check.point)).prefix(keep - 1)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try PortalJSON.encode(checks).write(to: URL(fileURLWithPath: path(of: check.point)), options: .atomic)
        } catch {
            logger.error("the line check of \(point: check.point) could not be kept: \(error)")
        }
    }

    /// Of a point, or of all; the newest first.
    func checks(of point: String?) -> [LineCheck] {
        if let point { return read(path(of: point)) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".json") }.prefix(Self.mostPoints).flatMap { read("\(folder)/\($0)") }
            .sorted { $0.at > $1.at }
    }

    private func read(_ path: String) -> [LineCheck] {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            (attributes[.size] as? Int ?? .max) <= Self.mostOctets,
            let data = FileManager.default.contents(atPath: path)
        else { return [] }
        do { return try PortalJSON.decode([LineCheck].self, from: data) } catch {
            logger.error("\(path) is no file of line checks, and is left aside: \(error)")
            return []
        }
    }

    /// A point's code has no slash in it; whatever is asked for is made harmless.
    private func path(of point: String) -> String {
        let name = point.unicodeScalars.map { scalar -> String in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain || "-_".unicodeScalars.contains(scalar)
                ? String(scalar) : "%\(String(scalar.value, radix: 16))"
        }.joined()
        return "\(folder)/\(String(name.prefix(200))).json"
    }
}
