public import SQLDatabase

extension OfficeStore {
    /// Tables that have a row from the beginning.
    public static let seededTables: Set<String> = ["officeState"]

    /// The tables of a store, made or brought to the present version, for who copies them. Nobody has the store open meanwhile.
    public static func tables(at place: OfficePlace) throws(OfficeStoreError) -> SQLDatabase {
        do {
            let database = try open(place)
            if try OfficeSchema.migrator.hasBeenSuperseded(database) {
                throw OfficeStoreError.newerStore(path: place.name)
            }
            try OfficeSchema.migrator.migrate(database)
            return database
        } catch {
            throw OfficeStoreError(error, path: place.name)
        }
    }
}
