/// Why something that is asked of access to recordings is refused.
public enum AccessFault: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownRequest(Int64)
    case unknownGrant(Int64)
    /// A text of 1 to 1000 characters is missing.
    case missing(String)
    case tooManyRequests
    case decided(AccessRequest.State)
    case notTheRequester
    /// Which meeting the request is about has to be said before it is granted.
    case noMeeting
    case notSealed
    /// What is given out goes by other ways.
    case stateSecret
    case badSpan
    /// The time for which it is granted.
    case badTerm
    case revoked
    /// Not in force yet, no longer, or not for this.
    case notInForce
    /// The copy is not made yet, or could not be.
    case noCopy
    /// The copy is only watched.
    case notForDownload
    /// The grant's level is no package.
    case notForPackage
    /// None was made yet.
    case noPackage

    public var description: String {
        switch self {
        case .unknownRequest(let number): "There is no request \(number)."
        case .unknownGrant(let number): "There is no grant \(number)."
        case .missing(let what): "\(what) is needed, of 1 to \(AccessRequest.longestText) characters."
        case .tooManyRequests: "You have \(AccessRequest.mostWaiting) requests that are not decided; wait for those."
        case .decided(let state): "The request is \(state.rawValue) already."
        case .notTheRequester: "Only who made a request withdraws it."
        case .noMeeting: "The request names no recording; say which one is granted."
        case .notSealed: "Only a sealed recording is given out."
        case .stateSecret: "A state secret is not given out by the portal."
        case .badSpan: "The span is not within the recording, or shorter than a second."
        case .badTerm:
            "A grant begins before it ends, ends in the future, and lasts \(AccessGrant.longestDays) days at most."
        case .revoked: "The grant was revoked already."
        case .notInForce: "The grant is not in force."
        case .noCopy: "The copy is not there yet."
        case .notForDownload: "This copy is watched in the portal; it is not taken away."
        case .notForPackage: "The grant is for no package: its level is another."
        case .noPackage: "No package was made for the grant yet."
        }
    }
}
