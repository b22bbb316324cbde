import Foundation
import InteropSupport
import PortalAPI
import Testing

/// Whoever looks for a call, a meeting, a point or a room in the log finds all that was said of it by its fields.
@Suite(.serialized) struct LogFieldsTests {
    private struct Line {
        var message: String
        var fields: [String: [String]]

        init?(_ text: Substring) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                let message = object["message"] as? String
            else { return nil }
            self.message = message
            fields = object.mapValues { ($0 as? [String]) ?? [$0 as? String ?? ""] }
        }

        /// Whether it speaks of a thing of this name; paths and the ids of meetings are made of others' names.
        func says(_ name: String, but meeting: String = "") -> Bool {
            message.replacingOccurrences(of: meeting, with: "").split(separator: " ")
                .filter { !$0.contains("/") }
                .flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "_" } }
                .contains { $0 == name }
        }
    }

    @Test func everyLineAboutARecordedCallHasItAsFields() async throws {
        try await TestSite.with({
            $0.logLevel = "debug, format: json"
            $0.rooms = [
                "{id: giaoban, title: Giao ban, linger: 1s, "
                    + "recording: {order: standing, orderedBy: Chánh Văn phòng, document: 12/QĐ-VP}}"
            ]
        }) { site in
            let daemon = site.daemon
            let point = try KeyedPoint(TestSite.points[0], of: daemon, try .init(.sdes, checks: true))
            let meeting = try await daemon.waitForMedia(of: 1, packets: 50)
            let trace = try await daemon.causeway(["trace", "--json"])
            let call = try #require(PortalJSON.decode([TracedCallSummary].self, from: Data(trace.output.utf8)).first).id
            // Of one that is not there; the bridge says that it cannot be called.
            _ = try await daemon.causeway(["meetings", "call", "giaoban", "soyte"])
            try point.hangUp()
            _ = try await daemon.waitUntilSealed(meeting.id)
            let lines = daemon.log.split(separator: "\n").compactMap(Line.init)
            #expect(lines.count > 10, "\(daemon.log)")

            let number = call.drop { !$0.isNumber }
            for line in lines {
                if line.says(meeting.id) { #expect(line.fields["meeting"] == [meeting.id], "\(line)") }
                if line.says("call-\(number)") || line.says("p\(number)") {
                    #expect(line.fields["call"] == ["call-\(number)"], "\(line)")
                }
                for name in ["phuloc", "soyte"] where line.says(name) {
                    #expect(line.fields["point"]?.contains(name) == true, "\(line)")
                }
                if line.says("giaoban", but: meeting.id) { #expect(line.fields["room"] == ["giaoban"], "\(line)") }
                // A call is a point's, into a room.
                if line.fields["call"] != nil {
                    #expect(line.fields["point"] != nil && line.fields["room"] != nil, "\(line)")
                }
            }
            // The whole story, whatever the lines say.
            let story = lines.filter { $0.fields["meeting"] == [meeting.id] }.map(\.message)
            for stage in [
                "opens in room", "enters meeting", "is recorded by order of", "cannot be called", "leaves meeting",
                "is over",
                "master of", "access copy", "is sealed",
            ] {
                #expect(story.contains { $0.contains(stage) }, "\(stage): \(story)")
            }
            let own = lines.filter { $0.fields["call"] == ["call-\(number)"] }
            #expect(own.contains { $0.message.contains("leaves meeting") && $0.fields["point"] == ["phuloc"] })
            #expect(lines.contains { $0.fields["job"] != nil && $0.fields["meeting"] == [meeting.id] })
        }
    }
}
