import Foundation
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The certificate and key that the portal shows; can be changed while it runs, for connections to come.
final class ServerIdentity: Sendable {
    private let current: Mutex<NIOSSLContext>

    init(certificatePath: String, keyPath: String) throws(PortalError) {
        current = Mutex(try Self.load(certificatePath, keyPath))
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// Reads certificate and key from where they lie now. What was in use stays where they cannot be used.
    func reload(certificatePath: String, keyPath: String) throws(PortalError) {
        let fresh = try Self.load(certificatePath, keyPath)
        current.withLock { $0 = fresh }
    }

    private static func load(_ certificatePath: String, _ keyPath: String) throws(PortalError) -> NIOSSLContext {
        for path in [certificatePath, keyPath] where access(path, R_OK) != 0 {
            let reason = String(cString: strerror(errno))
            throw path == certificatePath
                ? .certificateUnusable(path: path, reason: reason) : .keyUnusable(path: path, reason: reason)
        }
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
        } catch {
            throw .certificateUnusable(path: certificatePath, reason: "it holds no PEM certificate")
        }
        guard !chain.isEmpty else {
            throw .certificateUnusable(path: certificatePath, reason: "it holds no PEM certificate")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
        } catch {
            throw .keyUnusable(path: keyPath, reason: "it holds no PEM private key without a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // For a peer to take leave; one that is gone would hold up the daemon's end.
        configuration.shutdownTimeout = .seconds(1)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .keyDoesNotMatch(certificate: certificatePath, key: keyPath)
        }
    }
}

/// HTTP/1.1 over TLS with whatever identity is current when a connection comes.
struct TLSListener: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let identity: ServerIdentity

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: identity.context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
