/// What the master has of a point's streams, put together from what the record has of each (`stream-recorded`), what
/// decoding them showed (`master-decoded`), and when the point was told that it is recorded (`told-of-recording`).
struct RecordedPoint {
    private(set) var streams: [MeetingReport.RecordedStream] = []
    private(set) var notice: MeetingReport.Notice?

    mutating func take(stream fields: [String: String]) {
        func milliseconds(_ cause: String) -> Int {
            let value = fields["\(cause)Milliseconds"].flatMap { Int($0) } ?? 0
            return (0...1_000_000_000).contains(value) ? value : 0
        }
        // What is not counted of one of them is not counted of all.
        func sum(_ earlier: Int?, _ cause: String) -> Int? {
            isCounted ? earlier.map { $0 + milliseconds(cause) } : nil
        }
        let isCounted = fields["packets"] != nil
        guard let kind = fields["kind"].flatMap(MeetingReport.RecordedStream.Kind.init),
            fields["packets"] != "0"
        else { return }
        // A point that came back has streams of its own each time; they are one to whoever reads.
        var stream =
            streams.first { $0.kind == kind }
            ?? .init(kind: kind, lostMilliseconds: 0, withoutRoomMilliseconds: 0, damagedMilliseconds: 0)
        streams.removeAll { $0.kind == kind }
        stream.lostMilliseconds = sum(stream.lostMilliseconds, "lost")
        stream.withoutRoomMilliseconds = sum(stream.withoutRoomMilliseconds, "recorder")
        stream.damagedMilliseconds = sum(stream.damagedMilliseconds, "damaged")
        if !isCounted {
            stream.unexplainedMilliseconds = (stream.unexplainedMilliseconds ?? 0) + milliseconds("unexplained")
        }
        streams.append(stream)
    }

    /// A later decoding is of the same master, and goes before earlier ones.
    mutating func take(decoding fields: [String: String]) {
        func count(_ name: String) -> Int? {
            fields[name].flatMap { Int($0) }.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
        }
        guard let kind = fields["kind"].flatMap(MeetingReport.RecordedStream.Kind.init), let blocks = count("blocks"),
            let refused = count("refused"), let concealed = count("concealed")
        else { return }
        if !streams.contains(where: { $0.kind == kind }) { streams.append(.init(kind: kind)) }
        for index in streams.indices where streams[index].kind == kind {
            streams[index].decoding = .init(
                blocks: blocks, refused: refused,
                firstRefusedMilliseconds: refused > 0 ? count("firstRefusedMilliseconds") : nil, concealed: concealed)
        }
    }

    mutating func take(notice event: MeetingLog.Event) {
        guard notice == nil, let way = event.fields["by"].flatMap(MeetingReport.Notice.Way.init) else { return }
        notice = .init(at: event.at, by: way)
    }
}
