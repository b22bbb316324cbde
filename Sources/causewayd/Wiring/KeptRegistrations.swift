import Archive
import Foundation
import Signalling

/// Registrations in the archive's catalogue.
struct KeptRegistrations: RegistrationStore {
    let archive: Archive

    func load() async throws -> [RegisteredContact] {
        let decoder = JSONDecoder()
        return try await archive.registrations().values.flatMap { contacts in
            try decoder.decode([RegisteredContact].self, from: Data(contacts.utf8))
        }
    }

    func save(_ contacts: [String: [RegisteredContact]]) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try await archive.writeRegistrations(
            contacts.mapValues { contacts throws in
                contacts.isEmpty ? nil : String(decoding: try encoder.encode(contacts), as: UTF8.self)
            })
    }
}
