import Documents
import Evidence
import Office
import OfficeStore
import PortalAPI
import Search

extension APIOperation {
    /// All of them, in the order of the description.
    static let all: [APIOperation] =
        live + tracing + recordings + retention + access + search + reports + schedule + register + guides + tokens
        + reviews
        + session + description

    private static let live: [APIOperation] = [
        .init(.get, "/status", .readStatus, "The daemon, what it does and what it lacks.", .of(SystemStatus.self)),
        .init(
            .put, "/drain", .drain, "No meeting is begun from now on; those in progress go on.", statuses: [204]),
        .init(.delete, "/drain", .drain, "Meetings are begun again.", statuses: [204]),
        .init(.get, "/meetings", .readMeetings, "Meetings in progress.", .of([LiveMeeting].self)),
        .init(
            .get, "/meetings/{id}/quality", .readMeetings, "How its lines have done lately.", .of(MeetingQuality.self)),
        .init(
            .get, "/meetings/{id}/control", .watchMeeting, "A meeting as its chair sees it.", .of(MeetingControl.self)),
        .init(
            .post, "/meetings/{id}/orders", .orderInMeeting, "An order in a meeting.",
            body: .reading(MeetingOrder.self),
            statuses: [204]),
        .init(.post, "/meetings/{id}/end", .endMeeting, "Ends a meeting.", statuses: [204]),
        .init(
            .post, "/meetings/{id}/move", .movePoint, "Sends a point to another room.",
            body: .reading(MoveRequest.self),
            statuses: [202]),
        .init(
            .post, "/rooms/{id}/call", .callPoints, "Calls points into a room.", body: .reading(CallRequest.self),
            .of(CallAnswer.self)),
        .init(
            .post, "/points/{id}/invitation", .invitePoint, "Makes an invitation with which a point comes in.",
            body: .reading(InvitationRequest.self), .of(Invitation.self), statuses: [201]),
        .init(
            .get, "/checks", .readChecks, "Line checks, the newest first.", query: [.text("point", "Of this point.")],
            .of([LineCheck].self)),
    ]

    private static let listing: [Parameter] = [
        .from, .to, .text("room", "In this room."), .text("text", "Words, with or without marks."),
        .text("state", "States, divided by commas."), .number("limit", 1...500, "50 where nothing is said."), .after,
    ]

    private static let tracing: [APIOperation] = [
        .init(.get, "/trace/calls", .traceCalls, "Calls of late, the oldest first.", .of([TracedCallSummary].self)),
        .init(
            .get, "/trace", .traceCalls, "The story of a call: its messages and how its media went.",
            query: [.text("call", "Its Call-ID, or its name as call-12.", isRequired: true)], .of(CallTrace.self)),
        .init(
            .get, "/trace/capture", .traceCalls, "SIP messages as a pcapng file, without what is secret in them.",
            query: [
                .text("call", "Of this call alone."),
                .choice("keys", ["1"], "With the keys of the call; for administrators that are known by name."),
            ], .octets(["application/vnd.tcpdump.pcap"])),
    ]

    private static let recordings: [APIOperation] = [
        .init(
            .get, "/recordings", .listRecordings, "Recordings, newest first.", query: listing, .of(RecordingPage.self)),
        .init(.get, "/recordings/{id}", .readRecording, "A recording.", .of(RecordingDetail.self)),
        .init(
            .get, "/recordings/{id}/files/{file}", .fetchFile, "A file of its package, or a range of it.", .anything,
            statuses: [200, 206, 304]),
        .init(
            .get, "/recordings/{id}/timeline", .readRecording, "What a player shows beside it.",
            .of(RecordingTimeline.self)),
        .init(
            .get, "/recordings/{id}/film/stream", .fetchFile, "Its film, or a span of it.", query: Parameter.span,
            .anything),
        .init(
            .get, "/recordings/{id}/points/{point}/stream", .fetchFile, "One point's sound and picture.",
            query: Parameter.span + [.choice("content", ["slides"], "What it presented instead of its camera.")],
            .anything),
        .init(
            .post, "/recordings/{id}/viewings", .readRecording, "Says what was watched.",
            body: .reading(ViewingNote.self),
            statuses: [204]),
        .init(
            .post, "/recordings/{id}/verify", .verifyRecording, "Reads its package again, by its seal.",
            .of(VerificationOutcome.self)),
        .init(
            .get, "/fixity", .readFixity, "What the daily check of packages came to, newest first.",
            query: [
                .number("limit", 1...500, "30 where nothing is said."), .text("before", "`next` of the page before."),
            ],
            .of(FixityReportPage.self)),
        .init(
            .get, "/fixity/{number}", .readFixity, "One of these reports, with what was wrong.",
            .of(FixityReportDetail.self)),
        .init(
            .post, "/fixity/due", .verifyRecording,
            "Checks the packages that are due now; a line of how far it is now and then, the last says what was found.",
            .lines),
        .init(.get, "/recordings/{id}/job", .readJobs, "Work on it.", .of([JobStatus].self)),
        .init(
            .post, "/recordings/{id}/packages", .packageRecording, "Makes a package for an archive.",
            body: .reading(PackageOrder.self), .lines),
    ]

    private static let retention: [APIOperation] = [
        .init(
            .get, "/retention", .readRetention, "What is kept, and until when.",
            query: [
                .choice("choice", ["all", "due", "clocks", "held"], "Which; all where nothing is said."),
                .number("limit", 1...500, "100 where nothing is said."), .after,
            ], .of(RetentionList.self)),
        .init(.get, "/retention/classes", .readRetentionTable, "The retention table.", .of(RetentionClasses.self)),
        .init(
            .post, "/retention/due", .changeRetention,
            "Carries out approved destructions that are overdue; a line for each, the last says what waits.", .lines),
        .init(.get, "/recordings/{id}/retention", .readRetention, "Until when it is kept.", .of(RetentionStatus.self)),
        .init(
            .put, "/recordings/{id}/retention", .changeRetention, "Gives it another class.",
            body: .reading(RetentionOrder.Class.self), .of(RetentionStatus.self)),
        .init(
            .get, "/recordings/{id}/destruction/{name}", .readRetention, "A part of its certificate of destruction.",
            .anything, statuses: [200, 206, 304]),
        .init(
            .post, "/recordings/{id}/holds", .changeRetention, "Keeps it from destruction.",
            body: .reading(RetentionOrder.Hold.self), .of(RetentionStatus.self), statuses: [201]),
        .init(
            .post, "/recordings/{id}/holds/{hold}/release", .changeRetention, "Ends that.",
            body: .reading(RetentionOrder.Hold.self), .of(RetentionStatus.self)),
        .init(
            .put, "/recordings/{id}/submissions/{archive}", .changeRetention, "Notes that an archive took it over.",
            body: .reading(RetentionOrder.Submission.self), .of(RetentionStatus.self)),
        .init(
            .get, "/retention/proposals", .readRetention, "Proposals to destroy.",
            query: [.text("state", "States, divided by commas.")], .of([DestructionStatus].self)),
        .init(.get, "/retention/proposals/{number}", .readRetention, "A proposal.", .of(DestructionStatus.self)),
        .init(
            .post, "/retention/proposals/judge", .proposeDestruction, "What stands in the way of one.",
            body: .reading(RetentionOrder.Proposal.self), .of(DestructionJudgement.self)),
        .init(
            .post, "/retention/proposals", .proposeDestruction, "Proposes to destroy.",
            body: .reading(RetentionOrder.Proposal.self), .of(DestructionStatus.self), statuses: [201]),
        .init(
            .post, "/retention/proposals/{number}/judge", .reviewDestruction, "What stands in its way now.",
            .of(DestructionJudgement.self)),
        .init(
            .post, "/retention/proposals/{number}/review", .reviewDestruction, "Another archivist decides.",
            body: .reading(RetentionOrder.Review.self), .of(DestructionStatus.self)),
        .init(
            .post, "/retention/proposals/{number}/withdraw", .proposeDestruction, "Takes it back.",
            .of(DestructionStatus.self)),
    ]

    private static let access: [APIOperation] = [
        .init(
            .get, "/access/requests", .readOwnAccess, "Requests for recordings: one's own, or all.",
            query: [.text("state", "States, divided by commas."), .before], .of([AccessRequestStatus].self)),
        .init(
            .post, "/access/requests", .requestAccess, "Asks for a recording.", body: .reading(AccessWish.self),
            .of(AccessRequestStatus.self), statuses: [201]),
        .init(
            .post, "/access/requests/{number}/withdraw", .requestAccess, "Takes it back.", .of(AccessRequestStatus.self)
        ),
        .init(
            .post, "/access/requests/{number}/refuse", .decideAccess, "Refuses it.", body: .reading(AccessReason.self),
            .of(AccessRequestStatus.self)),
        .init(
            .post, "/access/requests/{number}/grant", .decideAccess, "Grants it.", body: .reading(AccessTerms.self),
            .of(AccessGrantStatus.self), statuses: [201]),
        .init(
            .get, "/access/grants", .readOwnAccess, "Grants: one's own, or all.",
            query: [.text("recording", "Of this recording."), .before], .of([AccessGrantStatus].self)),
        .init(.get, "/access/grants/{number}", .readOwnAccess, "A grant.", .of(AccessGrantStatus.self)),
        .init(
            .post, "/access/grants/{number}/revoke", .decideAccess, "Takes it back; it counts at once.",
            body: .reading(AccessReason.self), .of(AccessGrantStatus.self)),
        .init(
            .get, "/access/grants/{number}/film", .readOwnAccess,
            "The copy that it is for, or a range of it: to its holder.",
            query: [.choice("download", ["1"], "To keep it, where the grant's level allows that.")], .anything,
            statuses: [200, 206]),
        .init(
            .post, "/access/grants/{number}/copy", .decideAccess, "Has its copy made again.",
            .of(AccessGrantStatus.self)),
        .init(
            .get, "/access/grants/{number}/package", .readOwnAccess, "The package that was made for it: to its holder.",
            .octets(["application/zip"]), statuses: [200, 206]),
        .init(
            .post, "/access/grants/{number}/package", .decideAccess,
            "Makes a package for use of its copy and what papers may go with it.", .lines),
        .init(
            .post, "/access/trace", .decideAccess, "Tells whose copy somebody has.", body: .reading(TraceQuestion.self),
            .of(TraceAnswer.self)),
        .init(
            .get, "/access/register.csv", .readAccess, "The supply register, newest first: all of it.",
            query: [.before, .number("limit", 1...500, "One page of so many; Link tells of the next.")], .csv),
    ]

    private static let search: [APIOperation] = [
        .init(
            .get, "/search", .search, "Finds meetings, best first.",
            query: [
                .text("q", "Words, with or without marks; \"…\" for a phrase."), .from, .to,
                .text("room", "In this room; as often as there are."), .text("unit", "Where this unit was."),
                .text("field", "Of this field."),
                .choice("kind", PassageKind.allCases.map(\.rawValue), "Where to look."),
                .choice("level", ScheduledMeeting.Confidentiality.allCases.map(\.rawValue), "Of this level."),
                .choice("order", ["best", "newest"], "best where nothing is said."),
                .choice("typing", ["1"], "The last word is not whole yet."),
                .number("limit", 1...SearchRequest.maximumLimit, "20 where nothing is said."), .after,
            ], .of(SearchAnswer.self))
    ]

    private static let incident = [
        "text/html", "application/pdf", "application/vnd.oasis.opendocument.text", "text/csv", "application/json",
    ]
    private static let printed = ["text/html", "application/pdf", "application/vnd.oasis.opendocument.text"]

    private static let reports: [APIOperation] =
        [
            .init(
                .get, "/reports", .listReports, "Meetings of which there are reports.", query: listing,
                .of(ReportPage.self)),
            .init(
                .get, "/statistics", .readStatistics, "Meetings, agencies and lines in a time.",
                query: [.from, .to, .choice("format", ["csv"], "JSON where nothing is said.")],
                .table(of: MeetingStatistics.self)),
        ]
        + ["", ".json"].map { ending in
            .init(
                .get, "/recordings/{id}/report\(ending)", .readReport, "A meeting's report.", query: [.language],
                .of(MeetingReport.self))
        }
        + [
            .init(
                .get, "/recordings/{id}/report.csv", .readReport, "Its report for spreadsheets.", query: [.language],
                .csv)
        ]
        + [
            .init(
                .put, "/recordings/{id}/absences/{point}", .noteAbsence,
                "Notes, when the meeting is over, why a point was absent.", body: .reading(AbsenceRequest.self),
                .of([NotedAbsence].self))
        ]
        + zip(["html", "pdf", "odt"], printed).flatMap { ending, type in
            ["report", "minutes"].map { name in
                .init(
                    .get, "/recordings/{id}/\(name).\(ending)", .readReport,
                    name == "report" ? "A meeting's report, for people." : "Minutes of it, to be written on.",
                    query: [.language], .octets([type]))
            }
        }

    private static let schedule: [APIOperation] = [
        .init(
            .get, "/schedule", .readSchedule, "Sittings.",
            query: [.text("from", "A time (ISO 8601)."), .text("to", "A time (ISO 8601).")], .of([ScheduleItem].self)),
        .init(
            .post, "/schedule", .schedule, "Convenes a meeting.", body: .reading(ScheduledMeeting.self),
            .of(MeetingDetail.self), statuses: [201]),
        .init(
            .post, "/schedule/judge", .schedule, "What would come of it.", body: .reading(ScheduledMeeting.self),
            .of(JudgedDraft.self)),
        .init(.get, "/schedule/{id}", .readSchedule, "A meeting that was convened.", .of(MeetingDetail.self)),
        .init(
            .put, "/schedule/{id}", .schedule, "Changes it.", body: .reading(ScheduledMeeting.self),
            .of(MeetingDetail.self)),
        .init(
            .delete, "/schedule/{id}", .schedule, "Cancels it.", query: [.text("sitting", "This sitting alone.")],
            .of(MeetingDetail.self)),
        .init(
            .post, "/schedule/{id}/move", .schedule, "Moves its sittings that have not begun.",
            body: .reading(MoveRestRequest.self), .of(MeetingDetail.self)),
        .init(
            .get, "/schedule/{id}/invitation", .readSchedule, "Its invitation.",
            query: [.text("point", "To this point.")],
            .octets(["text/plain"])),
        .init(
            .get, "/schedule/{id}/calendar", .readSchedule, "Its calendar file.",
            query: [.text("point", "For this point.")],
            .octets(["text/calendar"])),
        .init(
            .post, "/schedule/{id}/papers", .schedule, "Brings a paper.",
            query: [.text("name", "What it is called, with its ending.", isRequired: true)], body: .stored,
            .of(Paper.self),
            statuses: [201]),
        .init(
            .get, "/schedule/{id}/papers/{paper}", .readSchedule, "A paper.", .anything, statuses: [200, 206, 304]),
        .init(.delete, "/schedule/{id}/papers/{paper}", .schedule, "Takes a paper away.", statuses: [204]),
        .init(.get, "/sittings/{id}/rehearsal", .readSchedule, "Whether it may begin.", .of(RehearsalGate.self)),
        .init(
            .put, "/sittings/{id}/rehearsal/{point}", .rehearse, "What a check found.",
            body: .reading(RehearsalRequest.self), .of(RehearsalGate.self)),
        .init(
            .put, "/sittings/{id}/rehearsal/{point}/waiver", .waiveRehearsal, "Takes a point as it is.",
            body: .reading(WaiverRequest.self), .of(RehearsalGate.self)),
        .init(
            .delete, "/sittings/{id}/rehearsal/{point}/waiver", .waiveRehearsal, "Takes that back.",
            .of(RehearsalGate.self)),
    ]

    private static func entries<Entry: RegisterRecord>(
        _ path: String, _ type: Entry.Type, _ reading: PortalAction, _ changing: PortalAction, _ name: String
    ) -> [APIOperation] {
        [
            .init(
                .get, path, reading, "All \(name).", query: [.text("at", "As they were then (ISO 8601).")],
                .of([Listed<Entry>].self)),
            .init(
                .put, "\(path)/{id}", changing, "Adds or changes one of the \(name).",
                query: [.choice("mode", ["add", "set"], "Only add, or only change.")], body: .reading(Entry.self),
                .of(RegisterAnswer.self)),
            .init(
                .delete, "\(path)/{id}", changing, "Removes one of the \(name).",
                query: Entry.kind == .unit ? [.text("into", "The unit that it is merged into.")] : [],
                .of(RegisterAnswer.self)),
            .init(
                .post, "\(path)/import", changing, "Takes \(name) from a table (CSV).",
                query: [.choice("dryRun", ["true", "false"], "Changes nothing.")], body: .csv, .of(ImportReport.self)),
        ]
    }

    private static let register: [APIOperation] =
        entries("/units", UnitEntry.self, .readRegister, .changeRegister, "units")
        + entries("/points", PointEntry.self, .readRegister, .changeRegister, "points")
        + entries("/rooms", RoomEntry.self, .readRegister, .changeRegister, "rooms")
        + entries("/people", PersonEntry.self, .readPeople, .changePeople, "people")
        + [
            .init(
                .post, "/points/{id}/password", .issuePointPassword, "Gives a point another password.",
                .of(IssuedPassword.self), statuses: [201]),
            .init(
                .put, "/rooms/{id}/pin", .changeRegister, "Sets a room's PIN, or takes it away.",
                body: .reading(PINRequest.self), .of(RegisterAnswer.self)),
            .init(
                .post, "/people/{id}/link", .changePeople, "Makes a link by which a password is set.",
                .of(IssuedLink.self), statuses: [201]),
            .init(
                .delete, "/people/{id}/second-factor", .changePeople, "Forgets an authenticator app.",
                .of(RegisterAnswer.self)),
            .init(
                .get, "/journal", .readJournal, "Who did what, newest first.", query: [.before],
                .of([OfficeStore.JournalLine].self)),
            .init(
                .get, "/audit/report", .readJournal,
                "Whether the journal is what was written, by its chain and signatures.",
                .of(AuditReport.self)),
            .init(
                .get, "/audit/export", .readJournal,
                "The journal with what proves it; of lines about secret meetings without what they are about.", .lines),
            .init(
                .get, "/security-incident", .readJournal,
                "What is sent of an incident, the notice within 24 hours or the report within 72, made of the journal.",
                query: [
                    .choice("form", ["notice", "report"], "notice where nothing is said."),
                    .choice("format", IncidentRoutes.formats, "html where nothing is said."), .language,
                    .text("noticed", "When it was noticed (RFC 3339); now where nothing is said."),
                    .text("from", "The beginning of the span; a day before it was noticed."),
                    .text("until", "The end of the span, 92 days after its beginning at most; now."),
                ], .octets(incident)),
        ]

    private static let format = Parameter.choice("format", ["html", "pdf", "odt"], "html where nothing is said.")

    private static let guides: [APIOperation] = [
        .init(
            .get, "/guides/{point}/{device}", .readGuide, "How a device joins.", query: [.language, format],
            .octets(printed)),
        .init(
            .post, "/guides/{point}/{device}", .provisionPoint, "The same, with an address by which it is set up.",
            query: [
                .language, format, .number("valid", 1...Int(ProvisioningTokens.longestLife), "Seconds; three days."),
            ], .octets(printed)),
        .init(
            .post, "/points/{id}/provisioning", .provisionPoint,
            "An address by which a device fetches its account, once.",
            body: .reading(ProvisioningRequest.self), .of(Provisioning.self), statuses: [201]),
    ]

    private static let tokens: [APIOperation] = [
        .init(.get, "/tokens", .manageTokens, "Tokens that were made here.", .of([TokenStatus].self)),
        .init(
            .post, "/tokens", .manageTokens, "Makes a token; it is shown once.", body: .reading(TokenOrder.self),
            .of(NewToken.self), statuses: [201]),
        .init(.delete, "/tokens/{id}", .manageTokens, "Revokes a token.", .of(TokenStatus.self)),
    ]

    private static let reviews: [APIOperation] = [
        .init(
            .get, "/access-review", .readReviews, "Who has which right now, and what changed since the last review.",
            .of(AccessReviewSheet.self)),
        .init(
            .get, "/access-reviews", .readReviews, "Reviews that were made, newest first.",
            .of([AccessReviewSummary].self)),
        .init(
            .get, "/access-reviews/{number}", .readReviews, "A review, with what was looked through.",
            .of(AccessReviewRecord.self)),
        .init(
            .post, "/access-reviews", .reviewAccess, "Says that the list was looked through.",
            body: .reading(AccessReviewOrder.self), .of(AccessReviewSummary.self), statuses: [201]),
        .init(
            .get, "/security-figures", .readReviews, "What happened in a year, from 15 December to 14 December.",
            query: [
                .number("year", 2000...9998, "In which it ends; this one where nothing is said."),
                .choice("format", ["csv"], "JSON where nothing is said."),
            ], .table(of: SecurityFigures.self)),
    ]

    private static let session: [APIOperation] = [
        .init(.get, "/session", .session, "Who is signed in.", .of(SessionStatus.self), statuses: [200, 204]),
        .init(
            .get, "/session/ways", .session, "How people sign in, besides name and password.", .of(SignInWays.self)),
        .init(
            .post, "/session/code", .session, "The code that is still to come after the identity provider's word.",
            body: .reading(SecondFactorProof.self), .of(SessionStatus.self)),
        .init(
            .post, "/session", .session, "Signs in.", body: .reading(SignInRequest.self), .of(SessionStatus.self)),
        .init(
            .post, "/session/link", .session, "Sets a password by a link, and signs in.",
            body: .reading(LinkRequest.self), .of(SessionStatus.self)),
        .init(
            .post, "/session/unlock", .session, "Opens a locked screen.", body: .reading(UnlockRequest.self),
            .of(SessionStatus.self)),
        .init(.post, "/session/lock", .session, "Locks it.", statuses: [204]),
        .init(.delete, "/session", .session, "Signs out.", statuses: [204]),
        .init(
            .post, "/session/second-factor", .session, "Offers an authenticator app its secret.",
            .of(SecondFactorOffer.self), statuses: [201]),
        .init(
            .put, "/session/second-factor", .session, "Turns it on.", body: .reading(SecondFactorProof.self),
            .of(RecoveryCodes.self)),
        .init(
            .delete, "/session/second-factor", .session, "Turns it off.", body: .reading(SecondFactorRemoval.self),
            statuses: [204]),
    ]

    private static let description: [APIOperation] = [
        .init(.get, "/openapi.json", .anybody, "This description.", .octets(["application/json"]))
    ]
}
