import Archive
import Foundation
import Recorder

extension GapMap {
    /// The name of the events that say in short what the master has of each stream.
    static let eventName = "stream-recorded"

    /// One for each stream. Where packets were not counted the event has no `packets`.
    func events(at now: Date) -> [EventRecord] {
        streams.map { stream in
            var fields = ["point": stream.point, "kind": stream.kind, "stream": String(stream.stream)]
            fields["packets"] = stream.packets.map { String($0) }
            fields["packetsLost"] = stream.packetsLost.map { String($0) }
            for (cause, milliseconds) in stream.missingMilliseconds {
                fields["\(cause)Milliseconds"] = String(milliseconds)
            }
            fields["clockDriftPPM"] = stream.clockDriftPPM.map { "\($0)" }
            return EventRecord(
                at: now, masterMilliseconds: durationMilliseconds, name: Self.eventName, fields: fields)
        }
    }
}
