import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL
import OpenID
import Testing

@testable import Portal

/// An identity provider that others wrote (oidc-provider-mock, on Authlib and Flask), run as a child behind TLS. It can be told to make its next tokens
/// otherwise than they should be: what a provider's key would never sign, or has signed for another.
final class IdentityProvider: Sendable {
    static let python =
        // Not followed: the interpreter that it leads to has none of its packages.
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardizedFileURL.path + "/.build/openid/bin/python"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python) }

    private static let script = """
        import base64, hashlib, json, logging, ssl, sys, time
        from urllib.parse import urlparse, parse_qs
        import flask, werkzeug.serving
        from authlib import jose
        from oidc_provider_mock import app as provider
        folder, redirect = sys.argv[1:]
        logging.disable(logging.CRITICAL)
        app = provider(require_client_registration=True, require_nonce=True)
        forge, challenges = {}, {}

        @app.put('/forge')
        def tell():
            forge.clear()
            forge.update(flask.request.get_json())
            return '', 204

        # The mock ends no session at its clients; this signs what would, by its key or another.
        @app.post('/order')
        def order():
            wanted = flask.request.get_json()
            key = flask.g.oidc_provider_mock_storage.jwk
            header = {'alg': 'RS256', 'kid': key.kid, 'typ': wanted.get('typ', 'logout+jwt')}
            if wanted.get('key') == 'other': key = jose.RSAKey.generate_key(is_private=True)
            now = int(time.time())
            claims = {'iss': issuer(), 'aud': client['client_id'], 'iat': now, 'exp': now + 120, **wanted['claims']}
            return jose.JsonWebToken(['RS256']).encode(header, claims, key).decode()

        def issuer(): return f'https://localhost:{server.server_port}'

        # The mock knows no PKCE (RFC 7636); this does.
        @app.before_request
        def verify():
            if flask.request.path == '/oauth2/token':
                digest = hashlib.sha256(flask.request.form.get('code_verifier', '').encode()).digest()
                if base64.urlsafe_b64encode(digest).decode().rstrip('=') != challenges.get(flask.request.form.get('code')):
                    return flask.jsonify({'error': 'invalid_grant'}), 400

        @app.after_request
        def change(response):
            if flask.request.path == '/oauth2/authorize' and response.status_code == 302:
                code = parse_qs(urlparse(response.location).query).get('code', [''])[0]
                assert flask.request.args['code_challenge_method'] == 'S256'
                challenges[code] = flask.request.args['code_challenge']
            if flask.request.path == '/jwks' and 'kid' in forge:
                keys = response.get_json()
                for key in keys['keys']: key['kid'] = forge['kid']
                response.set_data(json.dumps(keys))
            if flask.request.path == '/oauth2/token' and response.status_code == 200 and forge:
                body = response.get_json()
                key = flask.g.oidc_provider_mock_storage.jwk
                claims = dict(jose.jwt.decode(body['id_token'], key))
                claims.update(forge.get('claims', {}))
                for name in ('exp', 'iat'):
                    if name in forge: claims[name] = int(time.time()) + forge[name]
                header = {'alg': forge.get('alg', 'RS256'), 'kid': forge.get('kid', key.kid)}
                if forge.get('key') == 'other': key = jose.RSAKey.generate_key(is_private=True)
                if header['alg'] == 'HS256': key = key.as_pem(is_private=False)
                if header['alg'] == 'none':
                    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip('=') for part in (header, claims)]
                    body['id_token'] = '.'.join(parts) + '.'
                else:
                    try:
                        body['id_token'] = jose.JsonWebToken(['RS256', 'HS256']).encode(header, claims, key).decode()
                    except ValueError:
                        # Authlib signs nothing with a public key as if it were a secret; this does.
                        import hmac
                        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip('=') for part in (header, claims)]
                        mac = hmac.new(key, '.'.join(parts).encode(), 'sha256').digest()
                        body['id_token'] = '.'.join(parts + [base64.urlsafe_b64encode(mac).decode().rstrip('=')])
                if forge.get('missing'): del body['id_token']
                response.set_data(json.dumps(body))
            return response

        client = app.test_client().post('/oauth2/clients', json={'redirect_uris': [redirect]}).get_json()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + '/cert.pem', folder + '/key.pem')
        server = werkzeug.serving.make_server('localhost', 0, app, threaded=True, ssl_context=context)
        print(json.dumps({'port': server.server_port, 'client': client['client_id'], 'secret': client['client_secret']}), flush=True)
        server.serve_forever()
        """

    private struct Said: Decodable {
        var port: Int
        var client: String
        var secret: String
    }

    let issuer: String
    let configuration: OpenIDConfiguration
    private let folder: String
    private let process: Process
    /// Follows nothing, and believes the provider's certificate and the portal's.
    let client: HTTPClient

    /// - Parameter redirect: where it sends browsers back to, and nowhere else.
    init(redirect: String) throws {
        folder = FileManager.default.temporaryDirectory.path + "/provider-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try PortalHarness.makeCertificate(folder, name: "localhost", serial: 7)
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = ["-c", Self.script, folder, redirect]
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONWARNINGS"] = "ignore"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try Data().write(to: URL(fileURLWithPath: folder + "/log"))
        process.standardError = FileHandle(forWritingAtPath: folder + "/log")
        try process.run()
        var line = Data()
        while line.last != 0x0A {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            line += more
        }
        guard let said = try? JSONDecoder().decode(Said.self, from: line) else {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            throw ProviderFailure(text: "the provider did not start: \(log.suffix(2000))")
        }
        issuer = "https://localhost:\(said.port)"
        var provider = OpenIDProvider(
            issuer: issuer, clientID: said.client, clientSecret: said.secret, name: "Đăng nhập chung")
        provider.scopes = ["profile"]
        configuration = OpenIDConfiguration(provider: provider, authorityPath: folder + "/cert.pem")
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        client = HTTPClient(configuration: .init(tlsConfiguration: tls, redirectConfiguration: .disallow))
    }

    /// A logout token.
    /// - Parameter wanted: JSON with `claims`, and perhaps `typ` and `key`.
    func order(_ wanted: String) async throws -> String {
        var request = HTTPClientRequest(url: issuer + "/order")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: wanted))
        let answer = try await client.execute(request, timeout: .seconds(10))
        let body = String(buffer: try await answer.body.collect(upTo: 1 << 20))
        guard answer.status == .ok else { throw ProviderFailure(text: "\(answer.status) \(body.suffix(600))") }
        return body
    }

    func stop() async throws {
        try await client.shutdown()
        // It inherits a mask that keeps SIGTERM from it.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try FileManager.default.removeItem(atPath: folder)
    }

    /// How the tokens to come are to be wrong; `{}` for not at all.
    func forge(_ json: String) async throws {
        var request = HTTPClientRequest(url: issuer + "/forge")
        request.method = .PUT
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: json))
        try #require(try await client.execute(request, timeout: .seconds(10)).status == .noContent)
    }

    /// Somebody signs in at the page to which a browser was sent.
    /// - Returns: where the provider sends the browser.
    func enter(_ page: String, as subject: String, denying: Bool = false) async throws -> String {
        var request = HTTPClientRequest(url: page)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: denying ? "action=deny" : "sub=\(subject)"))
        let answer = try await client.execute(request, timeout: .seconds(10))
        let body = String(buffer: try await answer.body.collect(upTo: 1 << 20))
        return try #require(answer.headers.first(name: "Location"), "\(answer.status) \(body.suffix(600))")
    }
}

struct ProviderFailure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
