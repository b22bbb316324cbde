import Foundation
import NIOCore

/// Why the portal cannot serve: one clear line each, saying what to do.
public enum PortalError: Error, Equatable, CustomStringConvertible {
    case addressInUse(String)
    case cannotBind(address: String, reason: String)
    case socketInUse(path: String)
    case socketUnusable(path: String, reason: String)
    case certificateUnusable(path: String, reason: String)
    case keyUnusable(path: String, reason: String)
    case keyDoesNotMatch(certificate: String, key: String)

    public var description: String {
        switch self {
        case .addressInUse(let address):
            "Another program listens on \(address) already; stop it, or give the portal another address."
        case .cannotBind(let address, let reason):
            "The portal cannot listen on \(address): \(reason)"
        case .socketInUse(let path):
            "Another causewayd answers on \(path) already; stop it, or give the portal another socket."
        case .socketUnusable(let path, let reason):
            "The portal cannot make its socket \(path): \(reason)"
        case .certificateUnusable(let path, let reason):
            "The portal's certificate \(path) cannot be used: \(reason)"
        case .keyUnusable(let path, let reason):
            "The portal's private key \(path) cannot be used: \(reason)"
        case .keyDoesNotMatch(let certificate, let key):
            "The private key \(key) does not belong to the certificate \(certificate)."
        }
    }

    /// What binding a listener threw.
    init(binding address: String, isSocket: Bool, _ error: any Error) {
        if let error = error as? PortalError {
            self = error
        } else if let error = error as? IOError, error.errnoCode == EADDRINUSE, !isSocket {
            self = .addressInUse(address)
        } else {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            self =
                isSocket
                ? .socketUnusable(path: address, reason: reason) : .cannotBind(address: address, reason: reason)
        }
    }
}
