import Archive
import Foundation
import Office
import OfficeStore

/// Who has which right now: accounts, tokens, points' accounts, and grants.
struct RightsLedger: Sendable {
    let archive: Archive
    let office: OfficeStore
    /// Of the configuration.
    let tokens: TokenList

    func lines(at now: Date = Date()) async throws -> [RightLine] {
        let register = office.register
        let accounts = try await office.accountStates()
        func unit(_ id: String?) -> String? { id.map { register.unit($0)?.name ?? $0 } }
        let people = register.people.map { person -> RightLine in
            let account = accounts[person.id]
            let isDormant = account?.signedInAt.map { now.timeIntervalSince($0) > OfficeStore.sleep } ?? false
            return RightLine(
                kind: .person, id: person.id, name: person.name, agency: unit(person.unit),
                roles: Self.sorted(person.roles),
                state: account?.isLocked == true
                    ? "locked" : isDormant ? "dormant" : account?.signedInAt == nil ? "unused" : nil,
                lastUsedAt: account?.signedInAt)
        }
        let fixed = tokens.current.map {
            RightLine(
                kind: .token, id: "file \($0.name)", name: $0.name, roles: [$0.role],
                scopes: $0.scopes.map(Self.sorted), endsAt: $0.expiresAt, state: "fixed")
        }
        let made = try await office.tokens().filter { $0.isGood(at: now) }.map {
            RightLine(
                kind: .token, id: $0.id, name: $0.name, roles: [$0.role], scopes: $0.scopes, endsAt: $0.expiresAt)
        }
        let points = register.points.map {
            RightLine(
                kind: .point, id: $0.id, name: $0.officer.isEmpty ? $0.name : "\($0.name) — \($0.officer)",
                agency: unit($0.unit), state: register.isFixed(.point, $0.id) ? "fixed" : nil)
        }
        let grants = try await archive.lastingGrants().map {
            RightLine(
                kind: .grant, id: "\($0.number)", name: $0.holder.name, agency: $0.holder.agency,
                recording: $0.meetingID, endsAt: $0.validUntil)
        }
        return people + fixed + made.sorted { $0.id < $1.id } + points + grants
    }

    private static func sorted<Name: RawRepresentable<String>>(_ names: Set<Name>) -> [Name] {
        names.sorted { $0.rawValue < $1.rawValue }
    }
}
