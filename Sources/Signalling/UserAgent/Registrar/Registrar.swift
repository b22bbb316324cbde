import SIP

/// Where the points can be reached: the bindings that they registered (RFC 3261 §10.3). Pure state; who may register what
/// is settled before.
struct Registrar {
    struct Binding: Equatable {
        /// The contact URI as the point wrote it.
        var contact: String
        var callID: String
        var sequence: UInt32
        var expires: ContinuousClock.Instant
        var quality: String?
        var flow: Flow
        var userAgent: String?
    }

    struct Change: Equatable {
        var contact: String
        /// nil: the request's Expires, or the default.
        var expires: UInt32?
        var quality: String?
    }

    enum Request {
        case query
        case removeAll
        case change([Change], expires: UInt32?)
    }

    enum Outcome: Equatable {
        case bindings([(contact: String, expires: UInt32)])
        /// 423 with this Min-Expires.
        case tooBrief(minimum: UInt32)
        /// 403: the point has as many bindings as it may have.
        case tooMany
        /// 503: the registrar is full.
        case full
        /// 500: an older request overtook (§10.3 step 7).
        case outOfOrder

        static func == (left: Outcome, right: Outcome) -> Bool {
            switch (left, right) {
            case (.bindings(let one), .bindings(let other)): one.elementsEqual(other, by: ==)
            case (.tooBrief(let one), .tooBrief(let other)): one == other
            case (.tooMany, .tooMany), (.full, .full), (.outOfOrder, .outOfOrder): true
            default: false
            }
        }
    }

    /// What identifies the request that changes bindings, and where it came from.
    struct Origin {
        var callID: String
        var sequence: UInt32
        var flow: Flow
        var userAgent: String?
    }

    private let limits: RegistrarLimits
    private(set) var bindings: [String: [Binding]] = [:]

    init(limits: RegistrarLimits) { self.limits = limits }

    mutating func handle(
        _ request: Request, of point: String, from origin: Origin, at now: ContinuousClock.Instant
    ) -> Outcome {
        var current = (bindings[point] ?? []).filter { $0.expires > now }
        switch request {
        case .query:
            break
        case .removeAll:
            guard !current.contains(where: { Self.overtakes($0, origin) }) else { return .outOfOrder }
            current.removeAll()
        case .change(let changes, let requestExpires):
            for change in changes {
                let seconds = change.expires ?? requestExpires ?? Self.seconds(limits.defaultExpiry)
                if seconds != 0, seconds < Self.seconds(limits.minimumExpiry) {
                    return .tooBrief(minimum: Self.seconds(limits.minimumExpiry))
                }
                let index = current.firstIndex { $0.contact == change.contact }
                if let index, Self.overtakes(current[index], origin) { return .outOfOrder }
                guard seconds != 0 else {
                    if let index { current.remove(at: index) }
                    continue
                }
                let granted = min(seconds, Self.seconds(limits.maximumExpiry))
                let binding = Binding(
                    contact: change.contact, callID: origin.callID, sequence: origin.sequence,
                    expires: now.advanced(by: .seconds(Int64(granted))), quality: change.quality, flow: origin.flow,
                    userAgent: origin.userAgent)
                if let index {
                    current[index] = binding
                } else {
                    guard current.count < limits.bindingsPerPoint else { return .tooMany }
                    current.append(binding)
                }
            }
        }
        if bindings[point] == nil, !current.isEmpty, bindings.count >= limits.points {
            bindings = bindings.filter { $0.value.contains { $0.expires > now } }
            guard bindings.count < limits.points else { return .full }
        }
        bindings[point] = current.isEmpty ? nil : current
        return .bindings(current.map { ($0.contact, Self.seconds(now.duration(to: $0.expires))) })
    }

    func contacts(of point: String, at now: ContinuousClock.Instant) -> [Binding] {
        (bindings[point] ?? []).filter { $0.expires > now }
    }

    private static func overtakes(_ binding: Binding, _ origin: Origin) -> Bool {
        binding.callID == origin.callID && binding.sequence >= origin.sequence
    }

    /// Whole seconds, rounded up, so that a binding just made shows its full time.
    private static func seconds(_ duration: Duration) -> UInt32 {
        let parts = duration.components
        return UInt32(clamping: parts.seconds + (parts.attoseconds > 0 ? 1 : 0))
    }
}
