import NIOSSL

/// The TLS contexts made from one pair of PEM files: TLS 1.2 and 1.3, forward secrecy and AEAD only. Where points may prove
/// themselves by certificates, they are asked for one; who shows none goes on, who shows a bad one does not.
struct TLSContexts: Sendable {
    let server: NIOSSLContext
    /// For connections that the bridge opens to servers with a name, which their certificates must be for (RFC 5922 §4).
    let client: NIOSSLContext
    /// For those to an address. A point's certificate is not checked there: it is authenticated by its digest on the way
    /// in, and reached only where it registered or called from.
    let uncheckedClient: NIOSSLContext

    init(files: TLSCertificateFiles, pointAuthority: String? = nil) throws(SignallingError) {
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
        var authorities: [NIOSSLCertificate] = []
        if let pointAuthority {
            let found = try? NIOSSLCertificate.fromPEMFile(pointAuthority)
            guard let found, !found.isEmpty else { throw .cannotReadAuthority(path: pointAuthority) }
            authorities = found
            serverSide.certificateVerification = .optionalVerification
            serverSide.trustRoots = .certificates(authorities)
            serverSide.sendCANameList = true
        }
        var clientSide = TLSConfiguration.makeClientConfiguration()
        clientSide.minimumTLSVersion = .tlsv12
        clientSide.cipherSuites = serverSide.cipherSuites
        clientSide.additionalTrustRoots = [.certificates(authorities)]
        clientSide.certificateChain = serverSide.certificateChain
        clientSide.privateKey = serverSide.privateKey
        var unchecked = clientSide
        unchecked.certificateVerification = .none
        do {
            server = try NIOSSLContext(configuration: serverSide)
            client = try NIOSSLContext(configuration: clientSide)
            uncheckedClient = try NIOSSLContext(configuration: unchecked)
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
