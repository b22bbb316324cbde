import Foundation

/// What an endpoint sees and says, from the outside.
extension Baresip {
    /// The picture that the endpoint shows at this moment, as a PNG; nil where it shows none in time.
    ///
    /// baresip's module `snapshot` writes the next picture that it decodes.
    public func snapshot(within limit: Duration = .seconds(3)) async throws -> String? {
        let stem = folder + "/seen-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        try await command("snapshot_recv", stem)
        let (directory, prefix) = (folder, (stem as NSString).lastPathComponent)
        let found = Found()
        do {
            try await eventually("a picture", within: limit) {
                guard let name = try FileManager.default.contentsOfDirectory(atPath: directory)
                    .first(where: { $0.hasPrefix(prefix) }), Self.isWhole(directory + "/" + name)
                else { return false }
                await found.set(directory + "/" + name)
                return true
            }
        } catch is ToolFailure { return nil }
        return await found.path
    }

    /// Ends in the last chunk of a PNG, so that it is written to its end.
    private static func isWhole(_ path: String) -> Bool {
        guard let data = FileManager.default.contents(atPath: path), data.count > 12 else { return false }
        return data.suffix(8).prefix(4) == Data("IEND".utf8)
    }

    private actor Found {
        var path: String?
        func set(_ path: String) { self.path = path }
    }

    /// Says nothing from now on, or speaks again: each call changes over.
    public func toggleMute() async throws { try await command("mute") }
}
