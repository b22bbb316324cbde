import Foundation
import NIOFoundationCompat
import PortalAPI

extension PortalClient {
    /// Has a round made and waits for its end, with its progress on the terminal, or in a line now and then where there is none.
    /// - Parameter isQuiet: only the outcome is to be printed.
    func round<Outcome: Codable & Sendable & Equatable>(
        _ type: Outcome.Type, _ path: String, _ label: String, _ console: Console, isQuiet: Bool
    ) async throws -> Outcome {
        let response = try await open("POST", path)
        var picture = RoundPicture(label, console: console, isQuiet: isQuiet)
        defer { picture.clear() }
        var lines = LineSplitter()
        do {
            for try await piece in response.body {
                for line in try lines.add(Data(buffer: piece)) {
                    let line = try PortalJSON.decode(RoundLine<Outcome>.self, from: line)
                    if let progress = line.progress { picture.update(progress) }
                    if let failure = line.failure { throw CommandFailure.refused(failure) }
                    if let outcome = line.outcome { return outcome }
                }
            }
        } catch {
            throw unreachable(error)
        }
        throw CommandFailure.unreachable(
            "causewayd stopped before it was done; what is left is done when it is asked for next.")
    }
}

extension NamedRecordings {
    /// A dozen of them at most.
    var text: String {
        let named = recordings.prefix(12).joined(separator: ", ")
        let rest = count - min(12, recordings.count)
        return rest == 0 ? named : named.isEmpty ? "\(count) recordings" : "\(named) and \(rest) more"
    }
}
