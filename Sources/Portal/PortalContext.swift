import Foundation
import Hummingbird
import NIOCore
import Office
import PortalAPI

/// Who sent a request.
struct Visitor: Sendable {
    var name: String
    var roles: Set<Role>
    /// Who signed in; nil for tokens and the socket.
    var person: PersonEntry?
    /// What a token is confined to; nil for all that its role may.
    var scopes: Set<TokenScope>?
    /// Came by the socket, and so is the machine's own administrator.
    var isLocal = false
    static let localAdministrator = Visitor(name: "local administrator", roles: [.administrator], isLocal: true)

    func may(_ action: PortalAction) -> Bool { isInScope(action) && roles.contains { $0.may(action) } }

    func isInScope(_ action: PortalAction) -> Bool { scopes?.contains(action.scope) ?? true }
}

/// A request's own values.
struct PortalContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Nil until authenticated.
    var visitor: Visitor?
    /// Of somebody who signed in, also while it is locked.
    var session: SessionDesk.Opened?
    /// What failed attempts are counted by: the peer's IPv4 address, or the first 64 bits of its IPv6 one.
    let origin: String
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        origin = Self.origin(of: source.channel.remoteAddress)
    }

    static func origin(of address: SocketAddress?) -> String {
        guard case .v6(let six)? = address else { return address?.ipAddress ?? "local" }
        return withUnsafeBytes(of: six.address.sin6_addr) { bytes in
            bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
        }
    }

    /// The visitor, where its role may do `action`.
    @discardableResult
    func require(_ action: PortalAction) throws(Refusal) -> Visitor {
        guard let visitor else {
            if session?.isLocked == true { throw .locked }
            switch session?.standing {
            case .mustEnrol: throw .enrolmentNeeded
            case .mustProve: throw .codeNeeded
            case .open, nil: throw .unauthenticated
            }
        }
        if let scopes = visitor.scopes, !visitor.isInScope(action) { throw .outOfScope(scopes) }
        guard visitor.may(action) else { throw .forbidden(visitor.roles) }
        return visitor
    }
}
