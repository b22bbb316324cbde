import CBench
import SRTP

/// Rooms of one source and so many viewers each: the load generator's side of a relay, on the calling thread.
package final class StreamLoad {
    /// One source and those who see it.
    package struct Room {
        package let source: StreamSource
        package let sinks: [StreamSink]
    }

    /// What one run at one rate came to.
    package struct Run {
        package var seconds = 0.0
        package var expected = 0
        package var delivered = 0
        package var outOfOrder = 0
        package var checked = 0
        /// CPU time of the relay.
        package var relayNanoseconds: UInt64 = 0
        /// Packets that the generator's own sockets dropped: its fault, not the relay's.
        package var droppedByGenerator = 0
        /// Nanoseconds from departure to arrival, sorted.
        package var latencies: [UInt64] = []

        package init() {}
        package var lost: Int { expected - delivered }
        package var packetsPerSecond: Double { Double(delivered) / seconds }
        package var nanosecondsPerPacket: Double { Double(relayNanoseconds) / Double(max(1, delivered)) }
        package var relayLoad: Double { Double(relayNanoseconds) / 1e9 / seconds }

        /// The latency in microseconds that the given share of packets stayed below; nil when none was timed.
        package func microseconds(atShare share: Double) -> Double? {
            guard !latencies.isEmpty else { return nil }
            let index = min(latencies.count - 1, Int(Double(latencies.count) * share))
            return Double(latencies[index]) / 1_000
        }
    }

    package let rooms: [Room]
    package let shape: MediaShape
    /// Sinks of each room.
    package let viewers: Int
    private let sinks: [StreamSink]
    private let inbox = Inbox()
    private let relayCPU: () -> UInt64
    private var nextSink = 0
    private var nextRoundAt: UInt64 = 0

    /// Sinks are looked at once in so many nanoseconds, and without a poller: waking the generator for each packet would
    /// cost the relay, which delivers on loopback in its own time, more than the packet.
    private static let round: UInt64 = 1_000_000
    /// A generator that was held up longer than this (nanoseconds) sends late from then on, rather than all at once.
    private static let mostBehind: UInt64 = 500_000

    /// Makes sockets and keys. One sink in `sampling` also decrypts and checks. `relayCPU` reads the CPU time that the
    /// relay has used, in nanoseconds.
    package init(
        rooms count: Int, viewers: Int, _ shape: MediaShape, _ suite: SRTPSuite?, _ engine: SRTPEngine,
        sampling: Int = 20, relayCPU: @escaping () -> UInt64
    ) throws {
        self.shape = shape
        self.viewers = viewers
        self.relayCPU = relayCPU
        var rooms: [Room] = []
        var made = 0
        for _ in 0..<count {
            let source = try StreamSource(shape, suite, engine)
            var sinks: [StreamSink] = []
            for _ in 0..<viewers {
                sinks.append(try StreamSink(shape, suite, engine, isSampled: made.isMultiple(of: sampling)))
                made += 1
            }
            rooms.append(Room(source: source, sinks: sinks))
        }
        self.rooms = rooms
        sinks = rooms.flatMap(\.sinks)
    }

    /// Sleeps where there is nothing to do, and leaves the core to whoever else makes load there. Frames then go out up to a
    /// tenth of a millisecond late.
    package var rests = false

    /// Legs that the relay has for this load.
    package var legs: Int { rooms.count + sinks.count }

    /// Delivered packets a second when each source sends at its own rate.
    package var nominalRate: Double { Double(sinks.count * shape.burst * shape.framesPerSecond) }

    private var blind: Int { sinks.count { $0.delivered < shape.burst } }

    /// Keyframes, so that viewers are shown the source whatever went on before: more than once where a source is new, or
    /// was taken for stalled while others were measured.
    package func prime() throws {
        for sink in sinks { sink.reset() }
        for attempt in 0..<300 where attempt == 0 || blind > 0 {
            for room in rooms {
                try room.source.sendFrame(isKeyframe: true, span: 20_000_000)
                drain(for: 200_000)
            }
            settle()
        }
        let blind = blind
        guard blind == 0 else { throw LoadError.noPicture(sinks: blind) }
    }

    /// Sends `packetsPerSecond` delivered packets a second, spread evenly over the sources in bursts, and counts what
    /// comes of it. Meanwhile calls `aside` as often as it can, with the time.
    package func run(
        packetsPerSecond: Double, seconds: Double, timesArrivals: Bool = false, aside: ((UInt64) throws -> Void)? = nil
    ) throws -> Run {
        for room in rooms { room.source.sent = 0 }
        for sink in sinks {
            sink.reset()
            sink.wantTimes(timesArrivals)
        }
        let droppedBefore = drops
        let framesPerSecond = packetsPerSecond / Double(shape.burst * viewers)
        let interval = max(1, UInt64(1e9 / framesPerSecond))
        let span = interval &* UInt64(rooms.count)
        let cpuBefore = relayCPU()
        let start = Clock.steady
        let end = start &+ UInt64(seconds * 1e9)
        var due = start
        var frame = 0
        while due < end {
            let now = Clock.steady
            try aside?(now)
            if due <= now {
                try rooms[frame % rooms.count].source.sendFrame(span: span)
                frame += 1
                due = max(due &+ interval, now &- Self.mostBehind)
            } else {
                if rests, nextSink == 0, now < nextRoundAt { Clock.sleep(until: min(due, nextRoundAt)) }
                poll(at: now)
            }
        }
        var result = Run()
        result.expected = rooms.reduce(0) { $0 + $1.source.sent } * viewers
        let patience = Clock.steady &+ 200_000_000
        while sinks.reduce(0, { $0 + $1.delivered }) < result.expected, Clock.steady < patience { pollAll() }
        // What the relay still had to do when the last frame was sent counts as well.
        result.seconds = Double(Clock.steady &- start) / 1e9
        result.relayNanoseconds = relayCPU() &- cpuBefore
        result.droppedByGenerator = drops - droppedBefore
        for sink in sinks {
            result.delivered += sink.delivered
            result.outOfOrder += sink.sequence.outOfOrder
            result.checked += sink.checked
            result.latencies += sink.latencies
            if let wrong = sink.wrong { throw LoadError.wrongContent(wrong) }
            sink.wantTimes(false)
        }
        result.latencies.sort()
        return result
    }

    private var drops: Int { sinks.reduce(0) { $0 + Int(cb_drops($1.peer.socket)) } }

    /// Takes in what the next sink has, if it is time.
    private func poll(at now: UInt64) {
        if nextSink == 0 {
            guard now >= nextRoundAt else { return }
            nextRoundAt = now &+ Self.round
        }
        while sinks[nextSink].poll(inbox) {}
        nextSink = (nextSink + 1) % sinks.count
    }

    private func pollAll() { for sink in sinks { while sink.poll(inbox) {} } }

    /// Takes in what comes within so many nanoseconds.
    package func drain(for nanoseconds: UInt64) {
        let end = Clock.steady &+ nanoseconds
        while Clock.steady < end { pollAll() }
    }

    /// Takes in what is still on its way, so that it does not count for what is sent next.
    private func settle() {
        let end = Clock.steady &+ 500_000_000
        var before = -1
        while delivered != before, Clock.steady < end {
            before = delivered
            drain(for: 10_000_000)
        }
    }

    /// Packets that came since the last run began, or since `prime` did.
    package var delivered: Int { sinks.reduce(0) { $0 + $1.delivered } }
}
