import Foundation

/// What the processes of a unit see of the machine's files, by its settings (systemd.exec(5)). Whether they may, by owner and mode,
/// is another matter.
struct FileView: Sendable {
    enum Sight: Comparable, Sendable {
        /// It is not there for them, or another is.
        case nothing
        case reads
        case writes
    }

    /// In the order in which systemd has them go before each other at one place.
    private enum Kind: Int, Comparable, Sendable {
        case inaccessible, bound, boundToRead, empty, toRead, toWrite
        static func < (one: Kind, other: Kind) -> Bool { one.rawValue < other.rawValue }
        var decidesWhetherSeen: Bool { self <= .empty }
    }

    private struct Cover: Sendable {
        var path: String
        var kind: Kind
    }
    private var covers: [Cover] = []

    /// Nil where the unit has a root of its own, within which paths are others.
    init?(_ unit: UnitFile) {
        for key in ["RootDirectory", "RootImage"] where unit.value("Service.\(key)") != nil { return nil }
        let isDynamic = unit.isOn("Service.DynamicUser")
        let system = unit.value("Service.ProtectSystem") ?? (isDynamic ? "strict" : "no")
        add(.toWrite, "/")
        switch system.lowercased() {
        case "strict":
            add(.toRead, "/")
            covers.removeFirst()
        case "full": for path in ["/usr", "/boot", "/efi", "/etc"] { add(.toRead, path) }
        case "no", "0", "false", "off", "n", "f": break
        default: for path in ["/usr", "/boot", "/efi"] { add(.toRead, path) }
        }
        let home = unit.value("Service.ProtectHome") ?? (isDynamic ? "read-only" : "no")
        for path in ["/home", "/root", "/run/user"] {
            switch home.lowercased() {
            case "no", "0", "false", "off", "n", "f": break
            case "read-only": add(.toRead, path)
            case "tmpfs": add(.empty, path)
            default: add(.inaccessible, path)
            }
        }
        if isDynamic || unit.isOn("Service.PrivateTmp") || unit.value("Service.PrivateTmp") == "disconnected" {
            for path in ["/tmp", "/var/tmp"] { add(.empty, path) }
        }
        for (key, folder) in [
            ("State", "/var/lib"), ("Cache", "/var/cache"), ("Runtime", "/run"), ("Logs", "/var/log"),
            ("Configuration", "/etc"),
        ] {
            for word in unit.words("Service.\(key)Directory") { add(.toWrite, folder + "/" + (word.first ?? "")) }
        }
        for (key, kind) in [
            ("InaccessiblePaths", Kind.inaccessible), ("ReadOnlyPaths", .toRead), ("ReadWritePaths", .toWrite),
        ] {
            for word in unit.words("Service.\(key)") { add(kind, word.joined(separator: ":")) }
        }
        for word in unit.words("Service.TemporaryFileSystem") { add(.empty, word.first ?? "") }
        for (key, kind) in [("BindPaths", Kind.bound), ("BindReadOnlyPaths", .boundToRead)] {
            // From where, to where, and how.
            for word in unit.words("Service.\(key)") { add(kind, word.dropFirst().first ?? word.first ?? "") }
        }
    }

    private mutating func add(_ kind: Kind, _ setting: String) {
        var path = setting[...]
        while path.first == "-" || path.first == "+" { path = path.dropFirst() }
        guard path.first == "/", let plain = Self.plain(String(path)) else { return }
        covers.append(Cover(path: plain, kind: kind))
        let real = Self.real(plain)
        if real != plain { covers.append(Cover(path: real, kind: kind)) }
    }

    func sight(of path: String) -> Sight {
        guard let plain = Self.plain(path) else { return .nothing }
        let (sight, isBound) = literally(plain)
        let real = Self.real(plain)
        // What is bound is reached as it is called; else a link is followed within what is seen.
        guard real != plain, !isBound, sight != .nothing else { return sight }
        return literally(real).0
    }

    private func literally(_ path: String) -> (Sight, isBound: Bool) {
        let over = covers.filter { Self.covers($0.path, path) }
        func nearest(_ covers: [Cover]) -> Cover? {
            covers.min { ($1.path.count, $0.kind) < ($0.path.count, $1.kind) }
        }
        let shown = nearest(over.filter(\.kind.decidesWhetherSeen))
        if let shown, shown.kind == .inaccessible || shown.kind == .empty { return (.nothing, false) }
        // Without anything nearer, what is bound is as it was bound.
        let mode = nearest(over.filter { $0.kind != .inaccessible && $0.kind != .empty })
        let writes = mode?.kind == .bound || mode?.kind == .toWrite
        return (writes ? .writes : .reads, shown != nil)
    }

    private static func covers(_ folder: String, _ path: String) -> Bool {
        folder == "/" || path == folder || path.hasPrefix(folder + "/")
    }

    /// Without doubled and last slashes; nil for what systemd does not take either.
    static func plain(_ path: String) -> String? {
        guard path.hasPrefix("/"), path.utf8.count < 4_096 else { return nil }
        let names = path.split(separator: "/").filter { $0 != "." }
        return names.contains("..") ? nil : "/" + names.joined(separator: "/")
    }

    /// With links followed, as far as it is there.
    static func real(_ path: String) -> String {
        var (folder, rest): (String, [String]) = (path, [])
        while folder != "/" {
            if let real = realpath(folder, nil) {
                defer { free(real) }
                let base = String(cString: real)
                return rest.isEmpty
                    ? base : (base == "/" ? "" : base) + "/" + rest.reversed().joined(separator: "/")
            }
            rest.append((folder as NSString).lastPathComponent)
            folder = (folder as NSString).deletingLastPathComponent
        }
        return path
    }
}
