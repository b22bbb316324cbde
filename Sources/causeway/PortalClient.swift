import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOPosix
import NIOSSL
import PortalAPI

/// Speaks to the daemon's portal.
struct PortalClient: Sendable {
    /// Answers that are not files are small; a longer one is not the daemon's.
    private static let maximumAnswer = 64 << 20

    private let http: HTTPClient
    private let base: String
    private let token: String?
    /// For error lines.
    private let place: String
    private let isLocal: Bool

    private init(_ options: ConnectionOptions) throws(CommandFailure) {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(10), read: .seconds(120))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        if let server = options.server {
            let trimmed = server.hasSuffix("/") ? String(server.dropLast()) : server
            base = trimmed
            place = trimmed
            isLocal = false
            token = try options.tokenFile.map(Self.readToken)
            var tls = TLSConfiguration.makeClientConfiguration()
            if let ca = options.ca {
                guard access(ca, R_OK) == 0 else { throw .local("\(ca): \(String(cString: strerror(errno)))") }
                tls.trustRoots = .file(ca)
            }
            tls.minimumTLSVersion = .tlsv12
            configuration.tlsConfiguration = tls
        } else {
            guard let host = options.socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else {
                throw .usage("--socket is not a path.")
            }
            base = "http+unix://" + host
            place = options.socket
            isLocal = true
            token = nil
        }
        http = HTTPClient(configuration: configuration)
    }

    /// Runs `body` with a client and closes it.
    static func with<Value>(
        _ options: ConnectionOptions, _ body: (PortalClient) async throws -> Value
    ) async throws -> Value {
        let client = try PortalClient(options)
        do {
            let value = try await body(client)
            try? await client.http.shutdown()
            return value
        } catch {
            try? await client.http.shutdown()
            throw error
        }
    }

    /// The JSON at a path below `/api/v1`.
    func get<Value: Decodable>(
        _ type: Value.Type, _ path: String, query: [(String, String?)] = []
    ) async throws(CommandFailure) -> Value {
        let response = try await open("GET", path, query: query)
        let data = try await collect(response)
        do {
            return try PortalJSON.decode(type, from: data)
        } catch {
            throw notCauseway
        }
    }

    /// What is no JSON.
    func text(_ path: String, query: [(String, String?)] = []) async throws(CommandFailure) -> String {
        String(decoding: try await collect(try await open("GET", path, query: query)), as: UTF8.self)
    }

    /// The octets of a document.
    func document(
        _ method: String, _ path: String, query: [(String, String?)] = []
    ) async throws(CommandFailure) -> Data {
        try await collect(try await open(method, path, query: query))
    }

    func put(_ path: String) async throws(CommandFailure) { _ = try await collect(try await open("PUT", path)) }

    func delete(_ path: String) async throws(CommandFailure) { _ = try await collect(try await open("DELETE", path)) }

    func post(_ path: String) async throws(CommandFailure) {
        _ = try await collect(try await open("POST", path))
    }

    func post(_ path: String, _ body: some Encodable) async throws(CommandFailure) {
        _ = try await collect(try await open("POST", path, body: try encoded(body)))
    }

    func post<Value: Decodable>(
        _ type: Value.Type, _ path: String, _ body: some Encodable
    ) async throws(CommandFailure) -> Value {
        let data = try await collect(try await open("POST", path, body: try encoded(body)))
        do {
            return try PortalJSON.decode(type, from: data)
        } catch {
            throw notCauseway
        }
    }

    func put<Value: Decodable>(
        _ type: Value.Type, _ path: String, query: [(String, String?)] = [], _ body: some Encodable
    ) async throws(CommandFailure) -> Value {
        try decoded(type, try await collect(try await open("PUT", path, query: query, body: try encoded(body))))
    }

    func delete<Value: Decodable>(
        _ type: Value.Type, _ path: String, query: [(String, String?)] = []
    ) async throws(CommandFailure) -> Value {
        try decoded(type, try await collect(try await open("DELETE", path, query: query)))
    }

    /// Sends a file as it is.
    func send<Value: Decodable>(
        _ type: Value.Type, _ path: String, query: [(String, String?)] = [], headers: [(String, String)] = [],
        _ file: Data
    ) async throws(CommandFailure) -> Value {
        try decoded(type, try await collect(try await open("POST", path, query: query, headers: headers, body: file)))
    }

    private func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data) throws(CommandFailure) -> Value {
        do { return try PortalJSON.decode(type, from: data) } catch { throw notCauseway }
    }

    private func encoded(_ body: some Encodable) throws(CommandFailure) -> Data {
        do { return try PortalJSON.encode(body) } catch { throw .unreachable("This cannot be sent: \(error)") }
    }

    private var notCauseway: CommandFailure {
        .unreachable("What answers at \(place) does not speak like causewayd; look at the address, or the versions.")
    }

    /// An answer whose body comes piece by piece.
    func open(
        _ method: String, _ path: String, query: [(String, String?)] = [], headers: [(String, String)] = [],
        body: Data? = nil, accepting accepted: Set<Int> = []
    ) async throws(CommandFailure) -> HTTPClientResponse {
        var url = base + "/api/v1/" + path
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.encoded($0))" } }
        if !pairs.isEmpty { url += "?" + pairs.joined(separator: "&") }
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(data: body))
        }
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, deadline: .now() + .hours(24))
        } catch {
            throw unreachable(error)
        }
        let status = Int(response.status.code)
        if (200...299).contains(status) || accepted.contains(status) { return response }
        let body = try await collect(response)
        throw .refused(
            (try? PortalJSON.decode(APIError.self, from: body))
                ?? APIError(error: "The daemon answered with status \(status).", hint: "Look at its log."))
    }

    func unreachable(_ error: any Error) -> CommandFailure {
        if let failure = error as? CommandFailure { return failure }
        let reason: String
        switch error {
        case let error as IOError: reason = String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            let code = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }.first
            reason = code.map { String(cString: strerror($0)) } ?? "no connection"
        case is NIOSSLError, is NIOSSLExtraError:
            return .unreachable(
                "The certificate of \(place) is not trusted here; give its authority with --ca FILE. (\(error))")
        case let error as HTTPClientError where error == .connectTimeout: reason = "no answer in 10 s"
        case let error as HTTPClientError where error == .readTimeout: reason = "no answer in 120 s"
        default: reason = "\(error)"
        }
        let advice =
            isLocal
            ? "start it (systemctl start causewayd), use sudo, or name its socket with --socket"
            : "look at the address, the network and whether it runs"
        return .unreachable("causewayd does not answer at \(place) (\(reason)): \(advice).")
    }

    private func collect(_ response: HTTPClientResponse) async throws(CommandFailure) -> Data {
        do {
            return Data(buffer: try await response.body.collect(upTo: Self.maximumAnswer))
        } catch {
            throw unreachable(error)
        }
    }

    /// One part of a path or one value of a query.
    static func encoded(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\u{0}"..."\u{7F}"))
        allowed.insert(charactersIn: "-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    private static func readToken(_ path: String) throws(CommandFailure) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw .local("The token file \(path) cannot be read.")
        }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .local("The token file \(path) does not hold one token on one line.")
        }
        return token
    }
}
