import Foundation
import Glibc
import X509

/// The certificate that the daemon serves with: self-made under a CA of the site, or brought by the site.
///
/// In the directory: `ca.pem`, which points are given to trust, and its `ca.key`; `server.pem` with the CA behind it,
/// and `server.key`. Keys have mode 0600. Each file is replaced whole, a key before its certificate and never for an
/// existing one, so a crash at any point leaves what the next start goes on from.
public enum SiteCertificate {
    /// Makes what is missing, renews what runs out within 30 days or is for other names, and leaves the rest.
    ///
    /// `ca.key` may be kept elsewhere; it is wanted again when the server's certificate is renewed.
    public static func ensure(
        directory: String, names: [String], now: Date = Date()
    ) throws(CertificateError) -> CertificatePaths {
        let wanted = try SubjectAlternativeNames(names: names)
        try make(directory)
        let authorityFile = PEMFile(path: "\(directory)/ca.pem")
        let authorityKeyFile = PEMFile(path: "\(directory)/ca.key")
        let chainFile = PEMFile(path: "\(directory)/server.pem")
        let keyFile = PEMFile(path: "\(directory)/server.key")
        var paths = CertificatePaths(
            chain: chainFile.path, key: keyFile.path, authority: authorityFile.path, notAfter: now, origin: .reused)

        if let authority = try standing(authorityFile, now: now) {
            if let server = try good(chainFile, keyFile, under: authority, authorityFile, names: wanted, now: now) {
                paths.notAfter = server.notValidAfter
                return paths
            }
            guard authorityKeyFile.exists else {
                throw .keyMissing(certificate: authorityFile.path, key: authorityKeyFile.path)
            }
            paths.origin = .issued
        } else {
            paths.origin = .founded
        }

        let authorityKey = try key(authorityKeyFile)
        let authority: Credential
        if paths.origin == .issued {
            authority = Credential(certificate: try first(authorityFile), key: authorityKey)
            guard authority.certificate.publicKey == authorityKey.publicKey else {
                throw .mismatched(certificate: authorityFile.path, key: authorityKeyFile.path)
            }
        } else {
            authority = try made("the site CA", in: authorityFile) {
                try Issuing.authority(key: authorityKey, now: now)
            }
            try write([authority.certificate], to: authorityFile)
        }
        let serverKey = try key(keyFile)
        let server = try made("the server certificate", in: chainFile) {
            try Issuing.server(names: wanted, commonName: names[0], key: serverKey, by: authority, now: now)
        }
        try write([server, authority.certificate], to: chainFile)
        try settle(directory)
        paths.notAfter = server.notValidAfter
        return paths
    }

    /// Checks a chain and key that the site brought: readable, of one another, valid now.
    public static func examine(
        chain: String, key: String, now: Date = Date()
    ) throws(CertificateError) -> CertificatePaths {
        let certificate = try first(PEMFile(path: chain))
        guard try PEMFile(path: key).privateKey().publicKey == certificate.publicKey else {
            throw .mismatched(certificate: chain, key: key)
        }
        guard certificate.notValidAfter > now else {
            throw .expired(certificate: chain, on: text(certificate.notValidAfter))
        }
        guard certificate.notValidBefore <= now else {
            throw .notYetValid(certificate: chain, until: text(certificate.notValidBefore))
        }
        return CertificatePaths(
            chain: chain, key: key, authority: nil, notAfter: certificate.notValidAfter, origin: .given)
    }

    // MARK: What is there

    /// The CA, unless there is none or its time is over.
    private static func standing(_ file: PEMFile, now: Date) throws(CertificateError) -> Certificate? {
        guard file.exists else { return nil }
        let authority = try first(file)
        return authority.notValidAfter > now + Issuing.renewalMargin ? authority : nil
    }

    /// The server's certificate, unless it is missing, runs out, or is for other names.
    private static func good(
        _ chainFile: PEMFile, _ keyFile: PEMFile, under authority: Certificate, _ authorityFile: PEMFile,
        names: SubjectAlternativeNames, now: Date
    ) throws(CertificateError) -> Certificate? {
        guard chainFile.exists else { return nil }
        let server = try first(chainFile)
        guard keyFile.exists else { throw .keyMissing(certificate: chainFile.path, key: keyFile.path) }
        guard try keyFile.privateKey().publicKey == server.publicKey else {
            throw .mismatched(certificate: chainFile.path, key: keyFile.path)
        }
        guard authority.publicKey.isValidSignature(server.signature, for: server) else {
            throw .foreign(certificate: chainFile.path, authority: authorityFile.path)
        }
        let its = try? server.extensions.subjectAlternativeNames
        guard let its, Set(its) == Set(names), server.notValidBefore <= now else { return nil }
        // One that ends with its CA cannot be renewed to last longer.
        return server.notValidAfter > now + Issuing.renewalMargin ? server : nil
    }

    private static func first(_ file: PEMFile) throws(CertificateError) -> Certificate {
        guard let certificate = try file.certificates().first else {
            throw .malformed(file: file.path, expected: "a certificate")
        }
        return certificate
    }

    // MARK: What is made

    /// The key in the file, or a new one that is written to it.
    private static func key(_ file: PEMFile) throws(CertificateError) -> Certificate.PrivateKey {
        if file.exists { return try file.privateKey() }
        let key = Issuing.newKey()
        let text = try made("a private key", in: file) { try key.serializeAsPEM().pemString }
        try file.write(text + "\n", mode: 0o600)
        return key
    }

    private static func write(_ certificates: [Certificate], to file: PEMFile) throws(CertificateError) {
        let text = try made("a certificate", in: file) {
            try certificates.map { try $0.serializeAsPEM().pemString + "\n" }.joined()
        }
        try file.write(text, mode: 0o644)
    }

    /// What the certificate library throws, as an error of ours.
    private static func made<Value>(
        _ what: String, in file: PEMFile, _ make: () throws -> Value
    ) throws(CertificateError) -> Value {
        do { return try make() } catch { throw .unwritable(file: file.path, why: "\(what) cannot be made: \(error)") }
    }

    private static func make(_ directory: String) throws(CertificateError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unwritable(file: directory, why: systemError())
        }
    }

    /// Makes the renames last.
    private static func settle(_ directory: String) throws(CertificateError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: directory, why: systemError()) }
        fsync(descriptor)
        close(descriptor)
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}
