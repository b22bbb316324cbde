extension Conference {
    /// Why a command is not carried out.
    public enum Refusal: Error, Hashable, Sendable {
        case noSuchRoom
        /// Of these points the register knows nothing, or the room does not admit them.
        case notInvited([PointID])
        /// The room is closed, or the bridge takes no new meetings.
        case roomClosed
        /// All of them are there, or being called.
        case nobodyToCall

        /// No such meeting is in progress.
        case noSuchMeeting
        /// This officer may not order that, or leads another meeting.
        case notAllowed
        /// The chair has not opened the meeting yet.
        case notOpen
        /// It is so already: somebody else, perhaps, was faster.
        case alreadySo
        case notInMeeting(PointID)
        /// Nothing is recorded now that could be paused, resumed or stopped.
        case notRecording
        /// The meeting's confidentiality forbids a recording.
        case tooSecretToRecord
        /// What is recorded failed, and cannot go on.
        case recordingFailed
        case voteIsOpen
        case noVoteIsOpen
        /// A text that is empty where one is needed, or too long.
        case badText
        /// A duration or number outside of what is sensible, or one thing more than a meeting holds.
        case outOfBounds
    }
}
