/// Somebody who signs in to the portal.
public struct PersonEntry: Codable, Hashable, Sendable, Identifiable {
    /// By which the person signs in.
    public var id: String
    public var name: String
    /// Office held, as it is written on invitations: *Chánh Văn phòng*.
    public var position: String
    public var unit: String?
    public var telephone: String
    public var roles: Set<Role>
    /// Who this is to the site's identity provider, as the agreed claim has it; nil for whoever signs in here alone.
    public var identity: String?

    public init(
        id: String, name: String, position: String = "", unit: String? = nil, telephone: String = "",
        roles: Set<Role> = [], identity: String? = nil
    ) {
        self.id = id
        self.name = name
        self.position = position
        self.unit = unit
        self.telephone = telephone
        self.roles = roles
        self.identity = identity
    }
}
