import DTLS
import Dispatch
import Glibc
import SRTP
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
            let now = Self.wallClock
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
    func prepare(_ name: Name, _ parameters: PathParameters.Keying, for worker: WorkerMailbox) {
        queue.async { [desk, context] in
            desk.end(name)
            do throws(DTLSSetupError) {
                let association = try DTLSAssociation(
                    context, role: parameters.role, fingerprints: parameters.fingerprints, wallClock: Self.wallClock)
                desk.associations[name] = Desk.Entry(association: association, worker: worker)
            } catch {
                desk.onFailure(name.leg, .protocolViolation("\(error)"))
            }
        }
    }

    /// There is a way to the peer.
    func start(_ name: Name) { queue.async { [desk] in desk.handle(.start, of: name) } }

    /// Copies a datagram that came from the peer.
    func take(_ datagram: UnsafeRawBufferPointer, of name: Name) {
        guard waiting.load(ordering: .relaxed) < Self.mostWaiting,
            datagram.count <= DTLSAssociation.maximumDatagramLength
        else { return }
        let octets = Array(datagram)
        waiting.add(1, ordering: .relaxed)
        queue.async { [self] in
            waiting.subtract(1, ordering: .relaxed)
            desk.handle(.datagram(octets), of: name)
        }
    }

    /// The leg is gone, or its media is keyed otherwise.
    func end(_ name: Name) { queue.async { [desk] in desk.end(name) } }

    private static var wallClock: Int { time(nil) }

    /// `@unchecked Sendable`: touched on the queue alone, from the end of `KeyAgreement.init` on.
    private final class Desk: @unchecked Sendable {
        struct Entry {
            let association: DTLSAssociation
            let worker: WorkerMailbox
        }

        let onFailure: @Sendable (LegID, DTLSFailure) -> Void
        var associations: [Name: Entry] = [:]
        var timer: (any DispatchSourceTimer)?
        private var due: ContinuousClock.Instant?

        init(_ onFailure: @escaping @Sendable (LegID, DTLSFailure) -> Void) { self.onFailure = onFailure }

        func handle(_ event: DTLSEvent, of name: Name) {
            guard let entry = associations[name] else { return }
            perform(entry.association.handle(event, at: .now), of: name, entry)
            schedule()
        }

        func end(_ name: Name) {
            guard let entry = associations.removeValue(forKey: name) else { return }
            perform(entry.association.handle(.close, at: .now), of: name, entry)
        }

        func timeOut() {
            let now = ContinuousClock.now
            due = nil
            for (name, entry) in associations where entry.association.deadline.map({ $0 <= now }) ?? false {
                perform(entry.association.handle(.timeout, at: now), of: name, entry)
            }
            schedule()
        }

        private func perform(_ actions: [DTLSAction], of name: Name, _ entry: Entry) {
            var datagrams: [[UInt8]] = []
            for action in actions {
                switch action {
                case .send(let datagram): datagrams.append(datagram)
                case .connected(let local, let remote):
                    entry.worker.post(.keyPath(name, local: local, remote: remote))
                case .failed(let failure):
                    associations[name] = nil
                    onFailure(name.leg, failure)
                // The peer hangs up by SIP, or calls no more.
                case .closed: associations[name] = nil
                }
            }
            if !datagrams.isEmpty { entry.worker.post(.sendOnPath(name, datagrams)) }
        }

        /// Sets the timer for what is due first.
        private func schedule() {
            let next = associations.values.lazy.compactMap(\.association.deadline).min()
            guard next != due else { return }
            due = next
            let delay = next.map { max(.zero, $0 - .now) / .nanoseconds(1) } ?? .infinity
            timer?.schedule(
                deadline: delay.isFinite ? .now() + .nanoseconds(Int(delay)) : .distantFuture, leeway: .milliseconds(5))
        }
    }
}
