import Archive
import Foundation
import SiteConfiguration

extension RetentionTable {
    /// The site's table, or the installed one; without either everything is kept for ever.
    init(_ settings: Configuration.Retention) throws {
        guard let path = settings.table ?? Self.installed() else {
            self = .permanent
            if let code = settings.standard, self[code] == nil {
                throw RetentionSettingsFault(reason: "archive.retention.class is \(code), but there is no table")
            }
            return
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        do {
            try self.init(parsing: text, standard: settings.standard)
        } catch {
            throw RetentionSettingsFault(reason: "\(path): \(error)")
        }
    }

    /// As it is installed, or, for a program that was built in a checkout, the checkout's.
    private static func installed() -> String? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        var places = [folder.deletingLastPathComponent().path + "/share/causeway/retention.csv"]
        for _ in 0..<4 {
            folder.deleteLastPathComponent()
            places.append(folder.path + "/config/retention.csv")
        }
        return places.first { FileManager.default.fileExists(atPath: $0) }
    }
}

extension Configuration {
    /// The table, with every class in it that is named.
    func retentionTable() throws -> RetentionTable {
        let table = try RetentionTable(archive.retention)
        for room in rooms {
            if let code = room.retentionClass, table[code] == nil {
                throw RetentionSettingsFault(
                    reason: "room \(room.id) has retentionClass \(code), which the retention table has not")
            }
        }
        return table
    }
}

private struct RetentionSettingsFault: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
