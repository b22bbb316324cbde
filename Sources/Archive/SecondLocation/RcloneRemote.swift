/// A remote of rclone's: a name in its configuration file, which alone has the credentials, and a path there.
public struct RcloneRemote: Sendable, Equatable {
    /// `NAME:PATH`.
    public let path: String
    /// Of `rclone config`; the program writes it where an authority renews its tokens.
    public let configuration: String

    /// Nil where `path` is not a name and a path. Connection strings (`:webdav,user=…:`) are none: they would carry credentials
    /// into the list of processes.
    public init?(_ path: String, configuration: String) {
        guard Self.isUsable(path) else { return nil }
        self.path = path
        self.configuration = configuration
    }

    public static func isUsable(_ path: String) -> Bool {
        guard path.utf8.count <= 1_000, let colon = path.firstIndex(of: ":") else { return false }
        let name = path[..<colon]
        guard let first = name.utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || "_-.+@".utf8.contains($0) }
            && path.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// The path of something below it.
    func appending(_ name: String) -> String {
        path.hasSuffix(":") || path.hasSuffix("/") ? path + name : path + "/" + name
    }
}
