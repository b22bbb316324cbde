import Foundation
import Glibc
import X509

/// A file of PEM, read with bounds and written so that it is there whole or not at all.
struct PEMFile {
    static let maximumSize = 1 << 20
    let path: String

    var exists: Bool { access(path, F_OK) == 0 }

    private func text() throws(CertificateError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, why: systemError()) }
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: Self.maximumSize + 1)
        var filled = 0
        while filled < octets.count {
            let count = octets.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(file: path, why: systemError()) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= Self.maximumSize else {
            throw .unreadable(file: path, why: "it is longer than \(Self.maximumSize) octets")
        }
        return String(decoding: octets.prefix(filled), as: UTF8.self)
    }

    /// The certificates in it, in their order; at least one.
    func certificates() throws(CertificateError) -> [Certificate] {
        var rest = Substring(try text())
        var found: [Certificate] = []
        while let begin = rest.range(of: "-----BEGIN CERTIFICATE-----") {
            guard let end = rest.range(of: "-----END CERTIFICATE-----", range: begin.upperBound..<rest.endIndex),
                let certificate = try? Certificate(pemEncoded: String(rest[begin.lowerBound..<end.upperBound]))
            else { throw .malformed(file: path, expected: "a certificate") }
            found.append(certificate)
            rest = rest[end.upperBound...]
        }
        guard !found.isEmpty else { throw .malformed(file: path, expected: "a certificate") }
        return found
    }

    /// The private key in it. One that others may read is refused.
    func privateKey() throws(CertificateError) -> Certificate.PrivateKey {
        let text = try text()
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadable(file: path, why: systemError()) }
        guard status.st_mode & 0o007 == 0 else {
            throw .exposed(key: path, mode: String(status.st_mode & 0o777, radix: 8))
        }
        guard let key = try? Certificate.PrivateKey(pemEncoded: Self.keyPart(of: text)) else {
            throw .malformed(file: path, expected: "a private key without passphrase")
        }
        return key
    }

    /// OpenSSL writes `EC PARAMETERS` before an EC key; the key alone is wanted.
    private static func keyPart(of text: String) -> String {
        var rest = Substring(text)
        while let begin = rest.range(of: "-----BEGIN ") {
            let label = rest[begin.upperBound...].prefix { $0 != "-" && !$0.isNewline }
            guard let end = rest.range(of: "-----END \(label)-----") else { break }
            if label.hasSuffix("PRIVATE KEY") { return String(rest[begin.lowerBound..<end.upperBound]) }
            rest = rest[end.upperBound...]
        }
        return text
    }

    /// Writes beside it, then renames: a crash or a full disk leaves the old content.
    func write(_ text: String, mode: mode_t) throws(CertificateError) {
        let temporary = "\(path).\(getpid()).new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .unwritable(file: path, why: systemError()) }
        do throws(CertificateError) {
            defer { close(descriptor) }
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw .unwritable(file: path, why: systemError()) }
                rest = rest.dropFirst(count)
            }
            // The umask may have taken bits from the mode that `open` was given.
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0, rename(temporary, path) == 0 else {
                throw .unwritable(file: path, why: systemError())
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }
}

func systemError() -> String { String(cString: strerror(errno)) }
