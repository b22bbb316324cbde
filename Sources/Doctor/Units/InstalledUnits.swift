import ChildProcesses
import Foundation

/// Where the files of units are looked for.
enum InstalledUnits: Sendable {
    /// As systemd, which runs here, has them.
    case ofManager
    /// In folders, of which the first goes before the others.
    case of(folders: [String])

    static var ofMachine: InstalledUnits {
        access("/run/systemd/system", F_OK) == 0
            ? .ofManager
            : .of(folders: [
                "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                "/usr/lib/systemd/system",
                "/lib/systemd/system",
            ])
    }

    private static let mostOctets = 1 << 20
    private static let mostDropIns = 256

    struct Found: Sendable {
        var unit: UnitFile
        /// Whether the files have changed since systemd read them.
        var isStale = false
    }

    /// Nil where there is none of this name.
    func unit(_ name: String) async -> Found? {
        switch self {
        case .ofManager: await Self.ofManager(name)
        case .of(let folders): Self.inFolders(folders, name).map { Found(unit: UnitFile($0)) }
        }
    }

    private static func ofManager(_ name: String) async -> Found? {
        let programs: [String] = ["/usr/bin/systemctl", "/bin/systemctl"]
        guard let program = programs.first(where: { access($0, X_OK) == 0 }) else { return nil }
        var limits = ChildProcess.Limits()
        limits.time = .seconds(10)
        limits.outputOctets = mostOctets
        let asked = ["show", "--property=LoadState,FragmentPath,DropInPaths,NeedDaemonReload", "--", name]
        guard let outcome = try? await ChildProcess(program, asked, limits: limits).run(), outcome.isSuccess else {
            return nil
        }
        var shown: [Substring: Substring] = [:]
        for line in String(decoding: outcome.output, as: UTF8.self).split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            shown[line[..<equals]] = line[line.index(after: equals)...]
        }
        guard shown["LoadState"] == "loaded", let path = shown["FragmentPath"], !path.isEmpty else { return nil }
        let more = (shown["DropInPaths"] ?? "").split(separator: " ").prefix(mostDropIns).map(String.init)
        return Found(
            unit: UnitFile(([String(path)] + more).compactMap(text)), isStale: shown["NeedDaemonReload"] == "yes")
    }

    private static func inFolders(_ folders: [String], _ name: String) -> [String]? {
        guard let unit = folders.lazy.compactMap({ text("\($0)/\(name)") }).first else { return nil }
        var dropIns: [String: String] = [:]
        for folder in folders.reversed() {
            let path = "\(folder)/\(name).d"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            for name in names.sorted().prefix(mostDropIns) where name.hasSuffix(".conf") {
                dropIns[name] = "\(path)/\(name)"
            }
        }
        return [unit] + dropIns.sorted { $0.key < $1.key }.compactMap { text($0.value) }
    }

    /// Of a plain file; one that links to /dev/null says nothing.
    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let data = try? file.read(upToCount: mostOctets)
        else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
