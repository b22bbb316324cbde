import Foundation
import Vietnamese

extension MeetingReport {
    /// One line for each point, speech, vote, step of the recording and incident; the first column says which.
    public var csv: Data {
        var table = CSVTable(["kind", "number", "at", "until", "seconds", "unit", "point", "name", "value", "detail"])
        func time(_ date: Date?) -> String { date.map(IndochinaTime.text) ?? "" }
        for agency in agencies {
            for point in agency.points {
                table.add([
                    "attendance", "", time(point.firstJoined), time(point.lastLeft), String(point.presentSeconds),
                    agency.unit, point.point, point.name, point.presence.rawValue, Self.detail(point),
                ])
            }
        }
        for speech in speeches {
            table.add([
                "speech", String(speech.number), time(speech.startedAt),
                time(speech.startedAt.addingTimeInterval(TimeInterval(speech.seconds))), String(speech.seconds),
                speech.unit ?? "", speech.point, speech.name, speech.kind.rawValue,
                speech.limitSeconds.map(String.init) ?? "",
            ])
        }
        for vote in votes {
            let result = "\(vote.votesFor)/\(vote.votesAgainst)/\(vote.abstentions)/\(vote.notVoted)"
            table.add([
                "vote", String(vote.number), time(vote.openedAt), time(vote.closedAt), "", "", "", "", result,
                vote.question,
            ])
        }
        for message in messages {
            table.add(["message", "", time(message.at), "", "", "", "", message.from ?? "", "", message.text])
        }
        for step in recording {
            let detail = [step.document, step.reason].compactMap { $0 }.joined(separator: "; ")
            table.add(["recording", "", time(step.at), "", "", "", "", step.by ?? "", step.step, detail])
        }
        for incident in incidents {
            table.add([
                "incident", "", time(incident.at), "", "", "", incident.point ?? "", incident.name ?? "", incident.kind,
                incident.text ?? "",
            ])
        }
        for point in recorded {
            let told = point.notice.map { "told \(time($0.at)) by \($0.by.rawValue)" } ?? "not told"
            func counted(_ milliseconds: Int?) -> String { milliseconds.map { "\($0) ms" } ?? "not counted" }
            let streams = point.streams.map { stream in
                "\(stream.kind.rawValue): lost \(counted(stream.lostMilliseconds)), without room "
                    + "\(counted(stream.withoutRoomMilliseconds)), perhaps damaged \(counted(stream.damagedMilliseconds))"
                    + (stream.unexplainedMilliseconds.map { ", empty for unknown reasons \($0) ms" } ?? "")
                    + (stream.decoding.map { ", not decodable \($0.refused) of \($0.blocks) blocks" } ?? "")
                    + (stream.decoding?.firstRefusedMilliseconds.map { ", the first at \($0) ms" } ?? "")
            }
            table.add([
                "recorded", "", point.notice.map { time($0.at) } ?? "", "", "", "", point.point, point.name, told,
                streams.joined(separator: "; "),
            ])
        }
        for line in quality {
            func figure(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "" }
            table.add([
                "quality", "", "", "", "", "", line.point, line.name, figure(line.opinionScore),
                "loss \(figure(line.lossPercent)) %; jitter \(figure(line.jitterMilliseconds)) ms; "
                    + "round trip \(figure(line.roundTripMilliseconds)) ms",
            ])
        }
        return table.data
    }

    private static func detail(_ point: Attendance) -> String {
        guard let reason = point.reason, let noting = point.notedAfterwards else { return point.reason ?? "" }
        return "\(reason); noted afterwards by \(noting.by), \(IndochinaTime.text(noting.at))"
    }
}
