import Archive
import Foundation
import LogSubjects
import SiteConfiguration

extension EncryptionSettings {
    /// By the credentials that the service manager gave (systemd.exec(5), `LoadCredentialEncrypted=`).
    init(
        _ archive: Configuration.Archive,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        func credential(_ name: String) throws -> Data? {
            guard let folder = environment["CREDENTIALS_DIRECTORY"] else { return nil }
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }
        let encryption = archive.encryption
        let rule: Rule =
            switch encryption.restricted {
            case .required: .required
            case .whenKeyed: .whenKeyed
            case .never: .never
            }
        try self.init(
            rule, key: try credential(encryption.credential),
            former: try encryption.formerCredential.flatMap(credential))
    }
}

extension EncryptionStanding {
    /// Says in the log how restricted meetings lie on the disk, and which of them cannot be read.
    func tell(_ logger: SubjectLogger) {
        switch (rule, key) {
        case (.never, _): logger.notice("restricted meetings are kept in clear: archive.encryption.restricted is never")
        case (.whenKeyed, nil):
            logger.warning("restricted meetings are kept in clear: there is no key for them (docs/security-archive.md)")
        case (.required, nil):
            logger.error(
                "restricted meetings are not recorded: they are to be encrypted, and there is no key (docs/security-archive.md)"
            )
        case (_, let key?): logger.info("restricted meetings are encrypted by the key \(key)")
        }
        if rewrapped > 0 {
            logger.notice("the keys of \(rewrapped) meetings are wrapped anew; the former credential is needed no more")
        }
        for (name, count) in unreadable.sorted(by: { $0.key < $1.key }) {
            logger.error("\(count) encrypted meetings cannot be read: the key \(name) is not here")
        }
    }
}
