import GRDB

extension Archive {
    /// Which of these sittings of the Office's schedule had their meeting, and it is over.
    public func sittingsThatAreOver(among sittings: [String]) async throws(ArchiveError) -> Set<String> {
        let unfinished = MeetingState.allCases.filter(\.isUnfinished).map(\.rawValue)
        return try await read { db in
            let found = MeetingRecord.filter(sittings.contains(Column("sitting")))
                .filter(!unfinished.contains(Column("state")))
            return Set(try found.fetchAll(db).compactMap(\.sitting))
        }
    }
}
