/// Why there is no certificate to serve with: one line that names the file and says what to do.
public enum CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file or directory cannot be read or made; `why` is the system's word.
    case unreadable(file: String, why: String)
    case unwritable(file: String, why: String)
    /// The file is not PEM of what is expected there.
    case malformed(file: String, expected: String)
    /// Others than the owner may read a private key.
    case exposed(key: String, mode: String)
    /// The private key is not the one of the certificate.
    case mismatched(certificate: String, key: String)
    /// The server certificate was not issued by the CA beside it.
    case foreign(certificate: String, authority: String)
    /// A certificate is there whose private key is needed and missing.
    case keyMissing(certificate: String, key: String)
    case expired(certificate: String, on: String)
    case notYetValid(certificate: String, until: String)
    /// What the certificate should be for is no DNS name and no IP address, or there is none.
    case badName(String)
    case noNames

    public var description: String {
        switch self {
        case .unreadable(let file, let why):
            "\(file) cannot be read: \(why)"
        case .unwritable(let file, let why):
            "\(file) cannot be written: \(why)"
        case .malformed(let file, let expected):
            "\(file) is not \(expected) in PEM; restore it, or remove it to have a new one made"
        case .exposed(let key, let mode):
            "\(key) may be read by others (mode \(mode)); run: chmod 600 \(key)"
        case .mismatched(let certificate, let key):
            "\(key) is not the private key of \(certificate); restore the one that is, or remove the certificate"
        case .foreign(let certificate, let authority):
            "\(certificate) was not issued by \(authority); remove \(certificate) to have a new one issued"
        case .keyMissing(let certificate, let key):
            "\(key) is missing, which \(certificate) needs; restore it, or remove \(certificate) to begin anew"
        case .expired(let certificate, let date):
            "\(certificate) expired on \(date); put a new one there"
        case .notYetValid(let certificate, let date):
            "\(certificate) is valid only from \(date); is the clock right?"
        case .badName(let name):
            "'\(name)' is no DNS name and no IP address; a certificate cannot be for it"
        case .noNames:
            "a server certificate needs at least one DNS name or IP address"
        }
    }
}
