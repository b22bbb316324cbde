/// An agency, as the register has it at some time.
public struct UnitEntry: Codable, Hashable, Sendable, Identifiable {
    public enum Level: String, Codable, Hashable, Sendable, CaseIterable { case province, district, commune }

    public var id: String
    public var name: String
    public var level: Level?
    /// Place in the order of protocol: lower numbers come first, equal ones in the order of ids.
    public var order: Int

    public init(id: String, name: String, level: Level? = nil, order: Int = 0) {
        self.id = id
        self.name = name
        self.level = level
        self.order = order
    }
}
