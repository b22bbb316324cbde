import Conference
import MediaPlane
import Signalling

/// What points are shown: layouts, and what composed pictures say.
extension BridgeHost {
    /// The chair's choice, for all or for one; whoever is shown one of its own keeps that till all are shown another.
    func setLayout(of meeting: MeetingID, _ layout: Layout, for participant: ParticipantID?) {
        guard let hall = halls[meeting] else { return }
        if let participant {
            halls[meeting]?.seats[participant]?.givenLayout = layout
        } else {
            halls[meeting]?.layout = layout
            for participant in hall.seats.keys { halls[meeting]?.seats[participant]?.givenLayout = nil }
            showLayout(toAllIn: meeting)
        }
        for participant in participant.map({ [$0] }) ?? Array(hall.seats.keys) {
            showLayout(to: participant, in: meeting)
        }
    }

    /// A point's own choice, which counts as long as the chair made none.
    func want(_ layout: Layout, _ participant: ParticipantID) {
        guard let meeting = conference.meeting(of: participant) else { return }
        halls[meeting]?.seats[participant]?.wantedLayout = layout
        showLayout(to: participant, in: meeting)
    }

    private func showLayout(toAllIn meeting: MeetingID) {
        guard let hall = halls[meeting] else { return }
        let layout = hall.layout.map { roomLayout($0, in: meeting) } ?? .forwarded
        guard layout != hall.shownLayout else { return }
        halls[meeting]?.shownLayout = layout
        try? media.setLayout(layout, in: hall.room)
    }

    private func showLayout(to participant: ParticipantID, in meeting: MeetingID) {
        guard let hall = halls[meeting], let seat = hall.seats[participant], let leg = legOfParticipant[participant]
        else { return }
        let layout = seat.ownLayout(in: hall).map { roomLayout($0, in: meeting, for: participant) }
        guard layout != seat.shownLayout else { return }
        halls[meeting]?.seats[participant]?.shownLayout = layout
        // A leg that is gone already is shown nothing.
        try? media.setLayout(layout, for: leg)
    }

    /// Somebody came or went, who may be one of those that were chosen, or that a point shows in a pane.
    private func findAgain(in meeting: MeetingID) {
        guard let hall = halls[meeting] else { return }
        showLayout(toAllIn: meeting)
        // Of most there is nothing to look for: seats are asked where they lie.
        for index in hall.seats.indices {
            let participant = hall.seats.keys[index]
            if hall.seats.values[index].isShownItsOwn(in: hall) { showLayout(to: participant, in: meeting) }
            if hall.seats.values[index].fillsPanes { fillPanes(of: participant, in: meeting) }
        }
    }

    // MARK: Panes

    /// What a point wants to show itself of others' cameras.
    func want(_ wish: PaneWish, _ participant: ParticipantID) {
        guard let meeting = conference.meeting(of: participant) else { return }
        halls[meeting]?.seats[participant]?.paneWish = wish
        fillPanes(of: participant, in: meeting)
    }

    /// The media plane shows none but who sits in the same place.
    private func fillPanes(of participant: ParticipantID, in meeting: MeetingID) {
        guard let seat = halls[meeting]?.seats[participant], let wish = seat.paneWish, let panes = seat.media?.panes,
            let leg = legOfParticipant[participant]
        else { return }
        let subjects = panes.map { pane in
            wish.subjects[pane.identification].flatMap { name in accounts.withLock { $0.point(of: name) } }
                .flatMap { conference.participant($0, in: meeting) }.flatMap { legOfParticipant[$0] }
        }
        try? media.setPanes(PaneUse(wish.use), subjects, of: leg)
    }

    private func roomLayout(
        _ layout: Layout, in meeting: MeetingID, for participant: ParticipantID? = nil
    ) -> RoomLayout {
        switch layout {
        case .speaker: return .forwarded
        case .gallery: return .gallery(.precedence)
        case .galleryByActivity: return .gallery(.activity)
        case .speakerAndStrip: return .speakerAndStrip(.activity)
        case .contentAndSpeaker: return .contentAndSpeaker
        case .chair:
            let status = conference.status(of: meeting)
            let present = status?.participants ?? []
            let chosen = status?.shownByChair(to: present.first { $0.id == participant }) ?? []
            let legs = chosen.flatMap { point in
                present.filter { $0.point == point }.compactMap { legOfParticipant[$0.id] }
            }
            return legs.isEmpty ? .forwarded : .chosen(legs)
        }
    }

    func show(_ overlay: Overlay?, in meeting: MeetingID) {
        halls[meeting]?.overlay = overlay
        caption(meeting)
        // For those who are shown no picture.
        guard case .message(let text)? = overlay else { return }
        say(text, to: conference.seated(in: meeting).map(\.id), in: meeting)
    }

    private static let captioning = Duration.milliseconds(200)

    /// Somebody came or went. Who is in a meeting is written anew for all of its pictures, so what happens in a fifth of a
    /// second is written once.
    func captionSoon(_ meeting: MeetingID) {
        guard uncaptioned.insert(meeting).inserted, uncaptioned.count == 1 else { return }
        Task {
            try? await Task.sleep(for: Self.captioning)
            let meetings = uncaptioned
            uncaptioned = []
            for meeting in meetings {
                caption(meeting)
                findAgain(in: meeting)
            }
        }
    }

    /// Tells composed pictures what to say, where that changed: names, their order, the mark of a recording, a line for all.
    func caption(_ meeting: MeetingID) {
        guard let hall = halls[meeting], conference.isOpen(meeting) else { return }
        var captions = RoomCaptions()
        let seated = conference.seated(in: meeting).compactMap { participant in
            legOfParticipant[participant.id].map { (leg: $0, participant: participant) }
        }
        captions.names = Dictionary(seated.map { ($0.leg, $0.participant.name) }) { first, _ in first }
        captions.order = seated.map(\.leg)
        captions.message = hall.overlay?.line ?? ""
        captions.recordingMark = conference.isRecording(meeting) ? "GHI" : ""
        if hall.mark == .always || (hall.mark == .convened && conference.isConvened(meeting)) {
            captions.marked = Set(seated.filter { hall.seats[$0.participant.id]?.isPage != true }.map(\.leg))
        }
        guard captions != hall.captions else { return }
        halls[meeting]?.captions = captions
        try? media.setCaptions(captions, in: hall.room)
    }
}

extension PaneUse {
    init(_ use: PaneWish.Use) {
        self =
            switch use {
            case .composed: .none
            case .beside: .beside
            case .alone: .alone
            }
    }
}

extension Overlay {
    /// As one line on a picture.
    fileprivate var line: String {
        switch self {
        case .message(let text): text
        case .speakingTime(let name, let left):
            left > .zero
                ? "\(name): còn \(left.components.seconds) giây" : "\(name): đã hết thời gian phát biểu"
        case .vote(let tally):
            "\(tally.question) — tán thành \(tally.votesFor), không tán thành \(tally.votesAgainst), "
                + "không có ý kiến \(tally.abstentions)"
        }
    }
}
