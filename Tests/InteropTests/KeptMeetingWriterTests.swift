import BenchSupport
import Conference
import Foundation
import Testing

@testable import causewayd

/// Meetings as they are kept for the next daemon.
@Suite struct KeptMeetingWriterTests {
    private static let points = (0..<6).map { PointID(rawValue: "diem\($0)") }

    private static func register() -> Conference.Register {
        Conference.Register(
            units: [],
            points: points.enumerated().map {
                // What an empty roll looks like, said by somebody.
                .init(id: $1, name: $0 == 0 ? "Điểm \"roll\":[] \\\"roll\\\":[]" : "Điểm cầu số \($0)")
            },
            rooms: [.init(id: "hop", title: "Họp \"roll\":[]", linger: .seconds(60))])
    }

    @Test(arguments: 1...20) func whatIsWrittenInPartsIsWhatIsWrittenWhole(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var conference = Conference(register: Self.register(), random: SeededRandom(seed: seed))
        var writer = KeptMeetingWriter()
        var seated: [ParticipantID] = []
        for step in 0..<60 {
            let now = Moment(
                steady: .seconds(step), wall: WallTime(millisecondsSince1970: 1_795_487_400_000 + Int64(step) * 1_000))
            if seated.count < 2 || Bool.random(using: &random) {
                let participant = ParticipantID(rawValue: UInt64(step + 1))
                let point = Self.points.randomElement(using: &random) ?? Self.points[0]
                _ = conference.handle(.arrive(participant: participant, point: point, room: "hop"), at: now)
                seated.append(participant)
            } else {
                let gone = seated.remove(at: Int.random(in: 0..<seated.count, using: &random))
                _ = conference.handle(.leave(gone, .hungUp), at: now)
            }
            guard let memory = conference.memories.first else { continue }
            let meeting = KeptMeeting(memory: memory, callers: [])
            let read = try JSONDecoder().decode(KeptMeeting.self, from: writer.octets(of: meeting))
            #expect(read == meeting)
            #expect(read.memory.roll.count == memory.roll.count)
        }
        #expect(conference.memories.first?.roll.isEmpty == false)
    }
}
