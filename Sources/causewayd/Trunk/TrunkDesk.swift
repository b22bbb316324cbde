import Conference
import MediaPlane
import SIP
import Signalling

/// What a bridge of a cluster has beside its own meetings: the calls by which participants are brought to other bridges, and
/// the branches of meetings that others lead.
struct TrunkDesk {
    /// A call that carries a leg of this bridge's to another.
    struct Carrier {
        enum Errand {
            /// A participant of a meeting that this bridge leads.
            case fan(MeetingID, TrunkFan.Projection)
            /// A point of a branch, to the room's home.
            case branch(RoomID)
        }
        var errand: Errand
        /// Whose leg is carried.
        var participant: ParticipantID
        var leg: LegID?
        /// Its standing as it was told last.
        var told: TrunkStanding?
    }

    let own: BridgeID
    let homes: any RoomHomes
    var fans: [MeetingID: TrunkFan] = [:]
    /// In whose fan a participant is.
    var fanned: [ParticipantID: MeetingID] = [:]
    var carriers: [CallID: Carrier] = [:]
    var carriersOf: [ParticipantID: Set<CallID>] = [:]
    /// Standings of participants whose calls others have, as they were told last.
    var told: [ParticipantID: TrunkStanding] = [:]
    /// Meetings in which somebody's standing may have changed.
    var untold: Set<MeetingID> = []
    /// Who is being told, elsewhere, that it is recorded.
    var unheardNotices: [ParticipantID: MeetingID] = [:]
    var branches: [RoomID: BranchHall] = [:]
    /// Of which it is being asked where they are led.
    var asked: Set<RoomID> = []
    /// In whose branch a call is: a point's, or one by which the home brings another's.
    var branchOf: [CallID: RoomID] = [:]

    init(own: BridgeID, homes: any RoomHomes) {
        self.own = own
        self.homes = homes
    }

    /// When, by the steady clock, something is due.
    var deadline: Duration? {
        (fans.values.compactMap(\.deadline) + branches.values.compactMap(\.rules.deadline)).min()
    }

    mutating func add(_ call: CallID, _ carrier: Carrier) {
        carriers[call] = carrier
        carriersOf[carrier.participant, default: []].insert(call)
    }

    mutating func removeCarrier(_ call: CallID) -> Carrier? {
        guard let carrier = carriers.removeValue(forKey: call) else { return nil }
        carriersOf[carrier.participant]?.remove(call)
        if carriersOf[carrier.participant]?.isEmpty == true { carriersOf[carrier.participant] = nil }
        return carrier
    }
}

/// What a branch has beside its rules: rooms in the media plane, and who sits on which leg.
struct BranchHall {
    struct Seat {
        var call: PointCall
        var point: PointID
        var leg: LegID?
        var media: LegParameters?
        var reservation: LegReservation?
        /// The point's call waits for the home's word.
        var answer: CheckedContinuation<Void, Never>?
        /// The call by which it is brought to the home.
        var projection: CallID?
        var wantedLayout: Layout?
        var shownLayout: RoomLayout?
        var paneWish: PaneWish?
        /// What it is being told for the home.
        var saying: (clip: PlaybackID, keys: [String])?
        /// Ends its call once it heard that.
        var farewell: Task<Void, Never>?
    }

    var rules: Branch
    let room: RoomID
    var address: SIPURI
    var media: MediaRoomID
    var places: [Place: MediaRoomID] = [:]
    var seats: [ParticipantID: Seat] = [:]
    var captions = RoomCaptions()
    var layoutOfAll = RoomLayout.forwarded
    var spotlight: LegID?

    /// Legs of a point here, whoever has its call.
    func legs(of point: PointID) -> [LegID] {
        seats.sorted { $0.key < $1.key }.filter { $0.value.point == point }.compactMap(\.value.leg)
    }
}
