/// Who signs in by more than a password.
public enum SecondFactorRule: String, CaseIterable, Codable, Sendable {
    /// Administrators and archivists must, others may.
    case required
    /// Whoever wants to.
    case offered

    public func isDue(_ roles: Set<Role>) -> Bool {
        self == .required && !roles.isDisjoint(with: [.administrator, .archivist])
    }
}
