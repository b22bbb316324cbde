import Foundation

/// The bridge's announcements as `make announcements` makes them, made once for all tests.
public enum SpokenAnnouncements {
    /// - Returns: the folder for `announcements.directory`, below `folder`.
    public static func folder(in folder: String) async throws -> String {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Announcements").standardizedFileURL.path
        let spoken = folder + "/announcements"
        try await Tool.run("sh", [sources + "/speak", sources + "/announcements.tsv", spoken])
        return spoken
    }
}
