import Codecs
import Glibc
import LossyLine
import RTP
import SRTP
import Testing

@testable import MediaPlane

extension OverBadLines {
    /// Speech through the bridge over lines that lose packets, beside the same speech forwarded as it is.
    @Suite(.serialized) struct SpeechOverLossTests {
        /// Losses on the way from the talker, and on that to the listener.
        struct Condition: CustomStringConvertible {
            var description: String
            var up = LineConditions.Loss.none
            var down = LineConditions.Loss.none
        }

        static let bursts = LineConditions.Loss.bursts(0.2, length: 5)
        static let conditions = [
            Condition(description: "no loss"),
            Condition(description: "5 % up", up: .random(0.05)),
            Condition(description: "5 % down", down: .random(0.05)),
            Condition(description: "20 % up", up: .random(0.2)),
            Condition(description: "20 % down", down: .random(0.2)),
            Condition(description: "20 % up and down", up: .random(0.2), down: .random(0.2)),
            Condition(description: "20 % in bursts of 5, up", up: bursts),
            Condition(description: "20 % in bursts of 5, down", down: bursts),
        ]

        private static let seed: UInt64 = 20
        /// In which the bridge learns of the losses; not judged.
        private static let leadIn = 8
        private static let seconds = 28

        /// A talker, the bridge and a listener, with a line on each side.
        private final class Call {
            let room: TestRoom
            private let talker: TestEndpoint
            private let listener: TestEndpoint
            private let lines: [LossyLine]
            private var reportPort: UInt16 = 0

            init(_ condition: Condition) async throws {
                room = try TestRoom()
                talker = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
                listener = try TestEndpoint(.opus, payloadType: 97, suite: .aeadAES128GCM)
                lines = [
                    try LossyLine(endpoint: talker.rtpPort, up: .init(loss: condition.up), seed: seed),
                    try LossyLine(endpoint: listener.rtpPort, down: .init(loss: condition.down), seed: seed),
                ]
                for (endpoint, line) in zip([talker, listener], lines) {
                    endpoint.line = line
                    let seat = try await room.join(audio: endpoint)
                    line.connect(to: seat.reservation.audio.port)
                    reportPort = seat.reservation.audio.port + 1
                }
            }

            deinit { for line in lines { line.end() } }

            func say(_ frame: [UInt8]) { talker.send(frame, advancing: 960, to: lines[0].port) }
            func report() { listener.report(to: reportPort) }

            /// What the listener's decoder makes of what came, each packet in its place.
            func heard() throws -> [Int16] {
                guard let first = listener.received.first?.info.timestamp else { return [] }
                var frames: [[UInt8]?] = []
                for packet in listener.received {
                    let place = Int(packet.info.timestamp &- first) / SpokenFrames.samples
                    guard place < 100_000 else { continue }
                    while frames.count <= place { frames.append(nil) }
                    frames[place] = packet.payload
                }
                return try SpokenFrames.decode(frames)
            }
        }

        /// What a listener hears whose packets come from the talker as they left, but for what the lines lose.
        private static func forwarded(_ frames: [[UInt8]], _ condition: Condition) throws -> [Int16] {
            var up = LineModel(.init(loss: condition.up), seed: seed)
            var down = LineModel(.init(loss: condition.down), seed: seed + 1)
            return try SpokenFrames.decode(
                frames.map { frame in
                    up.pass(octets: frame.count, atNanoseconds: 0) != nil
                        && down.pass(octets: frame.count, atNanoseconds: 0) != nil ? frame : nil
                })
        }

        @Test(.enabled(if: SpeechScore.isAvailable, "needs espeak-ng, and pystoi and pesq from PyPI: make bench-loss"))
        func speechStaysIntelligible() async throws {
            let speech = try await SpeechScore.speech(seconds: Self.seconds)
            let plain = try SpokenFrames.encode(speech, protected: false)
            let protected = try SpokenFrames.encode(speech, protected: true)
            var scores = try await Self.scores(speech, plain, protected)
            // A machine too busy for a line that loses nothing says nothing of others.
            if scores[0].stoi < 0.93 { scores = try await Self.scores(speech, plain, protected) }
            let rows = Self.conditions.enumerated().map { index, condition in
                (condition.description, scores[index * 3], scores[index * 3 + 1], scores[index * 3 + 2])
            }
            print(Self.table(rows))
            let clean = scores[0].stoi
            #expect(clean > 0.9)
            for (name, bridge, forwarded, _) in rows {
                if !name.contains("bursts") { #expect(bridge.stoi > 0.85 * clean, "\(name): STOI \(bridge.stoi)") }
                #expect(bridge.stoi > forwarded.stoi - 0.03, "\(name): \(bridge.stoi), \(forwarded.stoi) forwarded")
            }
            for (name, bridge, forwarded, _) in rows where name.hasPrefix("20 %") && !name.contains("bursts") {
                #expect(bridge.stoi > forwarded.stoi, "\(name): \(bridge.stoi), \(forwarded.stoi) forwarded")
            }
        }

        /// Three for each condition: through the bridge, and as it is without and with redundancy.
        private static func scores(
            _ speech: [Int16], _ plain: [[UInt8]], _ protected: [[UInt8]]
        ) async throws -> [SpeechScore.Score] {
            var calls: [Call] = []
            for condition in Self.conditions { calls.append(try await Call(condition)) }
            Self.pace(calls.map(\.room), frames: protected.count + 50) { index in
                // A softphone reports every few seconds.
                if index % 125 == 124 { for call in calls { call.report() } }
                guard index < protected.count else { return }
                // Who is told of losses protects what it sends.
                for (call, condition) in zip(calls, Self.conditions) {
                    call.say(condition.up == .none ? plain[index] : protected[index])
                }
            }
            var recordings: [[Int16]] = []
            for (call, condition) in zip(calls, Self.conditions) {
                recordings.append(try call.heard())
                recordings.append(try Self.forwarded(plain, condition))
                recordings.append(try Self.forwarded(protected, condition))
            }
            return try await SpeechScore.scores(of: recordings, against: speech, skipping: Self.leadIn)
        }

        private static func table(
            _ rows: [(name: String, SpeechScore.Score, SpeechScore.Score, SpeechScore.Score)]
        ) -> String {
            func column(_ score: SpeechScore.Score) -> String {
                let (stoi, pesq) = (Int((score.stoi * 1_000).rounded()), Int((score.pesq * 100).rounded()))
                let digits = "\(1_000 + min(stoi, 999))".dropFirst()
                return "   0.\(digits)  \(pesq / 100).\("\(100 + pesq % 100)".dropFirst())"
            }
            let width = (rows.map(\.name.count).max() ?? 0) + 2
            var lines = [
                "STOI and PESQ of speech".padded(width) + "      Causeway   as it is, no FEC   as it is, FEC",
                "loss".padded(width) + "   STOI   PESQ    STOI   PESQ    STOI   PESQ",
            ]
            for (name, bridge, forwarded, protected) in rows {
                lines.append(name.padded(width) + [bridge, forwarded, protected].map(column).joined())
            }
            return lines.joined(separator: "\n")
        }

        /// Calls `body` every 20 ms of real time; takes in meanwhile what arrives in all of the rooms.
        private static func pace(_ rooms: [TestRoom], frames: Int, _ body: (Int) -> Void) {
            let former = TestRoom.goFirst()
            defer { setpriority(Int32(PRIO_PROCESS.rawValue), 0, former) }
            let start = monotonicNanoseconds()
            for frame in 0..<frames {
                body(frame)
                let due = start &+ UInt64(frame + 1) &* 20_000_000
                var now = monotonicNanoseconds()
                while now < due {
                    var rest = timespec(tv_sec: 0, tv_nsec: Int(min(due &- now, 5_000_000)))
                    nanosleep(&rest, nil)
                    for room in rooms { room.poll() }
                    now = monotonicNanoseconds()
                }
            }
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
