extension Conference {
    /// An order given in a meeting. `Officer.Authority.may(_:)` says by whom.
    public enum Command: Hashable, Sendable {
        /// The chair opens the meeting: who waits comes in.
        case open
        case close
        /// From now on whoever comes waits until it is let in; or no more.
        case lock(Bool)
        /// Lets in a point that waits, or that was removed.
        case admit(PointID)
        case remove(PointID, reason: String)

        case setMicrophone(PointID, Microphone)
        /// Of all points but the chair's and the one that has the word; also of those that come later.
        case setAllMicrophones(Microphone)
        /// Whether points may open their own microphones.
        case letPointsUnmute(Bool)

        /// Invites a point to speak: its microphone opens and all see it. A limit brings warnings; nil for what the agenda
        /// plans, where the point speaks by it.
        case giveWord(PointID, limit: Duration?)
        /// Whoever has the word has had it.
        case takeWord
        /// All see this point; nil: whoever speaks.
        case spotlight(PointID?)
        case lowerHand(PointID)

        case moveAside(PointID, to: SideRoomID)
        /// Back from its side room.
        case recall(PointID)

        /// Orders the meeting to be recorded; `document` names the decision where there is one.
        case startRecording(document: String, reason: String)
        case pauseRecording(reason: String)
        case resumeRecording(reason: String)
        case stopRecording(reason: String)

        /// On everybody's picture; nil takes it off.
        case showMessage(String?)
        case openVote(VoteProposal)
        case closeVote
        case setLayout(Layout, of: PointID?)
        /// The layout `chair`, with these points in this order; for all, or for one point.
        case arrange([PointID], of: PointID?)
        /// A point is absent for a reason.
        case excuse(PointID, reason: String)
    }
}

/// Whether what a point says is heard.
public enum Microphone: String, Hashable, Sendable, Codable, CaseIterable { case muted, open }

/// What a point sees.
public enum Layout: String, Hashable, Sendable, Codable, CaseIterable {
    case speaker
    /// In the order of protocol.
    case gallery
    /// Who spoke last stands first.
    case galleryByActivity = "gallery-activity"
    case speakerAndStrip = "speaker-strip"
    case contentAndSpeaker = "content-speaker"
    /// Whom the chair chose, in its order; the chair's point where it chose nobody.
    case chair
}

extension Officer.Authority {
    /// Who may order what: this is where it is defined.
    public func may(_ command: Conference.Command) -> Bool {
        switch (self, command) {
        case (.administrator, _), (.chair, _): true
        case (.technician, .admit), (.technician, .setMicrophone), (.technician, .setLayout), (.technician, .arrange),
            (.technician, .lowerHand), (.technician, .recall), (.technician, .excuse):
            true
        case (.technician, .open), (.technician, .close), (.technician, .lock), (.technician, .remove),
            (.technician, .setAllMicrophones), (.technician, .letPointsUnmute), (.technician, .giveWord),
            (.technician, .takeWord), (.technician, .spotlight), (.technician, .moveAside),
            (.technician, .startRecording), (.technician, .pauseRecording), (.technician, .resumeRecording),
            (.technician, .stopRecording), (.technician, .showMessage), (.technician, .openVote),
            (.technician, .closeVote):
            false
        }
    }
}
