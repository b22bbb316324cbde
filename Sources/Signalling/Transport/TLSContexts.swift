import NIOSSL

/// The TLS contexts made from one pair of PEM files: TLS 1.2 and 1.3, forward secrecy and AEAD only.
struct TLSContexts: Sendable {
    let server: NIOSSLContext
    /// For connections that the bridge opens. A point's certificate is not checked: it is authenticated by its digest on
    /// the way in, and reached only at the address it registered or called from.
    let client: NIOSSLContext

    init(files: TLSCertificateFiles) throws(SignallingError) {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificateChain)
        } catch {
            throw .cannotReadCertificate(path: files.certificateChain, reason: Self.reason(error))
        }
        guard !chain.isEmpty else {
            throw .cannotReadCertificate(path: files.certificateChain, reason: "no certificate in it")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
        } catch {
            throw .cannotReadPrivateKey(path: files.privateKey, reason: Self.reason(error))
        }
        var serverSide = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        serverSide.minimumTLSVersion = .tlsv12
        serverSide.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
        serverSide.renegotiationSupport = .none
        var clientSide = TLSConfiguration.makeClientConfiguration()
        clientSide.minimumTLSVersion = .tlsv12
        clientSide.cipherSuites = serverSide.cipherSuites
        clientSide.certificateVerification = .none
        do {
            server = try NIOSSLContext(configuration: serverSide)
            client = try NIOSSLContext(configuration: clientSide)
        } catch {
            throw .certificateAndKeyDisagree(
                certificate: files.certificateChain, key: files.privateKey, reason: Self.reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case NIOSSLError.noSuchFilesystemObject: "no such file"
        case NIOSSLError.failedToLoadCertificate: "not a PEM certificate, or not readable"
        case NIOSSLError.failedToLoadPrivateKey: "not a PEM private key, or not readable"
        default: String(describing: error).split(separator: "\n").first.map(String.init) ?? "unknown"
        }
    }
}
