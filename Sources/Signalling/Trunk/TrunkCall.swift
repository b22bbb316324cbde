import MediaPlane
import SIP

/// A call to another bridge that carries one leg's streams.
struct TrunkCall: Sendable {
    let id: CallID
    let subject: TrunkSubject
    let room: String
    /// The other bridge; its user part is the room.
    let target: URI
    let leg: LegID
    var streams: CarriedStreams
}
