import Foundation
import Office
import OfficeStore

/// Where nobody can administer yet, somebody has to begin: a person with the role, and a link by which its password is set,
/// once. Each start gives a new link until one was used.
struct FirstAdministrator {
    private static let id = "quantri"
    private static let by = "causewayd"

    let office: OfficeStore

    /// The link; nil where an administrator has a password.
    func link() async throws(OfficeStoreError) -> IssuedLink? {
        let administrators = office.register.people.filter { $0.roles.contains(.administrator) }
        let accounts = try await office.accountStates()
        guard !administrators.contains(where: { accounts[$0.id]?.hasPassword == true }) else { return nil }
        if let waiting = administrators.first { return try await office.issueLink(to: waiting.id, by: Self.by) }
        var id = Self.id
        while office.register.person(id) != nil { id += "1" }
        let person = PersonEntry(id: id, name: "Quản trị viên", roles: [.administrator])
        try await office.apply([.add(.person(person))], by: Self.by)
        return try await office.issueLink(to: id, by: Self.by)
    }
}
