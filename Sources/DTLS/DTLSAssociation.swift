import CLibSSL
import SRTP

/// One DTLS 1.2 association with one peer, by which both get the keys of SRTP (RFC 5763, RFC 5764).
///
/// It has no socket and no thread: what comes and the time go in, what is to be sent, keys and the next deadline come out.
/// Used from one thread at a time. OpenSSL itself measures by the wall clock when a flight is to be sent again, so a
/// `.timeout` that comes early by that clock only moves the deadline.
///
/// A server may ask for a cookie first, which proves that the client is at its address (RFC 6347 §4.2.1). Where ICE has
/// proved that before datagrams from there are handed over, it need not. One association takes datagrams of one address.
///
/// Renegotiation is refused by an alert. Application data is thrown away.
public final class DTLSAssociation {
    private enum State {
        case idle
        case handshaking(until: ContinuousClock.Instant, datagrams: Int)
        case connected
        case over
    }

    /// Octets of the largest datagram that is sent.
    public static let maximumTransmissionUnit = 1_200
    /// Octets of the largest datagram that is looked at.
    public static let maximumDatagramLength = 8_192
    /// Datagrams that are looked at before the handshake is complete.
    public static let maximumHandshakeDatagrams = 256

    public let role: DTLSRole
    /// When to come with `.timeout`; nil while nothing is waited for.
    public private(set) var deadline: ContinuousClock.Instant?

    private let context: DTLSContext
    private let fingerprints: [DTLSFingerprint]
    /// Seconds since 1970, by which the peer's certificate is judged.
    private let wallClock: Int
    private let datagrams = DatagramBIO()
    /// What a client has to bring back; one is enough, for it is of one address.
    private let cookie: [UInt8]
    private let ssl: OpaquePointer
    private var state = State.idle
    /// Why the peer's certificate was refused, which OpenSSL tells only as an alert.
    private var refusal: DTLSFailure?

    /// `fingerprints` are those of the peer's description: the certificate has to match one of the strongest hash among
    /// them (RFC 8122 §5). `wallClock`, in seconds since 1970, is what a certificate's validity is judged by: also a
    /// self-signed one is refused before and after the period that it names.
    /// One that `asksForCookie` sends nothing longer than what came before the client has shown that it is where its
    /// datagrams say.
    public init(
        _ context: DTLSContext, role: DTLSRole, fingerprints: [DTLSFingerprint], wallClock: Int,
        asksForCookie: Bool = false
    ) throws(DTLSSetupError) {
        guard !fingerprints.isEmpty else { throw .noFingerprint }
        guard let ssl = SSL_new(context.pointer) else { throw .libraryRefused("an association") }
        guard let bio = datagrams.makeBIO() else {
            SSL_free(ssl)
            throw .libraryRefused("a BIO")
        }
        SSL_set_bio(ssl, bio, bio)
        causeway_dtls_set_mtu(ssl, Self.maximumTransmissionUnit)
        switch role {
        case .client: SSL_set_connect_state(ssl)
        case .server: SSL_set_accept_state(ssl)
        }
        self.context = context
        self.role = role
        self.fingerprints = fingerprints
        self.wallClock = wallClock
        self.ssl = ssl
        var random = SystemRandomNumberGenerator()
        cookie = (0..<Self.cookieLength).map { _ in .random(in: 0 ... .max, using: &random) }
        if asksForCookie { causeway_dtls_ask_for_cookie(ssl) }
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        DTLS_set_timer_cb(ssl) { DTLSAssociation.of($0)?.retransmission(after: $1) ?? 1_000_000 }
    }

    deinit { SSL_free(ssl) }

    /// Whether it lives and goes on where a new description of the peer leads to `role` and names `fingerprints`. If not, a new
    /// association takes its place, on the same path (RFC 8842 §4). An ICE restart is no reason for a new one.
    public func continues(as role: DTLSRole, fingerprints: [DTLSFingerprint]) -> Bool {
        if case .over = state { return false }
        return role == self.role && Set(fingerprints) == Set(self.fingerprints)
    }

    public func handle(_ event: DTLSEvent, at now: ContinuousClock.Instant) -> [DTLSAction] {
        var actions: [DTLSAction] = []
        switch (state, event) {
        case (.idle, .start):
            state = .handshaking(until: now + context.configuration.handshakeLimit, datagrams: 0)
            shakeHands(&actions)
        case (.idle, .close):
            finish(.closed, &actions)
        case (.handshaking(let limit, _), .timeout):
            if now >= limit {
                finish(.failed(.handshakeTimeout), &actions)
            } else if causeway_dtls_handle_timeout(ssl) < 0 {
                finish(.failed(.handshakeTimeout), &actions)
            }
        case (.handshaking(let limit, let count), .datagram(let octets)):
            guard count < Self.maximumHandshakeDatagrams else {
                finish(.failed(.tooManyDatagrams), &actions)
                break
            }
            state = .handshaking(until: limit, datagrams: count + 1)
            guard take(octets) else { break }
            shakeHands(&actions)
        case (.connected, .datagram(let octets)):
            guard take(octets) else { break }
            read(&actions)
        case (.connected, .close):
            SSL_shutdown(ssl)
            finish(.closed, &actions)
        case (.handshaking, .close):
            finish(.closed, &actions)
        case (.idle, .datagram), (.idle, .timeout), (.handshaking, .start), (.connected, .start),
            (.connected, .timeout),
            (.over, _):
            break
        }
        updateDeadline(now)
        // What is to be sent goes first: the peer is told before the owner gives the association up.
        return datagrams.takeOutgoing().map { .send($0) } + actions
    }

    private func take(_ octets: [UInt8]) -> Bool {
        guard octets.count <= Self.maximumDatagramLength else { return false }
        let plausible = DTLSRecords.plausiblePrefix(of: octets)
        guard plausible > 0 else { return false }
        datagrams.incoming = plausible == octets.count ? octets : Array(octets[..<plausible])
        return true
    }

    private func shakeHands(_ actions: inout [DTLSAction]) {
        switch outcome({ SSL_do_handshake(ssl) }) {
        case .done:
            guard let keys = exportKeys() else {
                SSL_shutdown(ssl)
                finish(.failed(.noCommonSuite), &actions)
                return
            }
            state = .connected
            actions.append(.connected(local: keys.local, remote: keys.remote))
            read(&actions)
        case .waiting: break
        case .closed: finish(.failed(.alert(0)), &actions)
        case .failed: finish(.failed(failure()), &actions)
        }
    }

    /// After the handshake: the peer's last flight once more, an alert, or application data.
    private func read(_ actions: inout [DTLSAction]) {
        var room = InlineArray<256, UInt8>(repeating: 0)
        // A datagram has room for fewer records than this.
        for _ in 0..<(Self.maximumDatagramLength / 13) {
            var span = room.mutableSpan
            switch outcome({ span.withUnsafeMutableBytes { SSL_read(ssl, $0.baseAddress, Int32($0.count)) } }) {
            case .done: continue
            case .waiting: return
            case .closed:
                SSL_shutdown(ssl)
                finish(.closed, &actions)
                return
            case .failed:
                finish(.failed(failure()), &actions)
                return
            }
        }
    }

    private enum Outcome {
        case done, waiting, closed, failed
    }

    /// What became of a call to OpenSSL, which tells it apart by a queue that earlier calls may have left something in.
    private func outcome(_ call: () -> Int32) -> Outcome {
        ERR_clear_error()
        let result = call()
        if result > 0 { return .done }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .waiting
        case SSL_ERROR_ZERO_RETURN: return .closed
        // A record was thrown away: there are no system calls that could have failed.
        case SSL_ERROR_SYSCALL where ERR_peek_error() == 0: return .waiting
        default: return .failed
        }
    }

    private func finish(_ last: DTLSAction, _ actions: inout [DTLSAction]) {
        state = .over
        datagrams.incoming = nil
        actions.append(last)
    }

    private func updateDeadline(_ now: ContinuousClock.Instant) {
        guard case .handshaking(let limit, _) = state else {
            deadline = nil
            return
        }
        let left = causeway_dtls_timeout(ssl)
        // A wall clock that is set back must not stop it.
        let next = left < 0 ? limit : now + min(.microseconds(left), context.configuration.firstRetransmission * 10)
        deadline = min(limit, next)
    }

    /// Microseconds to wait for an answer, having waited `waited` before.
    private func retransmission(after waited: UInt32) -> UInt32 {
        let first = context.configuration.firstRetransmission / .microseconds(1)
        let next = waited == 0 ? first : min(Double(waited) * 2, first * 10)
        return UInt32(min(max(next, 1), 60_000_000))
    }

    // MARK: The cookie

    private static let cookieLength = 16

    static func writeCookie(_ ssl: OpaquePointer?, _ room: UnsafeMutablePointer<UInt8>?) -> UInt32? {
        guard let association = of(ssl), let room else { return nil }
        // OpenSSL has room for DTLS1_COOKIE_LENGTH, 255 octets.
        room.update(from: association.cookie, count: cookieLength)
        return UInt32(cookieLength)
    }

    static func isCookie(_ ssl: OpaquePointer?, _ octets: UnsafePointer<UInt8>?, _ count: UInt32) -> Bool {
        guard let association = of(ssl), let octets else { return false }
        return association.cookie.elementsEqual(UnsafeBufferPointer(start: octets, count: Int(count)))
    }

    private static func of(_ ssl: OpaquePointer?) -> DTLSAssociation? {
        SSL_get_ex_data(ssl, 0).map { Unmanaged<DTLSAssociation>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// The peer's certificate.
extension DTLSAssociation {
    /// Takes the place of OpenSSL's verification: there is no chain, only a fingerprint and a period.
    static func verify(_ store: OpaquePointer?) -> Int32 {
        guard
            let association = of(
                OpaquePointer(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()))),
            let certificate = X509_STORE_CTX_get0_cert(store)
        else { return 0 }
        association.refusal = association.judge(certificate)
        switch association.refusal {
        case nil:
            X509_STORE_CTX_set_error(store, X509_V_OK)
            return 1
        case .certificateExpired: X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_HAS_EXPIRED)
        case .certificateNotYetValid: X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_NOT_YET_VALID)
        // Becomes the alert bad_certificate, which RFC 5763 §5 asks for.
        default: X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
        }
        return 0
    }

    private func judge(_ certificate: OpaquePointer) -> DTLSFailure? {
        let strongest = fingerprints.lazy.map(\.hash).max() ?? .sha256
        guard let actual = DTLSFingerprint(strongest, of: certificate), fingerprints.contains(actual) else {
            return .fingerprintMismatch
        }
        var moment = wallClock
        // -1: the certificate's time is earlier or the same; 0: it cannot be read.
        guard X509_cmp_time(X509_get0_notBefore(certificate), &moment) == -1 else { return .certificateNotYetValid }
        guard X509_cmp_time(X509_get0_notAfter(certificate), &moment) == 1 else { return .certificateExpired }
        return nil
    }

    /// What OpenSSL's queue of errors tells.
    private func failure() -> DTLSFailure {
        if let refusal { return refusal }
        let error = ERR_peek_last_error()
        let reason = Int(causeway_error_reason(error))
        // An alert of the peer's is the reason of its number above this (SSL_AD_REASON_OFFSET).
        if let alert = UInt8(exactly: reason - 1_000) { return .alert(alert) }
        return .protocolViolation(ERR_reason_error_string(error).map { String(cString: $0) } ?? "reason \(reason)")
    }

    /// The keys of both directions, taken from what the handshake agreed on (RFC 5764 §4.2); nil without a profile.
    private func exportKeys() -> (local: SRTPMasterKey, remote: SRTPMasterKey)? {
        guard let profile = SSL_get_selected_srtp_profile(ssl)?.pointee.id,
            let suite = context.configuration.suites.first(where: { $0.dtlsProfile?.id == UInt(profile) })
        else { return nil }
        let label = "EXTRACTOR-dtls_srtp"
        return withUnsafeTemporaryAllocation(byteCount: 2 * suite.keyAndSaltLength, alignment: 1) { material in
            defer { OPENSSL_cleanse(material.baseAddress, material.count) }
            let exported = SSL_export_keying_material(
                ssl, material.baseAddress, material.count, label, label.utf8.count, nil, 0, 0)
            guard exported == 1,
                let client = Self.masterKey(of: 0, suite, in: .init(material)),
                let server = Self.masterKey(of: 1, suite, in: .init(material))
            else { return nil }
            return role == .client ? (client, server) : (server, client)
        }
    }

    /// The material is the keys of client (0) and server (1), then their salts.
    private static func masterKey(of side: Int, _ suite: SRTPSuite, in material: UnsafeRawBufferPointer)
        -> SRTPMasterKey?
    {
        var keyAndSalt: [UInt8] = []
        keyAndSalt.reserveCapacity(suite.keyAndSaltLength)
        keyAndSalt += material.dropFirst(side * suite.keyLength).prefix(suite.keyLength)
        keyAndSalt += material.dropFirst(2 * suite.keyLength + side * suite.saltLength).prefix(suite.saltLength)
        return try? SRTPMasterKey(suite: suite, keyAndSalt: keyAndSalt)
    }
}
