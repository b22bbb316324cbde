import Archive
import Conference
import ConferenceInfo
import MediaPlane
import Signalling

/// What happens, and is handled one after another.
extension BridgeHost {
    // What is big is held by a reference: it is copied a few times on its way.
    enum Occurrence: Sendable {
        indirect case arrives(PointCall, CheckedContinuation<CallAdmission, Never>)
        indirect case mediaAgreed(CallID, LegReservation, LegParameters, CheckedContinuation<Void, Never>)
        case callProgresses(CallID, UInt16)
        case watch(String, by: String, CheckedContinuation<ConferenceInfo?, Never>)
        case unwatched(String)
        case referred(Referral)
        case transferEnded(CallID, UInt16)
        case move(PointID, from: MeetingID, to: RoomID, by: String, CheckedContinuation<Conference.Refusal?, Never>)
        case callEnded(CallID, CallEndReason)
        case call(RoomID, [PointID]?, by: String, CheckedContinuation<Result<[PointID], Conference.Refusal>, Never>)
        case digit(CallID, Character)
        case hand(CallID, Bool)
        case layout(CallID, String)
        case panes(CallID, PaneWish)
        case trunkOrdered(CallID, String)
        indirect case trunkTexted(CallID, RelayedMessage)
        case trunksDue
        case lookForHomes
        case homeFound(RoomID, RoomHome)
        case message(RoomMessage, CheckedContinuation<MessageOutcome, Never>)
        case media(MediaEvent)
        case recordingFailed(MeetingID, String)
        /// One of two recorders; the other goes on.
        case recorderFailed(MeetingID, String)
        /// The archive took in late what it could not at once.
        case recordOpened(MeetingID, MeetingRecord)
        case command(
            MeetingID, Conference.Command, by: Officer, CheckedContinuation<Conference.Refusal?, Never>)
        case end(MeetingID, by: String, CheckedContinuation<Bool, Never>)
        case reconfigured(Conference.Register)
        indirect case resume([Former], CheckedContinuation<[Former], Never>)
        case lost(RoomID, CheckedContinuation<Void, Never>)
        case letGo(RoomID)
        case callBack
        case reachable(PointID)
        case convened(Convening)
        case conveningCancelled(ConveningID)
        case drain(Bool, by: String, CheckedContinuation<Bool, Never>)
        case deadline
        case shutdown(goesOn: Bool, CheckedContinuation<Void, Never>)
    }
}
