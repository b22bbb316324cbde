import DTLS
import Dispatch
import Glibc
import SRTP
import STUN
import Synchronization

/// Shakes hands with peers for the keys of their media (RFC 5763). It has a thread of its own, for a handshake takes a
/// worker longer than a packet may wait: workers hand over what comes, and are told what to send and the keys.
final class KeyAgreement: Sendable {
    /// One association: a leg's, on the transport led by a stream.
    struct Name: Hashable, Sendable {
        var leg: LegID
        var lead: StreamRole
    }

    /// Datagrams that wait for the thread at most; what comes beyond is lost, as on a full line.
    private static let mostWaiting = 4_096

    let fingerprint: DTLSFingerprint
    private let context: DTLSContext
    private let queue = DispatchQueue(label: "key-agreement", qos: .userInitiated)
    private let desk: Desk
    private let waiting = Atomic(0)

    /// - Parameter onFailure: called on the thread; the association is over then.
    init(
        suites: [SRTPSuite], onFailure: @escaping @Sendable (LegID, DTLSFailure) -> Void
    ) throws(MediaPlaneError) {
        do throws(DTLSSetupError) {
            let day = 86_400
            let now = time(nil)
            let identity = try DTLSIdentity(validFrom: now - day, until: now + 3_650 * day)
            context = try DTLSContext(identity, DTLSConfiguration(suites: suites))
            fingerprint = identity.fingerprint
        } catch { throw .engineUnavailable("DTLS: \(error)") }
        desk = Desk(onFailure)
        desk.timer = DispatchSource.makeTimerSource(queue: queue)
        desk.timer?.setEventHandler { [desk] in desk.timeOut() }
        desk.timer?.activate()
    }

    deinit {
        desk.timer?.cancel()
    }

    /// Prepares an association in place of the one before.
    ///
    /// - Parameter address: of the peer's description; nil where ICE finds it.
    func prepare(
        _ name: Name, _ parameters: PathParameters.Keying, at address: TransportAddress?, for worker: WorkerMailbox
    ) {
        queue.async { [desk, context] in
            desk.end(name)
            do throws(DTLSSetupError) {
                desk.handshakes[name] = Desk.Entry(
                    handshake: try PathHandshake(context, parameters, at: address), worker: worker)
            } catch {
                desk.onFailure(name.leg, .protocolViolation("\(error)"))
            }
        }
    }

    /// There is a way to the peer.
    func start(_ name: Name) { queue.async { [desk] in desk.drive(name) { $0.start(at: .now) } } }

    /// Copies a datagram that came from the peer.
    func take(_ datagram: UnsafeRawBufferPointer, from source: TransportAddress, of name: Name) {
        guard waiting.load(ordering: .relaxed) < Self.mostWaiting,
            datagram.count <= DTLSAssociation.maximumDatagramLength
        else { return }
        let octets = Array(datagram)
        waiting.add(1, ordering: .relaxed)
        queue.async { [self] in
            waiting.subtract(1, ordering: .relaxed)
            desk.drive(name) { $0.take(octets, from: source, at: .now) }
        }
    }

    /// The leg is gone, or its media is keyed otherwise.
    func end(_ name: Name) { queue.async { [desk] in desk.end(name) } }

    /// `@unchecked Sendable`: touched on the queue alone, from the end of `KeyAgreement.init` on.
    private final class Desk: @unchecked Sendable {
        struct Entry {
            var handshake: PathHandshake
            let worker: WorkerMailbox
        }

        let onFailure: @Sendable (LegID, DTLSFailure) -> Void
        var handshakes: [Name: Entry] = [:]
        var timer: (any DispatchSourceTimer)?
        private var due: ContinuousClock.Instant?

        init(_ onFailure: @escaping @Sendable (LegID, DTLSFailure) -> Void) { self.onFailure = onFailure }

        func drive(_ name: Name, _ body: (inout PathHandshake) -> [PathHandshake.Action]) {
            guard var entry = handshakes.removeValue(forKey: name) else { return }
            let actions = body(&entry.handshake)
            handshakes[name] = entry
            perform(actions, of: name, entry.worker)
            schedule()
        }

        func end(_ name: Name) {
            guard var entry = handshakes.removeValue(forKey: name) else { return }
            perform(entry.handshake.close(at: .now), of: name, entry.worker)
        }

        func timeOut() {
            let now = ContinuousClock.now
            due = nil
            let late = handshakes.filter { $0.value.handshake.deadline.map { $0 <= now } ?? false }
            for name in late.keys { drive(name) { $0.timeOut(at: now) } }
            schedule()
        }

        private func perform(_ actions: [PathHandshake.Action], of name: Name, _ worker: WorkerMailbox) {
            for action in actions {
                switch action {
                case .send(let datagram, let address): worker.post(.sendOnPath(name, datagram, to: address))
                case .connected(let local, let remote, let address):
                    worker.post(.keyPath(name, local: local, remote: remote, at: address))
                case .failed(let failure):
                    handshakes[name] = nil
                    onFailure(name.leg, failure)
                // The peer hangs up by SIP, or calls no more.
                case .closed: handshakes[name] = nil
                }
            }
        }

        /// Sets the timer for what is due first.
        private func schedule() {
            let next = handshakes.values.lazy.compactMap(\.handshake.deadline).min()
            guard next != due else { return }
            due = next
            let delay = next.map { max(.zero, $0 - .now) / .nanoseconds(1) } ?? .infinity
            timer?.schedule(
                deadline: delay.isFinite ? .now() + .nanoseconds(Int(delay)) : .distantFuture, leeway: .milliseconds(5))
        }
    }
}
