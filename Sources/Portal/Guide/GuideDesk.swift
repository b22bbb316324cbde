import Documents
import Foundation
import Synchronization

/// From where join guides take what they say.
public struct GuideConfiguration: Sendable {
    /// Under which devices reach the portal, without a slash at its end; nil where it serves none.
    public var publicURL: String?
    /// The site CA's certificate, PEM; nil where the site brought a certificate of its own.
    public var authorityPath: String?
    /// Where the tokens of provisioning addresses are kept, hashed; nil keeps them in memory alone.
    public var tokensPath: String?
    /// Of a point by its code; nil where there is no such point.
    public var material: @Sendable (_ point: String) -> GuideMaterial?

    public init(
        publicURL: String? = nil, authorityPath: String? = nil, tokensPath: String? = nil,
        material: @escaping @Sendable (_ point: String) -> GuideMaterial? = { _ in nil }
    ) {
        self.publicURL = publicURL
        self.authorityPath = authorityPath
        self.tokensPath = tokensPath
        self.material = material
    }
}

/// Keeps what guides are made from, and the tokens of provisioning addresses.
final class GuideDesk: Sendable {
    private struct State {
        var configuration: GuideConfiguration
        var tokens: ProvisioningTokens
    }

    private let state: Mutex<State>

    init(_ configuration: GuideConfiguration) {
        let kept = configuration.tokensPath.flatMap { FileManager.default.contents(atPath: $0) }
        let tokens = kept.flatMap { try? JSONDecoder().decode(ProvisioningTokens.self, from: $0) }
        state = Mutex(State(configuration: configuration, tokens: tokens ?? ProvisioningTokens()))
    }

    var configuration: GuideConfiguration { state.withLock { $0.configuration } }

    func replace(with new: GuideConfiguration) { state.withLock { $0.configuration = new } }

    func material(for point: String) throws(Refusal) -> GuideMaterial {
        guard let material = configuration.material(point) else {
            throw Refusal(.notFound, "There is no point \(point.prefix(80)).", hint: "Use a point's code.")
        }
        return material
    }

    func issue(for point: String, until expires: Date, at now: Date) throws -> String {
        try state.withLock { state in
            var random = SystemRandomNumberGenerator()
            let token = state.tokens.issue(for: point, until: expires, at: now, &random)
            try Self.keep(state)
            return token
        }
    }

    func look(_ token: String, at now: Date) -> ProvisioningTokens.Entry? {
        state.withLock { $0.tokens.look(token, at: now) }
    }

    /// The address of a point's guide for whoever was sent it; nil where the portal serves no HTTPS.
    func address(of device: GuideDevice, for point: String, until expires: Date) throws -> String? {
        try state.withLock { state in
            guard let base = state.configuration.publicURL else { return nil }
            var random = SystemRandomNumberGenerator()
            let known = state.tokens
            let key = state.tokens.readingKey(for: point, until: expires, &random)
            if state.tokens != known { try Self.keep(state) }
            return "\(base)/guides/\(point)/\(device.rawValue)?key=\(key)"
        }
    }

    func mayRead(_ key: String, _ point: String, at now: Date) -> Bool {
        state.withLock { $0.tokens.mayRead(key, point, at: now) }
    }

    /// The token is used up before anybody gets what it is for.
    func take(_ token: String, at now: Date) throws -> ProvisioningTokens.Entry? {
        try state.withLock { state in
            guard let entry = state.tokens.take(token, at: now) else { return nil }
            try Self.keep(state)
            return entry
        }
    }

    private static func keep(_ state: State) throws {
        guard let path = state.configuration.tokensPath else { return }
        let next = path + ".new"
        let data = try JSONEncoder().encode(state.tokens)
        guard
            FileManager.default.createFile(atPath: next, contents: data, attributes: [.posixPermissions: 0o600]),
            rename(next, path) == 0
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
    }
}
