import LogSubjects
import Logging
import Synchronization
import Testing

@Suite struct LogLineTests {
    private struct Agency: LogSubject {
        static let kind = SubjectKind.point
        var description: String
    }

    /// Written as another name than the one that it is found by.
    private struct Presence: LogSubject {
        static let kind = SubjectKind.call
        var description: String { "p7" }
        var subjectName: String { "call-7" }
    }

    private final class Heard: LogHandler, Sendable {
        private let kept = Mutex<[(Logger.Level, String, Logger.Metadata)]>([])
        private let own: Mutex<Logger.Metadata> = .init([:])
        let logLevel_: Logger.Level
        init(_ level: Logger.Level) { logLevel_ = level }
        var all: [(Logger.Level, String, Logger.Metadata)] { kept.withLock { $0 } }
        var metadata: Logger.Metadata {
            get { own.withLock { $0 } }
            set { own.withLock { $0 = newValue } }
        }
        var logLevel: Logger.Level {
            get { logLevel_ }
            set {}
        }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { own.withLock { $0[key] } }
            set { own.withLock { $0[key] = newValue } }
        }
        func log(event: LogEvent) {
            var fields = metadata
            if let more = event.metadata { fields.merge(more) { $1 } }
            let line = (event.level, event.message.description, fields)
            kept.withLock { $0.append(line) }
        }
    }

    @Test func whatALineNamesIsAFieldOfIt() {
        let line: LogLine =
            "\(Presence()) of \(Agency(description: "soyte")) is in \(meeting: "m-1"), job \(job: 4), \(12) s"
        #expect(line.text == "p7 of soyte is in m-1, job 4, 12 s")
        #expect(line.subjects == [.call: ["call-7"], .point: ["soyte"], .meeting: ["m-1"], .job: ["4"]])
    }

    @Test func ofTwoOfAKindBothAreFields() {
        let line: LogLine = "\(point: "soyte") asked for \(point: "aluoi"), says \(point: "soyte")"
        #expect(line.subjects == [.point: ["soyte", "aluoi"]])
    }

    @Test func aLineSaysMoreThanItsLoggerAndNeitherIsLost() {
        let heard = Heard(.info)
        var logger = SubjectLogger(Logger(label: "test") { _ in heard })
        logger = logger.about(meeting: "m-1", room: "giaoban")
        logger.notice("\(point: "soyte") of \(meeting: "m-2")", fields: ["by": "Chánh Văn phòng"])
        logger.debug("nobody hears \(point: "aluoi")")
        #expect(heard.all.count == 1)
        #expect(heard.all.first?.1 == "soyte of m-2")
        #expect(
            heard.all.first?.2 == ["meeting": "m-2", "room": "giaoban", "point": "soyte", "by": "Chánh Văn phòng"])
    }

    @Test func whatIsKnownBesideALineGivesWayToWhatItSays() {
        let line: LogLine = "\(call: "call-1"): \(point: "soyte") is gone"
        #expect(
            line.about(point: "other", room: "giaoban").subjects
                == [.call: ["call-1"], .point: ["soyte"], .room: ["giaoban"]])
    }
}
