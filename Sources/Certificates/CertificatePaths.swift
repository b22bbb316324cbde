import Foundation

/// PEM files that a TLS server takes, checked to fit together.
public struct CertificatePaths: Hashable, Sendable {
    /// What was done for them.
    public enum Origin: String, Hashable, Sendable {
        /// They were there and are good.
        case reused
        /// The server certificate is new; points that trust the CA notice nothing.
        case issued
        /// The CA is new too: points must be given its certificate.
        case founded
        /// The site brought its own.
        case given
    }

    /// The server's certificate, then those that lead to the CA.
    public var chain: String
    public var key: String
    /// The site CA's certificate, which points are given to trust; nil where the site brought its own.
    public var authority: String?
    public var notAfter: Date
    public var origin: Origin
}
