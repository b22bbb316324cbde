/// Somebody who gives orders in a meeting: over the portal, by the command line, or by keys at a point.
public struct Officer: Hashable, Sendable {
    public enum Authority: String, Hashable, Sendable, CaseIterable {
        /// Of the Office: whatever the chair may, on the chair's behalf.
        case administrator
        case chair
        /// Looks after lines, sound and picture.
        case technician
    }

    /// As it is written down.
    public var name: String
    public var authority: Authority
    /// Who that is in the portal, where it is known.
    public var person: PersonID?

    /// Where the order was given by keys.
    var point: PointID?

    public init(name: String, authority: Authority, person: PersonID? = nil) {
        self.name = name
        self.authority = authority
        self.person = person
    }

    /// The chair at its point, by keys or by its device's signalling; who sits at another leads nothing.
    public init(at point: PointID) {
        name = point.rawValue
        authority = .chair
        self.point = point
    }

    /// A chair leads its own meeting only, where that names one.
    func leads(_ meeting: Meeting) -> Bool {
        guard authority == .chair else { return true }
        if let point { return point == meeting.chair }
        guard let person = meeting.convening?.chair?.person else { return true }
        return person == self.person
    }
}
