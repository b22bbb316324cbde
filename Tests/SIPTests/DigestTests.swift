import Crypto
import Testing

@testable import SIP

struct DigestTests {
    static let hashes = DigestHashes(
        md5: { Array(Insecure.MD5.hash(data: $0)) }, sha256: { Array(SHA256.hash(data: $0)) })

    private func at(_ seconds: Int) -> SIPInstant { Samples.after(.seconds(seconds)) }
    private let secret = DigestSecret.password("mật khẩu")

    private func authenticator(
        _ configure: (inout DigestAuthenticator.Configuration) -> Void = { _ in }
    ) -> DigestAuthenticator {
        var configuration = DigestAuthenticator.Configuration(realm: "example.vn")
        configure(&configuration)
        return DigestAuthenticator(
            configuration: configuration, hashes: Self.hashes, epoch: Samples.epoch, random: Samples.random)
    }

    /// A request that answers one of the authenticator's challenges.
    private func answer(
        _ authenticator: DigestAuthenticator, issued: Int = 0, algorithm: DigestAlgorithm = .sha256, count: UInt32 = 1,
        username: String = "phong1", secret: DigestSecret? = nil, nonce: String? = nil
    ) throws -> SIPRequest {
        var request = try Samples.request(.register)
        let headers = authenticator.challenges(at: at(issued))
        var challenge = try #require(
            headers.values(.wwwAuthenticate).compactMap { try? DigestChallenge(parsing: $0) }.first {
                $0.algorithm == algorithm
            })
        if let nonce { challenge.nonce = nonce }
        let credentials = try #require(
            challenge.answer(
                method: request.method, uri: request.uri.description, username: username, secret: secret ?? self.secret,
                clientNonce: "0a4f113b", nonceCount: count, hashes: Self.hashes))
        request.headers[.authorization] = credentials.headerValue
        return request
    }

    // MARK: Vectors

    /// RFC 7616 §3.9.1 and RFC 2617 §3.5.
    @Test(arguments: [
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ])
    func theExamplesOfRFC7616(algorithm: String, response: String) throws {
        let challenge = try DigestChallenge(
            parsing: """
                Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=\(algorithm), \
                nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
                """)
        let credentials = try #require(
            challenge.answer(
                method: "GET", uri: "/dir/index.html", username: "Mufasa", secret: .password("Circle of Life"),
                clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", hashes: Self.hashes))
        #expect(credentials.response == response)
        #expect(credentials.opaque == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")
        #expect(try DigestCredentials(parsing: credentials.headerValue) == credentials)
    }

    @Test func theExampleOfRFC2617() throws {
        let challenge = DigestChallenge(
            realm: "testrealm@host.com", nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", algorithm: .md5)
        let credentials = challenge.answer(
            method: "GET", uri: "/dir/index.html", username: "Mufasa", secret: .password("Circle Of Life"),
            clientNonce: "0a4f113b", hashes: Self.hashes)
        #expect(credentials?.response == "6629fae49393a05397450978507c4ef1")
    }

    /// HA1 stored in place of the password gives the same.
    @Test func aStoredHashServesAsThePassword() throws {
        let ha1 = "939e7578ed9e3c518a452acee763bce9"
        let challenge = DigestChallenge(
            realm: "testrealm@host.com", nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", algorithm: .md5)
        func answer(_ secret: DigestSecret) -> String? {
            challenge.answer(
                method: "GET", uri: "/dir/index.html", username: "Mufasa", secret: secret, clientNonce: "0a4f113b",
                hashes: Self.hashes)?.response
        }
        #expect(answer(.ha1(md5: ha1.uppercased(), sha256: nil)) == "6629fae49393a05397450978507c4ef1")
        #expect(answer(.ha1(md5: nil, sha256: ha1)) == nil)
    }

    // MARK: The server

    @Test func itChallengesWithSHA256FirstThenMD5() throws {
        let values = authenticator().challenges(at: at(0)).values(.wwwAuthenticate)
        let challenges = try values.map { try DigestChallenge(parsing: $0) }
        #expect(challenges.map(\.algorithm) == [.sha256, .md5])
        #expect(challenges.allSatisfy { $0.realm == "example.vn" && $0.offersAuth && !$0.isStale })
        let stale = authenticator().challenges(stale: true, at: at(0)).values(.wwwAuthenticate)
        #expect(try stale.allSatisfy { try DigestChallenge(parsing: $0).isStale })
    }

    @Test(arguments: DigestAlgorithm.allCases)
    func theRightAnswerIsLetIn(algorithm: DigestAlgorithm) throws {
        var authenticator = authenticator()
        let request = try answer(authenticator, algorithm: algorithm)
        let verdict = authenticator.verify(request, at: at(1)) { $0 == "phong1" ? secret : nil }
        #expect(verdict == .authenticated(username: "phong1"))
    }

    @Test func aWrongPasswordAndAnUnknownNameLookTheSame() throws {
        var authenticator = authenticator()
        let wrong = try answer(authenticator, secret: .password("khác"))
        #expect(authenticator.verify(wrong, at: at(1)) { _ in secret } == .wrong(username: "phong1"))
        #expect(authenticator.verify(try answer(authenticator), at: at(1)) { _ in nil } == .wrong(username: "phong1"))
        let empty = try answer(authenticator, secret: .password(""))
        #expect(authenticator.verify(empty, at: at(1)) { _ in nil } == .wrong(username: "phong1"))
        let unusable = try answer(authenticator)
        #expect(
            authenticator.verify(unusable, at: at(1)) { _ in .ha1(md5: "00", sha256: nil) }
                == .wrong(username: "phong1"))
    }

    @Test func anAnswerIsGoodOnceAndTheNextCountIsGoodToo() throws {
        var authenticator = authenticator()
        let first = try answer(authenticator)
        let nonce = try DigestCredentials(parsing: try #require(first.headers[.authorization])).nonce
        func verdict(_ request: SIPRequest, _ seconds: Int) -> DigestAuthenticator.Verdict {
            authenticator.verify(request, at: at(seconds)) { _ in secret }
        }
        #expect(verdict(first, 1) == .authenticated(username: "phong1"))
        #expect(verdict(first, 2) == .stale)
        let second = try answer(authenticator, count: 2, nonce: nonce)
        #expect(verdict(second, 3) == .authenticated(username: "phong1"))
        #expect(verdict(first, 4) == .stale)
        let skipped = try answer(authenticator, count: 9, nonce: nonce)
        #expect(verdict(skipped, 5) == .authenticated(username: "phong1"))
    }

    @Test func anOldNonceIsStaleButAWrongAnswerToItIsWrong() throws {
        var authenticator = authenticator()
        let right = try answer(authenticator)
        let wrong = try answer(authenticator, secret: .password("x"))
        #expect(authenticator.verify(right, at: at(301)) { _ in secret } == .stale)
        #expect(authenticator.verify(wrong, at: at(301)) { _ in secret } == .wrong(username: "phong1"))
        #expect(authenticator.verify(right, at: at(300)) { _ in secret } == .authenticated(username: "phong1"))
    }

    @Test func aNonceOfSomebodyElseIsChallengedAgain() throws {
        var authenticator = authenticator()
        let other = self.authenticator()
        #expect(authenticator.verify(try answer(other), at: at(1)) { _ in secret } == .missing)
        let forged = try answer(authenticator, nonce: String(repeating: "0", count: 64))
        #expect(authenticator.verify(forged, at: at(1)) { _ in secret } == .missing)
    }

    @Test func answersThatDoNotConcernThisRealmAreNone() throws {
        var authenticator = authenticator { $0.algorithms = [.sha256] }
        func verdict(_ value: String?) throws -> DigestAuthenticator.Verdict {
            var request = try Samples.request(.register)
            request.headers[.authorization] = value
            return authenticator.verify(request, at: at(1)) { _ in secret }
        }
        #expect(try verdict(nil) == .missing)
        #expect(try verdict("NoOneKnowsThisScheme opaque-data=here") == .missing)
        #expect(try verdict(#"Digest username="a", realm="other", nonce="n", uri="sip:h", response="0""#) == .missing)
        let fields = #"Digest username="a", realm="example.vn", nonce="n", uri="sip:giaoban@example.vn", response="0""#
        #expect(try verdict(fields) == .missing)
        #expect(try verdict(fields + ", algorithm=SHA-512-256") == .missing)
        let needs = DigestAuthenticator.Verdict.malformed(reason: "Digest needs qop=auth, nc and cnonce")
        #expect(try verdict(fields + ", algorithm=SHA-256") == needs)
        #expect(try verdict(fields + ", algorithm=SHA-256, qop=auth, cnonce=\"\", nc=00000001") == needs)
        #expect(
            try verdict("Digest realm=\"example.vn\", algorithm=SHA-256") == .malformed(reason: "Digest lacks username")
        )
        #expect(try verdict("Digest realm=\"example.vn") == .malformed(reason: "a quoted string is not closed"))
    }

    @Test func anAnswerForAnotherAddressOrMethodIsRefused() throws {
        var authenticator = authenticator()
        var elsewhere = try answer(authenticator)
        elsewhere.uri = try URI(parsing: "sip:other@example.vn")
        #expect(
            authenticator.verify(elsewhere, at: at(1)) { _ in secret }
                == .malformed(reason: "Digest's uri is not the Request-URI"))
        var otherMethod = try answer(authenticator)
        otherMethod.method = .invite
        #expect(authenticator.verify(otherMethod, at: at(1)) { _ in secret } == .wrong(username: "phong1"))
    }

    @Test func expiredNoncesDoNotWaitUntilAllIsFull() throws {
        var authenticator = authenticator()
        for second in 0..<2_000 {
            let request = try answer(authenticator, issued: second)
            #expect(authenticator.verify(request, at: at(second)) { _ in secret } == .authenticated(username: "phong1"))
            #expect(authenticator.rememberedNonces <= 1_024)
        }
    }

    @Test func memoryIsBoundedAndWhatIsForgottenCannotBeReplayed() throws {
        var authenticator = authenticator { $0.maximumNonces = 20 }
        var used: [SIPRequest] = []
        for second in 0..<100 {
            let request = try answer(authenticator, issued: second)
            #expect(authenticator.verify(request, at: at(second)) { _ in secret } == .authenticated(username: "phong1"))
            used.append(request)
        }
        #expect(authenticator.rememberedNonces <= 20)
        for request in used { #expect(authenticator.verify(request, at: at(100)) { _ in secret } == .stale) }
    }

    @Test func everyChangedCharacterOfAnAnswerIsNoticed() throws {
        var authenticator = authenticator()
        let request = try answer(authenticator)
        let value = try #require(request.headers[.authorization])
        let octets = Array(value.utf8)
        for index in octets.indices {
            var changed = octets
            changed[index] = changed[index] == 0x37 ? 0x38 : 0x37
            var tampered = request
            tampered.headers[.authorization] = Samples.text(changed)
            let verdict = authenticator.verify(tampered, at: at(1)) { _ in secret }
            if case .authenticated = verdict { Issue.record("\(Samples.text(changed)) was let in") }
        }
        #expect(authenticator.verify(request, at: at(1)) { _ in secret } == .authenticated(username: "phong1"))
    }

    @Test func secretsAreNotPrinted() {
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])"] { #expect(!text.contains("mật")) }
    }

    // MARK: The client

    @Test func aClientAnswersTheFirstChallengeThatItCan() throws {
        var response = try Samples.request(.register).response(401, tag: "b")
        response.headers.add(.wwwAuthenticate, #"Digest realm="r", nonce="n1", algorithm=SHA-512-256, qop="auth""#)
        response.headers.add(.wwwAuthenticate, #"Digest realm="r", nonce="n2", algorithm=SHA-256, qop="auth-int""#)
        response.headers.add(.wwwAuthenticate, #"Digest realm="r", nonce="n3", qop="auth-int,auth", stale=TRUE"#)
        let challenge = try #require(DigestChallenge.choose(from: response))
        #expect(challenge.nonce == "n3" && challenge.algorithm == .md5 && challenge.isStale)
    }

    @Test func aClientAnswersAnOldServerWithoutQop() throws {
        let challenge = try DigestChallenge(parsing: #"Digest realm="r", nonce="n""#)
        let credentials = try #require(
            challenge.answer(
                method: .register, uri: "sip:r", username: "u", secret: .password("p"), clientNonce: "c",
                hashes: Self.hashes))
        #expect(credentials.qop == nil && !credentials.headerValue.contains("cnonce"))
        let ha1 = Self.hashes.hex(.md5, "u:r:p")
        let ha2 = Self.hashes.hex(.md5, "REGISTER:sip:r")
        #expect(credentials.response == Self.hashes.hex(.md5, "\(ha1):n:\(ha2)"))
    }
}
