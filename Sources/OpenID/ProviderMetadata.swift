import Foundation

/// What an identity provider says of itself (OpenID Connect Discovery 1.0 §3).
public struct ProviderMetadata: Hashable, Sendable {
    public static let mostOctets = 256 << 10

    public enum ClientAuthentication: Hashable, Sendable { case basic, post }

    public var authorizationEndpoint: String
    public var tokenEndpoint: String
    public var keysAddress: String
    /// OpenID Connect RP-Initiated Logout 1.0.
    public var endSessionEndpoint: String?
    public var authentication: ClientAuthentication
    /// It says `iss` with each answer (RFC 9207).
    public var namesIssuer: Bool

    private struct Document: Decodable {
        var issuer: String
        var authorization_endpoint: String
        var token_endpoint: String
        var jwks_uri: String
        var end_session_endpoint: String?
        var token_endpoint_auth_methods_supported: [String]?
        var authorization_response_iss_parameter_supported: Bool?
    }

    /// - Parameter issuer: whom it must be about.
    public init(parsing data: Data, of issuer: String) throws(OpenIDFault) {
        guard data.count <= Self.mostOctets else { throw .metadata("it is too long") }
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: data) } catch {
            throw .metadata("it lacks what it must have")
        }
        guard document.issuer == issuer else { throw .metadata("it is of another issuer") }
        authorizationEndpoint = try Self.checked(document.authorization_endpoint, "authorization_endpoint")
        tokenEndpoint = try Self.checked(document.token_endpoint, "token_endpoint")
        keysAddress = try Self.checked(document.jwks_uri, "jwks_uri")
        endSessionEndpoint = try document.end_session_endpoint.map { address throws(OpenIDFault) in
            try Self.checked(address, "end_session_endpoint")
        }
        let methods = document.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
        authentication =
            methods.contains("client_secret_post") && !methods.contains("client_secret_basic") ? .post : .basic
        namesIssuer = document.authorization_response_iss_parameter_supported ?? false
    }

    /// HTTPS alone: by the others everybody on the way could say who signs in.
    private static func checked(_ address: String, _ name: String) throws(OpenIDFault) -> String {
        guard address.utf8.count <= 2000, let parts = URLComponents(string: address), parts.scheme == "https",
            parts.host?.isEmpty == false, parts.user == nil, parts.fragment == nil,
            address.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .metadata("\(name) is no https address") }
        return address
    }
}
