extension Conference {
    /// What happened.
    public enum Event: Hashable, Sendable {
        /// An authenticated point's call wants into a room. `participant` is a fresh number.
        case arrive(participant: ParticipantID, point: PointID, room: RoomID)
        /// The same of a point whose call another bridge has, brought by a trunk: only what the cluster's own account brings.
        case arriveByTrunk(participant: ParticipantID, point: PointID, room: RoomID, from: TrunkOrigin)
        /// The first authentic media of a participant came.
        case mediaEstablished(ParticipantID)
        /// A participant's call ended, or failed, without the conference having asked for it.
        case leave(ParticipantID, LeaveReason)
        /// Who is heard in a meeting from now on; nil for nobody.
        case speakerChanged(MeetingID, ParticipantID?)
        /// Whose slides a meeting sees from now on; nil for nobody's.
        case presenterChanged(MeetingID, ParticipantID?)
        /// Nothing authentic came from a participant for the silence limit.
        case legSilent(ParticipantID)
        /// Somebody who may has the bridge call points into a room; nil calls all that are invited and not there. `by` is
        /// written down.
        case call(RoomID, [PointID]?, by: String)
        /// A point that was called did not come.
        case notReached(PointID, RoomID, reason: String)
        /// A point sends a text to a room.
        case message(PointID, RoomID, text: String)
        /// A participant raises its hand, to be given the word, or takes it down.
        case hand(ParticipantID, isRaised: Bool)
        /// A participant pressed a key (RFC 4733).
        case key(ParticipantID, Character)
        /// Sound or a picture of a participant came for the first time.
        case seen(ParticipantID, MediaKind)
        /// Somebody orders something in a meeting.
        case command(MeetingID, Command, by: Officer)
        /// A participant votes, on its page.
        case vote(ParticipantID, Ballot)
        /// A participant mutes itself, or would like to be heard.
        case ownMicrophone(ParticipantID, Microphone)
        /// Somebody who may ended the meeting; `by` is written down.
        case end(MeetingID, by: String)
        /// The recording of a meeting cannot go on; `text` says why.
        case recordingFailed(MeetingID, text: String)
        /// The register changed. Calls that are up stay up; recording orders stay as given at opening.
        case reconfigure(Register)
        /// A scheduled meeting's rehearsal begins, or what is known of one changed: the latest of an id counts.
        case convene(Convening)
        /// A scheduled meeting is cancelled, or its time is over. A meeting that is open goes on.
        case cancelConvening(ConveningID)
        /// No new meeting opens from now on; those that are open go on.
        case drain
        /// They open again.
        case cancelDrain
        /// Every meeting ends and nobody is let in any more.
        case shutdown
        /// The daemon ends, and is to go on with its meetings when it begins again: every call ends, and nobody is let in any
        /// more. A meeting in which nobody is, and which nobody convened, is over.
        case suspend
        /// A meeting that a former daemon held goes on; that daemon was alive until then. Refused where its room is gone, or
        /// taken.
        case resume(MeetingMemory, since: WallTime)
        /// Another bridge is home to the room from now on: whoever is in its meeting here is cut off, and of the meeting nothing is told
        /// or written here any more.
        case lose(RoomID)
        /// Who was in a meeting that goes on is called from now on.
        case callBack
        /// A point can be reached again: it registered.
        case reachable(PointID)
        /// `deadline` has come.
        case deadlineReached
    }

    /// What is to be done, in this order.
    public enum Action: Hashable, Sendable {
        /// Before the first `admit` to it: make the media room and whatever else a meeting has.
        case openMeeting(MeetingOpening)
        /// As `openMeeting`, of a meeting that has its record already. `attending` were in it when the former daemon ended.
        case resumeMeeting(MeetingOpening, attending: Set<ParticipantID>)
        /// Begins to record, under this order, or goes on after a `stopRecording`. Followed by exactly one `stopRecording`.
        case startRecording(MeetingID, RecordingOrder)
        /// Between start and stop: nothing is written until `resumeRecording`.
        case pauseRecording(MeetingID)
        case resumeRecording(MeetingID)
        /// Answers the call and puts its leg into the media room of its place.
        case admit(ParticipantID, Admission)
        /// Answers the call with this SIP status code and reason phrase.
        case refuse(ParticipantID, code: UInt16, reason: String)
        /// Ends the call. The participant is gone already: no `leave` is needed, and one that comes is ignored.
        case disconnect(ParticipantID, DisconnectReason)
        case stopRecording(MeetingID)
        /// Calls a point, which is to arrive in the meeting when it answers. Followed by its `arrive` or `notReached`.
        case dial(PointID, MeetingID)
        /// A point that rings need not answer any more.
        case stopDialling(PointID, MeetingID)
        /// A participant's sound is heard from now on, or no more.
        case setMicrophone(ParticipantID, Microphone)
        /// A participant goes to another place of its meeting.
        case move(ParticipantID, to: Place)
        /// Everybody in the hall sees this participant; nil: whoever speaks.
        case spotlight(MeetingID, ParticipantID?)
        /// Everybody sees this layout, or one participant.
        case setLayout(MeetingID, Layout, ParticipantID?)
        /// Is written on everybody's picture; nil takes it off.
        case overlay(MeetingID, Overlay?)
        /// Is said to these participants.
        case announce(Announcement, to: [ParticipantID])
        /// The last command is not carried out, for this reason.
        case refuseCommand(Refusal)
        /// Answers the last message with this SIP status code and reason phrase: it went nowhere.
        case refuseMessage(code: UInt16, reason: String)
        /// Brings a text from a point to the others in the meeting.
        case relay(MeetingID, from: PointID, text: String)
        /// The last of a meeting; nothing about it follows.
        case closeMeeting(MeetingSummary)
        /// The last of a meeting that is to go on in another daemon, with what that one is to know.
        case suspendMeeting(MeetingMemory)
        /// The last of a meeting that another bridge has: comes before its calls are ended, and nothing is to be written of them.
        case loseMeeting(MeetingID)
        /// A line for the meeting's `events.jsonl`.
        case log(MeetingEvent)
    }

    /// Why a participant left by itself.
    public enum LeaveReason: String, Hashable, Sendable, CaseIterable {
        /// The point hung up.
        case hungUp = "hung-up"
        /// The call was never answered through: CANCEL, no ACK, media not agreed.
        case failed
        /// The session timer ran out (RFC 4028).
        case sessionExpired = "session-expired"
        /// The connection that carried its signalling is gone.
        case connectionLost = "connection-lost"
    }

    /// Why the conference ends a call.
    public enum DisconnectReason: String, Hashable, Sendable, CaseIterable {
        /// The point called again; its seat goes to the new call.
        case replaced
        case silent
        /// The chair removed it.
        case removed
        case wrongPIN = "wrong-pin"
        case meetingEnded = "meeting-ended"
        case shutdown
        /// The meeting goes on as soon as the daemon is there again, and calls the point.
        case restart
    }

    public enum MediaKind: String, Hashable, Sendable, CaseIterable { case sound, picture }

    /// A new meeting.
    public struct MeetingOpening: Hashable, Sendable {
        public var id: MeetingID
        public var room: RoomID
        public var title: String
        public var openedAt: WallTime
        /// Invited points in the order of protocol; empty where the room admits all.
        public var expected: [Point]
        /// What it was convened as, by whom and by which document, if it was.
        public var convening: ConveningID?
        public var convener: String?
        public var document: String?
        public var confidentiality: Convening.Confidentiality
        /// How microphones stand that nothing else is said of.
        public var microphones: Microphone
    }

    /// A participant's place in a meeting, with names from the register.
    public struct Admission: Hashable, Sendable {
        public var meeting: MeetingID
        public var room: RoomID
        public var point: PointID
        public var name: String
        public var unit: UnitID?
        public var unitName: String?
        /// The point was in this meeting before.
        public var isReconnection: Bool
        /// The meeting is being recorded: the point is to be told.
        public var isRecorded: Bool
        /// Where it goes first.
        public var place: Place
    }
}
