import Office

/// What each role may, and in which scope of tokens it is, as a table for people: docs/api.md has it.
enum RightsTable {
    static var markdown: String {
        let lines = PortalAction.allCases.map { action in
            let roles = Role.allCases.filter { action.roles.contains($0) }.map(\.rawValue).joined(separator: ", ")
            return "| `\(action.rawValue)` | `\(action.scope.rawValue)` | \(roles) |"
        }
        return (["| action | scope | roles, besides administrator |", "|---|---|---|"] + lines).joined(separator: "\n")
    }
}
