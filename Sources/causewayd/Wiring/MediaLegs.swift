import MediaPlane
import Signalling

/// The media plane as signalling drives it.
struct MediaLegs: LegControl {
    let media: MediaPlane

    func reserveLeg(in room: MediaRoomID) async throws -> LegReservation { try await media.reserveLeg(in: room) }
    func startLeg(_ leg: LegID, _ parameters: LegParameters) async throws { try await media.startLeg(leg, parameters) }
    func updateLeg(_ leg: LegID, _ parameters: LegParameters) async throws { try await media.startLeg(leg, parameters) }
    func removeLeg(_ leg: LegID) async { await media.removeLeg(leg) }
    func requestKeyframe(_ leg: LegID) async { media.requestKeyframe(for: leg) }
}
