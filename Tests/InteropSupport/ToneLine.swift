import Codecs
import Foundation
import Glibc
import RTP
import Synchronization

/// Sound of our own on a UDP port: speaks sines in G.711, in the clear, and knows at any moment what it hears.
///
/// Where an endpoint leaves a file of what it heard once its call is over, this can be asked while the call lasts.
public final class ToneLine: Sendable {
    public static let sampleRate = RecentSound.sampleRate
    private static let frame = 160

    private struct State {
        var isOpen = true
        /// What is spoken; empty for silence.
        var frequencies: [Double]
        var amplitude: Double
        /// RFC 4733 packets that go out in place of sound, one a frame.
        var events: [TelephoneEvent] = []
        var isPaused = false
        var payloadType: UInt8 = 8
        var remote: UInt16 = 0
        var heard = RecentSound()
    }

    private struct TelephoneEvent {
        var code: UInt8
        var duration: UInt16
        var isEnd: Bool
        var isFirst: Bool
    }

    public let port: UInt16
    private let descriptor: Int32
    private let state: Mutex<State>

    /// Binds a port of its own at `address`; speaks once it was told where to.
    public init(speaking frequencies: [Double], amplitude: Double = 0.25, at address: String = "127.0.0.1") throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
        var patience = timeval(tv_sec: 0, tv_usec: 100_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        port = SocketAddress.bind(descriptor, address)
        state = Mutex(State(frequencies: frequencies, amplitude: amplitude))
        let descriptor = descriptor
        self.address = address
        Thread.detachNewThread { [weak self] in Self.listen(on: descriptor) { self } }
        Thread.detachNewThread { [weak self] in Self.speak { self } }
    }

    private let address: String

    deinit { close(descriptor) }

    /// Sends to this port from now on; 0 sends nowhere.
    public func send(to port: UInt16) { state.withLock { $0.remote = port } }

    /// 8 for PCMA, 0 for PCMU; what comes in is read as it says itself.
    public func use(payloadType: UInt8) { state.withLock { $0.payloadType = payloadType } }

    public func speak(_ frequencies: [Double]) { state.withLock { $0.frequencies = frequencies } }

    /// Sends nothing at all, as points do that were put on hold.
    public func pause(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }

    public func end() { state.withLock { $0.isOpen = false } }

    /// Says a key by RFC 4733: 100 ms of it, its end three times (§2.5.1.4).
    public func press(_ key: Character) throws {
        guard let code = "0123456789*#ABCD".firstIndex(of: key) else { throw ToolFailure("no such key: \(key)") }
        let number = UInt8("0123456789*#ABCD".distance(from: "0".startIndex, to: code))
        let events = (1...8).map { (step: Int) -> TelephoneEvent in
            TelephoneEvent(code: number, duration: UInt16(min(step, 5) * 160), isEnd: step > 5, isFirst: step == 1)
        }
        state.withLock { $0.events += events }
    }

    /// Speaks the two tones of a key (ITU-T Q.23) for so long, and goes back to what it said before.
    public func sing(_ key: Character, for duration: Duration = .milliseconds(200)) async throws {
        guard let (low, high) = TestMedia.keyFrequencies(key) else { throw ToolFailure("no such key: \(key)") }
        let before = state.withLock { $0.frequencies }
        speak([low, high])
        try await Task.sleep(for: duration)
        speak(before)
    }

    // MARK: What is heard

    /// Level in dBFS of a sine in the last 300 ms; silence where nothing comes in.
    public func level(of frequency: Double) -> Double { state.withLock { $0.heard.last }.level(of: frequency) }

    /// RMS of the last 300 ms in dBFS.
    public var loudness: Double { state.withLock { $0.heard.last }.rms }

    public var packetsReceived: UInt64 { state.withLock { $0.heard.received } }

    /// The payload type of what came last.
    public var receivedType: UInt8? { state.withLock { $0.heard.receivedType } }

    /// Keeps all that is heard while `body` lasts.
    public func recording(_ body: () async throws -> Void) async rethrows -> Sound {
        state.withLock { $0.heard.beginRecord() }
        do { try await body() } catch {
            _ = state.withLock { $0.heard.endRecord() }
            throw error
        }
        return state.withLock { $0.heard.endRecord() }
    }

    // MARK: The two threads

    private static func listen(on descriptor: Int32, _ line: () -> ToneLine?) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard let line = line(), line.state.withLock({ $0.isOpen }) else { return }
            if count > 0 {
                let packet = Array(buffer[..<count])
                line.state.withLock { $0.heard.take(packet) }
            }
        }
    }

    private static func speak(_ line: () -> ToneLine?) {
        var sequence = UInt16.random(in: 0..<1_000)
        var timestamp = UInt32.random(in: 0 ... .max)
        var eventTimestamp: UInt32 = 0
        let ssrc = UInt32.random(in: 1 ... .max)
        var phase = 0
        var due = ContinuousClock.now
        while true {
            guard let next = line()?.nextPacket(phase) else { return }
            if let next {
                if next.isFirstOfEvent { eventTimestamp = timestamp }
                var packet = [UInt8](repeating: 0, count: 12) + next.payload
                packet.withUnsafeMutableBytes {
                    guard let base = $0.baseAddress else { return }
                    RTPHeaderWriter.write(
                        base, payloadType: next.payloadType, marker: next.isFirstOfEvent || phase == 0,
                        sequenceNumber: sequence, timestamp: next.isEvent ? eventTimestamp : timestamp, ssrc: ssrc)
                }
                line()?.transmit(packet, to: next.remote)
                sequence &+= 1
            }
            timestamp &+= UInt32(frame)
            phase += frame
            due = due.advanced(by: .milliseconds(20))
            let wait = due - .now
            if wait > .zero {
                usleep(UInt32(wait.components.attoseconds / 1_000_000_000_000))
            } else if wait < .seconds(-1) {
                due = .now
            }
        }
    }

    private struct Outgoing {
        var payloadType: UInt8
        var payload: [UInt8]
        var remote: UInt16
        var isEvent = false
        var isFirstOfEvent = false
    }

    /// What is to be said now; nil in it for nothing, nil for the end.
    private func nextPacket(_ phase: Int) -> Outgoing?? {
        state.withLock { state -> Outgoing?? in
            guard state.isOpen else { return .none }
            guard state.remote != 0, !state.isPaused else { return .some(nil) }
            if !state.events.isEmpty {
                let event = state.events.removeFirst()
                return Outgoing(
                    payloadType: 101,
                    payload: [
                        event.code, event.isEnd ? 0x8A : 0x0A, UInt8(event.duration >> 8), UInt8(event.duration & 0xFF),
                    ],
                    remote: state.remote, isEvent: true, isFirstOfEvent: event.isFirst)
            }
            let share = state.amplitude / max(1, Double(state.frequencies.count)) * 32_767
            let samples = (0..<Self.frame).map { index in
                let time = 2 * Double.pi * Double(phase + index) / Self.sampleRate
                return Int16(state.frequencies.reduce(0.0) { $0 + sin($1 * time) } * share)
            }
            var payload = [UInt8](repeating: 0, count: Self.frame)
            samples.withUnsafeBufferPointer { samples in
                payload.withUnsafeMutableBytes {
                    _ = (state.payloadType == 0 ? G711.muLaw : .aLaw).encode(samples, into: $0)
                }
            }
            return Outgoing(payloadType: state.payloadType, payload: payload, remote: state.remote)
        }
    }

    private func transmit(_ packet: [UInt8], to remote: UInt16) {
        SocketAddress.with(address, remote) { _ = sendto(descriptor, packet, packet.count, 0, $0, $1) }
    }
}
