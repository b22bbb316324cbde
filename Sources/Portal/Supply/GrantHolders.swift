import Archive
import Foundation
import OfficeStore

/// Whether whom something was granted to is still there: a person in the register, of the agency for which they asked; or a token.
struct GrantHolders: Sendable {
    /// Who takes such grants back, as register and journal have it.
    static let officer = "causeway"

    let office: OfficeStore
    let tokens: TokenList

    /// Nil where the grant stands.
    func reasonToRevoke(_ grant: AccessGrant) async throws -> String? {
        let holder = grant.holder.id
        // An id of a person has no brackets (``Visitor/identity``).
        if holder.hasPrefix("("), holder.hasSuffix(")") {
            return try await isToken(String(holder.dropFirst().dropLast())) ? nil : "Mã truy cập không còn hiệu lực."
        }
        let register = office.register
        guard let person = register.person(holder) else { return "Người được cấp không còn trong danh bạ." }
        let agency = person.unit.flatMap { register.unit($0)?.name } ?? person.unit ?? ""
        guard agency != grant.holder.agency else { return nil }
        // Its name may be another now.
        guard let unit = try await office.register(at: grant.grantedAt).person(holder)?.unit else { return nil }
        return unit == person.unit && register.unit(unit) != nil
            ? nil : "Người được cấp không còn ở cơ quan đã yêu cầu."
    }

    func note(_ grant: AccessGrant) async throws {
        try await office.note(
            "revoke access", of: "\(grant.number) \(grant.meetingID) \(grant.holder.id)", by: Self.officer)
    }

    private func isToken(_ name: String) async throws -> Bool {
        if name == Visitor.localAdministrator.name || tokens.names.contains(name) { return true }
        return try await office.tokens().contains { $0.name == name && $0.isGood(at: Date()) }
    }
}
