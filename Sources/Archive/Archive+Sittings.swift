import SQLDatabase

extension Archive {
    /// Which of these sittings of the Office's schedule had their meeting, and it is over.
    public func sittingsThatAreOver(among sittings: [String]) async throws(ArchiveError) -> Set<String> {
        let unfinished = MeetingState.allCases.filter(\.isUnfinished).map(\.rawValue)
        return try await read { db in
            Set(
                try String.fetchAll(
                    db,
                    "SELECT sitting FROM meetings WHERE sitting IN \(sittings) AND state NOT IN \(unfinished)"))
        }
    }
}
