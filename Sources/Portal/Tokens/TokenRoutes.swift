import Foundation
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// Tokens of systems and services: `/tokens`.
struct TokenRoutes: Sendable {
    private static let usualLife: Int64 = 90 * 86_400

    let office: OfficeStore
    /// Of the configuration.
    let fixed: TokenList
    let copies: SupplyDesk

    func add(to group: RouterGroup<PortalContext>) {
        group.get("tokens") { _, context in
            try context.require(.manageTokens)
            let now = Date()
            return try Response.json(try await office.tokens().map { TokenStatus($0, at: now) })
        }
        group.post("tokens") { request, context in
            let visitor = try context.require(.manageTokens)
            let order = try await request.json(TokenOrder.self)
            let scopes = order.scopes.map(Set.init)
            // Nobody gives what they have not.
            if let own = visitor.scopes, !(scopes.map { own.isSuperset(of: $0) } ?? false) {
                throw Refusal.outOfScope(own)
            }
            let life = order.validSeconds ?? Self.usualLife
            let made = try await office.makeToken(
                named: order.name, role: order.role, scopes: scopes, for: .seconds(life), by: visitor.signature,
                taken: fixed.names)
            return try Response.json(
                NewToken(token: made.token, status: TokenStatus(made.record, at: Date())), status: .created)
        }
        group.delete("tokens/:id") { _, context in
            let visitor = try context.require(.manageTokens)
            let revoked = try await office.revokeToken(try context.pathParameter("id"), by: visitor.signature)
            try await copies.revokeOfWhomIsNoMore()
            return try Response.json(TokenStatus(revoked, at: Date()))
        }
    }
}

extension TokenStatus {
    init(_ record: TokenRecord, at now: Date) {
        let state: State = record.revokedAt != nil ? .revoked : record.isGood(at: now) ? .good : .expired
        self.init(
            id: record.id, name: record.name, role: record.role, scopes: record.scopes, state: state,
            createdBy: record.createdBy, createdAt: record.createdAt, expiresAt: record.expiresAt,
            revokedBy: record.revokedBy, revokedAt: record.revokedAt)
    }
}
