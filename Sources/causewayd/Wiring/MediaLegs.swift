import MediaPlane
import Signalling

/// The media plane as signalling drives it.
struct MediaLegs: LegControl {
    let media: MediaPlane
    var fingerprint: String { media.fingerprint.description }

    nonisolated(nonsending) func reserveLeg(in room: MediaRoomID, withVideo: Bool) async throws -> LegReservation {
        try media.reserveLeg(in: room, withVideo: withVideo)
    }
    nonisolated(nonsending) func reserveVideo(_ leg: LegID) async throws -> MediaAddress {
        try media.reserveVideo(for: leg)
    }
    nonisolated(nonsending) func reserveSlides(_ leg: LegID) async throws -> SlidesReservation {
        try media.reserveSlides(for: leg)
    }
    nonisolated(nonsending) func setPresenter(_ leg: LegID?, in room: MediaRoomID) async {
        // A room that is closed meanwhile has no presenter.
        try? media.setPresenter(leg, in: room)
    }
    nonisolated(nonsending) func startLeg(_ leg: LegID, _ parameters: LegParameters) async throws {
        try await media.startLeg(leg, parameters)
    }
    nonisolated(nonsending) func updateLeg(_ leg: LegID, _ parameters: LegParameters) async throws {
        try await media.startLeg(leg, parameters)
    }
    nonisolated(nonsending) func removeLeg(_ leg: LegID) async { media.dropLeg(leg) }
    nonisolated(nonsending) func requestKeyframe(_ leg: LegID) async { media.requestKeyframe(for: leg) }
}
