/// Why signalling could not start or take a new certificate; one clear line each, for the operator.
public enum SignallingError: Error, Sendable, Equatable, CustomStringConvertible {
    case portInUse(listener: String)
    case addressNotLocal(listener: String)
    case cannotBind(listener: String, reason: String)
    case cannotReadCertificate(path: String, reason: String)
    case cannotReadPrivateKey(path: String, reason: String)
    case certificateAndKeyDisagree(certificate: String, key: String, reason: String)
    case cannotReadAuthority(path: String)
    case certificateMissing(listener: String)
    case alreadyStarted

    public var description: String {
        switch self {
        case .portInUse(let listener):
            "\(listener): the port is in use; stop the program that holds it or choose another port"
        case .addressNotLocal(let listener):
            "\(listener): this machine has no such address; set an address that it has"
        case .cannotBind(let listener, let reason):
            "\(listener): cannot listen: \(reason)"
        case .cannotReadCertificate(let path, let reason):
            "\(path): cannot read the TLS certificate: \(reason)"
        case .cannotReadPrivateKey(let path, let reason):
            "\(path): cannot read the TLS private key: \(reason)"
        case .certificateAndKeyDisagree(let certificate, let key, let reason):
            "\(certificate) and \(key): not a pair that TLS can use: \(reason)"
        case .cannotReadAuthority(let path):
            "\(path): cannot read the authorities of points' certificates; it must hold PEM certificates"
        case .certificateMissing(let listener):
            "\(listener): a TLS listener needs a certificate and a private key"
        case .alreadyStarted:
            "signalling is running already"
        }
    }
}
