import Foundation

/// What an endpoint shows and says.
extension Baresip {
    /// The picture that the endpoint shows at this moment, as a PNG; nil where it shows none in time.
    ///
    /// baresip's module `snapshot` writes the next picture that it decodes.
    public func snapshot(within limit: Duration = .seconds(5)) async throws -> String? {
        let name = "seen-" + String(UInt32.random(in: 0 ... .max), radix: 36) + ".png"
        // baresip takes no more than 99 octets of a path.
        let written = FileManager.default.temporaryDirectory.path + "/" + name
        defer { unlink(written) }
        try await command("snapshot_recv", written)
        do {
            try await eventually("a picture", within: limit) { Self.isWhole(written) }
        } catch is ToolFailure { return nil }
        let path = folder + "/" + name
        try FileManager.default.moveItem(atPath: written, toPath: path)
        return path
    }

    /// Ends in the last chunk of a PNG, so that it is written to its end.
    private static func isWhole(_ path: String) -> Bool {
        guard let data = FileManager.default.contents(atPath: path), data.count > 12 else { return false }
        return data.suffix(8).prefix(4) == Data("IEND".utf8)
    }

    /// Says nothing from now on, or speaks again: each call changes over.
    public func toggleMute() async throws { try await command("mute") }
}
