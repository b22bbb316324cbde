import Foundation
import Glibc
import Yams

extension Configuration {
    /// A register of ten thousand points is about 2 MiB.
    static let maximumFileSize = 16 << 20

    /// Reads a file, and the password files that it names. Relative paths in it are relative to its directory.
    ///
    /// Throws everything that is wrong with it, each with file, line, column and key.
    public static func load(path: String) throws(ConfigurationErrors) -> Configuration {
        let octets: [UInt8]
        do {
            octets = try contents(of: path, upTo: maximumFileSize)
        } catch {
            throw ConfigurationErrors([ConfigurationError(file: path, message: error.text)])
        }
        return try parse(octets, file: path)
    }

    /// Reads a file's content. `file` names it in errors, and its directory is where relative paths begin.
    public static func parse(_ octets: [UInt8], file: String) throws(ConfigurationErrors) -> Configuration {
        var (configuration, reader) = try read(octets, file: file)
        if reader.errors.isEmpty {
            configuration.resolvePaths(against: URL(fileURLWithPath: file).deletingLastPathComponent().path)
            var checks = Checks(configuration, reader)
            checks.run()
            reader = checks.reader
            configuration.readFiles(&reader)
        }
        guard reader.errors.isEmpty else { throw ConfigurationErrors(reader.errors) }
        return configuration
    }

    /// The first half of it: keys and values, each by itself.
    static func read(_ octets: [UInt8], file: String) throws(ConfigurationErrors) -> (Configuration, Reader) {
        var reader = Reader(file: file)
        guard let text = String(validating: octets, as: UTF8.self) else {
            let line = octets.prefix(validUTF8Prefix(octets)).count { $0 == 0x0A } + 1
            throw ConfigurationErrors([
                ConfigurationError(file: file, line: line, message: "is not UTF-8 text; save it as UTF-8")
            ])
        }
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch {
            throw ConfigurationErrors([syntaxError(error, file: file, text: text)])
        }
        guard let root else { return (Configuration(), reader) }
        let configuration = reader.read(Configuration.self, YAMLNode(node: root, path: ""))
        return (configuration ?? Configuration(), reader)
    }

    private static func validUTF8Prefix(_ octets: [UInt8]) -> Int {
        // Repair keeps every valid octet, so the first difference is the first fault.
        zip(octets, String(decoding: octets, as: UTF8.self).utf8).prefix { $0 == $1 }.count
    }

    private static func syntaxError(_ error: any Error, file: String, text: String) -> ConfigurationError {
        var found = ConfigurationError(file: file, message: "is not YAML: \(error)")
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            found.line = mark.line
            found.column = mark.column
            found.message = "is not YAML: \(problem)"
        case .reader(let problem, let offset, _, _):
            if let offset { found.line = text.utf8.prefix(offset).count { $0 == 0x0A } + 1 }
            found.message = "is not YAML: \(problem)"
        case .duplicatedKeysInMapping(let names, let context):
            found.line = context.mark.line
            found.column = context.mark.column
            let list = names.map { "'\(shortened($0))'" }.joined(separator: ", ")
            found.message = "\(list) stands twice in this section; one must go"
        default:
            break
        }
        return found
    }

    // MARK: Files that it names

    private mutating func resolvePaths(against directory: String) {
        func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        archive.directory = resolved(archive.directory)
        archive.holidays = archive.holidays.map(resolved)
        archive.secondLocation.path = archive.secondLocation.path.map(resolved)
        archive.secondLocation.rcloneConfig = archive.secondLocation.rcloneConfig.map(resolved)
        recording.second = recording.second.map(resolved)
        archive.retention.table = archive.retention.table.map(resolved)
        archive.seal.certificate = archive.seal.certificate.map(resolved)
        archive.seal.key = archive.seal.key.map(resolved)
        archive.seal.timeStampAuthorities = archive.seal.timeStampAuthorities.map(resolved)
        archive.dossierProfile = archive.dossierProfile.map(resolved)
        certificates.directory = resolved(certificates.directory)
        certificates.chain = certificates.chain.map(resolved)
        certificates.key = certificates.key.map(resolved)
        portal.socket = resolved(portal.socket)
        portal.openID.secretFile = portal.openID.secretFile.map(resolved)
        portal.openID.authority = portal.openID.authority.map(resolved)
        sip.pointAuthority = sip.pointAuthority.map(resolved)
        cluster.passwordFile = cluster.passwordFile.map(resolved)
        cluster.trunkSecretFile = cluster.trunkSecretFile.map(resolved)
        trunks.secretFile = trunks.secretFile.map(resolved)
        for index in points.indices { points[index].passwordFile = points[index].passwordFile.map(resolved) }
    }

    private mutating func readFiles(_ reader: inout Reader) {
        for (path, file) in [
            ("certificates.chain", certificates.chain), ("certificates.key", certificates.key),
            ("sip.pointAuthority", sip.pointAuthority), ("archive.holidays", archive.holidays),
            ("archive.seal.certificate", archive.seal.certificate), ("archive.seal.key", archive.seal.key),
            ("archive.seal.timeStampAuthorities", archive.seal.timeStampAuthorities),
            ("archive.secondLocation.rcloneConfig", archive.secondLocation.rcloneConfig),
            ("archive.dossierProfile", archive.dossierProfile), ("archive.retention.table", archive.retention.table),
            ("portal.openID.authority", portal.openID.authority),
        ] {
            guard let file else { continue }
            do {
                _ = try Self.contents(of: file, upTo: 1 << 20)
            } catch {
                reader.report("\(file) \(error.text)", path: path)
            }
        }
        if let file = portal.openID.secretFile {
            portal.openID.secret = Self.secret(in: file, "portal.openID.secretFile", &reader)
        }
        if let file = cluster.passwordFile { cluster.password = Self.secret(in: file, "cluster.passwordFile", &reader) }
        if let file = cluster.trunkSecretFile {
            cluster.trunkSecret = Self.secret(in: file, "cluster.trunkSecretFile", &reader)
            if let secret = cluster.trunkSecret, secret.reveal().count < Cluster.shortestSecret {
                reader.report(
                    "\(file) has a secret of less than \(Cluster.shortestSecret) characters; make one by openssl rand -hex 32",
                    path: "cluster.trunkSecretFile")
            }
        }
        if let file = trunks.secretFile {
            trunks.secret = Self.secret(in: file, "trunks.secretFile", &reader)
            if let secret = trunks.secret, secret.reveal().count < Trunks.shortestSecret {
                reader.report(
                    "\(file) has a secret of less than \(Trunks.shortestSecret) characters; make one by openssl rand -hex 32",
                    path: "trunks.secretFile")
            }
        }
        for index in points.indices {
            guard let file = points[index].passwordFile else { continue }
            if let password = Self.secret(in: file, "points[\(index)].passwordFile", &reader) {
                points[index].password = password
            }
        }
    }

    /// The first line of a file.
    private static func secret(in file: String, _ path: String, _ reader: inout Reader) -> Secret? {
        do {
            let octets = try contents(of: file, upTo: 4096)
            let line = octets.prefix { $0 != 0x0A && $0 != 0x0D }
            guard let password = String(validating: line, as: UTF8.self), isPassword(password) else {
                reader.report("\(file) has no password in its first line (1 to 200 characters)", path: path)
                return nil
            }
            return Secret(password)
        } catch {
            reader.report("\(file) \(error.text)", path: path)
            return nil
        }
    }

    private struct Unreadable: Error { let text: String }

    private static func contents(of path: String, upTo maximum: Int) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Unreadable(text: "cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(text: "cannot be read: it is not a regular file")
        }
        guard status.st_size <= maximum else {
            throw Unreadable(text: "has \(status.st_size) octets; at most \(maximum) are read")
        }
        var octets = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < octets.count {
            let count = octets.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(text: "cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            filled += count
        }
        return Array(octets.prefix(filled))
    }
}
