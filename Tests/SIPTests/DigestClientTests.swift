import Testing

@testable import SIP

/// Challenges answered as a client.
struct DigestClientTests {
    /// A client and the credentials that it gives.
    private final class Client {
        private var digest: DigestClient

        init(_ accounts: [DigestAccount]) {
            digest = DigestClient(accounts: accounts, hashes: DigestTests.hashes, random: Samples.random)
        }

        func learn(from response: SIPResponse) -> Bool { digest.learn(from: response) }
        func authorize(_ request: inout SIPRequest) { digest.authorize(&request) }

        func credentials() throws -> [DigestCredentials] {
            var request = try Samples.request(.register)
            digest.authorize(&request)
            return try (request.headers.values(.authorization) + request.headers.values(.proxyAuthorization))
                .map { try DigestCredentials(parsing: $0) }
        }
    }

    private func client(_ accounts: [DigestAccount]) -> Client { Client(accounts) }
    private let account = DigestAccount(username: "cau", secret: .password("mật khẩu"))

    private func challenge(_ values: String..., status: UInt16 = 401) throws -> SIPResponse {
        var response = try Samples.request(.register).response(status, tag: "b")
        for value in values { response.headers.add(status == 407 ? .proxyAuthenticate : .wwwAuthenticate, value) }
        return response
    }

    @Test func theServerThatChallengedFindsTheAnswerRight() throws {
        for algorithm in DigestAlgorithm.allCases {
            var configuration = DigestAuthenticator.Configuration(realm: "example.vn")
            configuration.algorithms = [algorithm]
            var server = DigestAuthenticator(
                configuration: configuration, hashes: DigestTests.hashes, epoch: Samples.epoch, random: Samples.random)
            let client = self.client([account])
            var request = try Samples.request(.register)
            var response = request.response(401, tag: "b")
            response.headers = server.challenges(at: Samples.epoch)
            #expect(client.learn(from: response))
            for _ in 0..<3 {
                client.authorize(&request)
                #expect(request.headers.values(.authorization).count == 1)
                let verdict = server.verify(request, at: Samples.epoch) { $0 == "cau" ? account.secret : nil }
                #expect(verdict == .authenticated(username: "cau"))
            }
        }
    }

    @Test func usesOfANonceAreCounted() throws {
        let client = self.client([account])
        #expect(try client.credentials().isEmpty)
        #expect(try client.learn(from: challenge(#"Digest realm="r", nonce="n", qop="auth", opaque="o""#)))
        #expect(try client.credentials().map(\.nonceCount) == [1])
        #expect(try client.credentials().map(\.nonceCount) == [2])
        #expect(try client.credentials().map(\.opaque) == ["o"])
        #expect(try client.learn(from: challenge(#"Digest realm="r", nonce="n2", qop="auth", stale=true"#)))
        #expect(try client.credentials().map(\.nonceCount) == [1])
    }

    @Test func aServerByRFC2617WithoutQopIsAnswered() throws {
        let client = self.client([account])
        #expect(try client.learn(from: challenge(#"Digest realm="r", nonce="n""#)))
        let answer = try #require(try client.credentials().first)
        #expect(answer.qop == nil && answer.nonceCount == nil && answer.algorithm == .md5)
    }

    @Test func theFirstAlgorithmThatTheSecretServesIsTaken() throws {
        let both = try challenge(
            #"Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth""#,
            #"Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth""#,
            #"Digest realm="r", nonce="n", algorithm=MD5, qop="auth""#)
        let any = client([account])
        #expect(any.learn(from: both))
        #expect(try any.credentials().map(\.algorithm) == [.sha256])
        let old = client([.init(username: "cau", secret: .ha1(md5: "0123", sha256: nil))])
        #expect(old.learn(from: both))
        #expect(try old.credentials().map(\.algorithm) == [.md5])
    }

    @Test func whatCannotBeAnsweredIsNotTriedAgain() throws {
        let client = self.client([.init(realm: "r", username: "cau", secret: .password("x"))])
        #expect(try !client.learn(from: challenge()))
        #expect(try !client.learn(from: challenge("Basic realm=\"r\"", "Digest nonsense")))
        #expect(try !client.learn(from: challenge(#"Digest realm="other", nonce="n", qop="auth""#)))
        #expect(try !client.learn(from: challenge(#"Digest realm="r", nonce="n", qop="auth-int""#)))
        #expect(try client.credentials().isEmpty)
    }

    @Test func anAccountOfTheRealmGoesBeforeTheGeneralOne() throws {
        let client = self.client([account, .init(realm: "trunk", username: "t", secret: .password("x"))])
        #expect(try client.learn(from: challenge(#"Digest realm="trunk", nonce="n", qop="auth""#, status: 407)))
        #expect(try client.credentials().map(\.username) == ["t"])
    }

    @Test func aNonceThatGrewOldWithoutAWordIsReplaced() throws {
        let client = self.client([account])
        let first = try challenge(#"Digest realm="r", nonce="n1", qop="auth""#)
        let second = try challenge(#"Digest realm="r", nonce="n2", qop="auth""#)
        #expect(client.learn(from: first))
        _ = try client.credentials()
        #expect(!client.learn(from: second), "its first use was wrong")
        _ = try client.credentials()
        #expect(client.learn(from: second), "it has been right before")
        #expect(try !client.learn(from: challenge(#"Digest realm="r", nonce="n2", qop="auth", stale=true"#)))
    }

    @Test func realmsAreBounded() throws {
        let client = self.client([account])
        for number in 0..<20 {
            let isTaken = client.learn(from: try challenge(#"Digest realm="r\#(number)", nonce="n", qop="auth""#))
            #expect(isTaken == (number < 8))
        }
    }
}
