import Foundation
import SiteConfiguration

/// What systemd lets the daemon, the runner of its encoders and its timers reach, against what the configuration names.
extension Examination {
    private static let name = "unit paths"
    private static let restart = "systemctl daemon-reload && systemctl restart causewayd"

    private struct Need {
        /// What names it: a key of the configuration.
        var key: String
        var path: String
        var sight: FileView.Sight
        /// Whether the daemon makes it, where it is not there.
        var isMade = false
    }

    func unitPaths() async -> [Finding] {
        let daemon = "causewayd.service"
        guard let found = await units.unit(daemon) else {
            return [Finding(Self.name, .skipped, "\(daemon) is not installed here")]
        }
        var findings = judge(daemon, found, needs: needsOfDaemon(found.unit))
        var seen = [daemon]
        let runner = "causeway-jobs.service"
        if let jobs = await units.unit(runner) {
            seen.append(runner)
            findings += judge(runner, jobs, needs: needsOfRunner(found.unit), hidden: secrets)
        }
        for (unit, by) in [
            ("causeway-fixity.service", configuration.archive.fixity.by),
            ("causeway-retention.service", configuration.archive.retention.by),
        ] where by == .timer {
            guard let timed = await units.unit(unit) else { continue }
            seen.append(unit)
            findings += judgeTimed(unit, timed)
        }
        guard findings.isEmpty else { return findings }
        return [Finding(Self.name, .good, "\(seen.joined(separator: ", ")) reach all that the configuration names")]
    }

    private func needsOfDaemon(_ unit: UnitFile) -> [Need] {
        let archive = configuration.archive
        var needs = [
            Need(key: "archive.directory", path: archive.directory, sight: .writes, isMade: true),
            Need(
                key: "certificates.directory", path: configuration.certificates.directory, sight: .writes, isMade: true),
            Need(
                key: "portal.socket", path: (configuration.portal.socket as NSString).deletingLastPathComponent,
                sight: .writes),
        ]
        for (key, path, sight) in [
            ("archive.secondLocation.path", archive.secondLocation.path, FileView.Sight.writes),
            ("recording.second", configuration.recording.second, .writes),
            ("archive.secondLocation.rcloneConfig", archive.secondLocation.rcloneConfig, .reads),
            ("archive.holidays", archive.holidays, .reads),
            ("archive.dossierProfile", archive.dossierProfile, .reads),
            ("archive.retention.table", archive.retention.table, .reads),
            ("archive.seal.certificate", archive.seal.certificate, .reads),
            ("archive.seal.key", archive.seal.key, .reads),
            ("archive.seal.timeStampAuthorities", archive.seal.timeStampAuthorities, .reads),
            ("announcements.directory", configuration.announcements.directory, .reads),
            ("certificates.chain", configuration.certificates.chain, .reads),
            ("certificates.key", configuration.certificates.key, .reads),
            ("cluster.passwordFile", configuration.cluster.passwordFile, .reads),
            ("cluster.trunkSecretFile", configuration.cluster.trunkSecretFile, .reads),
            ("papers.clamd", configuration.papers.clamd, .reads),
            ("portal.openID.authority", configuration.portal.openID.authority, .reads),
            ("portal.openID.secretFile", configuration.portal.openID.secretFile, .reads),
            ("sip.pointAuthority", configuration.sip.pointAuthority, .reads),
        ] {
            if let path { needs.append(Need(key: key, path: path, sight: sight)) }
        }
        return needs + exchange(unit)
    }

    private func needsOfRunner(_ daemon: UnitFile) -> [Need] {
        [Need(key: "archive.directory", path: configuration.archive.directory, sight: .writes, isMade: true)]
            + (configuration.recording.second.map { [Need(key: "recording.second", path: $0, sight: .reads)] } ?? [])
            + exchange(daemon)
    }

    /// Where the daemon and its children leave things to each other.
    private func exchange(_ daemon: UnitFile) -> [Need] {
        daemon.words("Service.Environment").compactMap { word in
            let text = word.joined(separator: ":")
            guard text.hasPrefix("TMPDIR=/") else { return nil }
            return Need(key: "TMPDIR of causewayd.service", path: String(text.dropFirst(7)), sight: .writes)
        }.suffix(1)
    }

    /// What encoders, which read what comes from outside, have no business with.
    private var secrets: [String] {
        let search = configuration.cluster.name.map { "search-\($0)" } ?? "search"
        return
            (["keys"] + ["catalogue", "office", search].flatMap { ["\($0).sqlite", "\($0).sqlite-wal"] })
            .map { "\(configuration.archive.directory)/\($0)" }
    }

    private func judge(
        _ name: String, _ found: InstalledUnits.Found, needs: [Need], hidden: [String] = []
    ) -> [Finding] {
        if found.isStale {
            return [
                Finding(
                    Self.name, .warning, "the files of \(name) have changed since systemd read them",
                    advice: Self.restart)
            ]
        }
        guard let view = FileView(found.unit) else {
            return [Finding(Self.name, .skipped, "\(name) has a root of its own: what is in it is not seen from here")]
        }
        let lacking = needs.compactMap { need -> (Need, FileView.Sight)? in
            let sight = view.sight(of: need.path)
            return sight < need.sight ? (need, sight) : nil
        }
        var findings: [Finding] = []
        if !lacking.isEmpty {
            let says = lacking.map { need, sight in
                "\(sight == .nothing ? "does not see" : "may not write") \(need.path) (\(need.key))"
            }
            findings.append(
                Finding(
                    Self.name, .bad, "\(name) \(says.joined(separator: ", "))",
                    advice: Self.dropIn(
                        name, lacking.map { Self.setting($0, $1, path: $0.path) },
                        making: lacking.map(\.0).filter { $0.isMade && access($0.path, F_OK) != 0 }.map(\.path))))
        }
        let shown = hidden.filter { view.sight(of: $0) != .nothing }
        // What it does not see at all is said above; once it does, it would see these.
        let wouldSee = lacking.contains { $0.0.key == "archive.directory" && $0.1 == .nothing } ? hidden : shown
        if !wouldSee.isEmpty {
            findings.append(
                Finding(
                    Self.name, .warning,
                    "\(name) \(shown.isEmpty ? "would then see" : "sees") keys or databases of the archive",
                    advice: Self.dropIn(
                        name, wouldSee.map { path in Self.unitWord(path).map { "InaccessiblePaths=-\($0)" } })))
        }
        return findings
    }

    private static func setting(_ need: Need, _ sight: FileView.Sight, path: String) -> String? {
        unitWord(path).map { word in
            switch (need.sight, sight) {
            case (.writes, .nothing): "BindPaths=\(word)"
            case (.writes, _): "ReadWritePaths=\(word)"
            default: "BindReadOnlyPaths=\(word)"
            }
        }
    }

    /// A timer's service asks the daemon by its socket, and does nothing where that is not where it looks.
    private func judgeTimed(_ name: String, _ found: InstalledUnits.Found) -> [Finding] {
        let socket = configuration.portal.socket
        if found.isStale { return judge(name, found, needs: []) }
        guard let view = FileView(found.unit) else { return judge(name, found, needs: []) }
        guard view.sight(of: socket) != .nothing else {
            return [
                Finding(
                    Self.name, .bad, "\(name) does not see \(socket) (portal.socket), and so does nothing",
                    advice: "leave portal.socket at \(Self.usualSocket)")
            ]
        }
        let asks = found.unit.words("Service.ExecStart").map {
            $0.joined(separator: ":").replacing("$$", with: "$")
        }
        let asked =
            asks.firstIndex(of: "--socket").flatMap { asks.indices.contains($0 + 1) ? asks[$0 + 1] : nil }
            ?? asks.first { $0.hasPrefix("--socket=") }.map { String($0.dropFirst(9)) } ?? Self.usualSocket
        // A condition's path is all of its value, quotes and spaces too.
        let condition = socket.replacing("%", with: "%%")
        let conditions = found.unit.values("Unit.ConditionPathExists")
        guard asked != socket || conditions.contains(where: { $0 != condition }) else { return [] }
        let word = Self.unitWord(socket)
        let command = found.unit.value("Service.ExecStart").flatMap { $0.contains("--socket") ? nil : $0 }
        return [
            Finding(
                Self.name, .bad, "\(name) asks at \(asked), and the daemon is to answer at \(socket) (portal.socket)",
                advice: word.flatMap { word in
                    command.map { command in
                        Self.append(
                            name,
                            [
                                "[Unit]", "ConditionPathExists=", "ConditionPathExists=\(condition)", "[Service]",
                                "ExecStart=", "ExecStart=\(command) --socket \(word.replacing("$", with: "$$"))",
                            ], then: "systemctl daemon-reload")
                    }
                } ?? "leave portal.socket at \(Self.usualSocket)")
        ]
    }

    private static let usualSocket = "/run/causeway/causewayd.sock"

    /// What to run; where a path cannot stand in a unit, what else to do.
    private static func dropIn(_ unit: String, _ settings: [String?], making folders: [String] = []) -> String {
        let lines = settings.compactMap { $0 }
        guard lines.count == settings.count else {
            return "give it a path without line ends: no unit can name this one"
        }
        let made = folders.map { "install -d -o causeway -g causeway -m 750 \(shellWord($0)) && " }.joined()
        return made + append(unit, ["[Service]"] + lines, then: restart)
    }

    /// Goes on with what the file has, for what was written there earlier is needed still.
    private static func append(_ unit: String, _ lines: [String], then last: String) -> String {
        let folder = "/etc/systemd/system/\(unit).d"
        let words = lines.map(shellWord).joined(separator: " ")
        return "mkdir -p \(folder) && printf '%s\\n' \(words) >>\(folder)/paths.conf && \(last)"
    }

    /// As a word of a unit's setting; nil where it cannot be one.
    static func unitWord(_ path: String) -> String? {
        guard !path.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else { return nil }
        let isPlain = path.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789/._-".unicodeScalars.contains($0))
        }
        guard !isPlain else { return path }
        let escaped = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
        return "\"\(escaped)\""
    }

    private static func shellWord(_ text: String) -> String {
        "'\(text.replacing("'", with: "'\\''"))'"
    }
}
