import SIP

/// Where the points can be reached: the bindings that they registered. Pure state; who may register what is settled
/// before.
struct Registrar {
    struct Change: Equatable {
        var uri: URI
        /// nil: the request's Expires, or the default.
        var expires: UInt32?
        var quality: String?
        var instance: String?
        /// `reg-id`: the device keeps several flows, and this is one of them.
        var flowNumber: UInt32?
    }

    enum Request {
        case query
        case removeAll
        case change([Change], expires: UInt32?)
    }

    enum Outcome: Equatable {
        /// All that hold now, and whether the request changed any.
        case bindings([Binding], areChanged: Bool)
        /// 423 with this Min-Expires.
        case tooBrief(minimum: UInt32)
        /// 403: the point has as many bindings as it may have.
        case tooMany
        /// 503: the registrar is full.
        case full
        /// 500: an older request overtook (RFC 3261 §10.3 step 7).
        case outOfOrder
    }

    /// What identifies the request that changes bindings, and where it came from.
    struct Origin {
        var callID: String
        var sequence: UInt32
        var flow: Flow
        var path: [String] = []
        var userAgent: String?
        /// The device asks for GRUUs; a name for the temporary one that nobody can guess.
        var temporaryGRUU: String?
    }

    private static let temporaryGRUUsPerBinding = 8

    private let limits: RegistrarLimits
    private(set) var bindings: [String: [Binding]] = [:]
    private var pointsOfFlow: [Flow: Set<String>] = [:]

    init(limits: RegistrarLimits) { self.limits = limits }

    /// Takes in what a former run knew.
    mutating func restore(_ bindings: [Binding], of point: String) { replace(bindings, of: point) }

    mutating func handle(_ request: Request, of point: String, from origin: Origin, at now: SIPInstant) -> Outcome {
        var current = contacts(of: point, at: now)
        switch request {
        case .query:
            return .bindings(current, areChanged: false)
        case .removeAll:
            guard !current.contains(where: { Self.overtakes($0, origin) }) else { return .outOfOrder }
            current.removeAll()
        case .change(let changes, let requestExpires):
            for change in changes {
                if let refusal = apply(change, requestExpires, to: &current, from: origin, at: now) { return refusal }
            }
        }
        if bindings[point] == nil, !current.isEmpty, bindings.count >= limits.points {
            for (point, held) in bindings where held.allSatisfy({ $0.expires <= now }) { replace([], of: point) }
            guard bindings.count < limits.points else { return .full }
        }
        replace(current, of: point)
        return .bindings(current, areChanged: true)
    }

    private func apply(
        _ change: Change, _ requestExpires: UInt32?, to current: inout [Binding], from origin: Origin,
        at now: SIPInstant
    ) -> Outcome? {
        let seconds = change.expires ?? requestExpires ?? limits.defaultExpiry.wholeSeconds
        let minimum = limits.minimumExpiry.wholeSeconds
        if seconds != 0, seconds < minimum { return .tooBrief(minimum: minimum) }
        var key = Binding.Key.contact
        if let instance = change.instance, let number = change.flowNumber {
            key = .flow(instance: instance, number: number)
        }
        var binding = Binding(
            uri: change.uri, key: key, instance: change.instance, callID: origin.callID, sequence: origin.sequence,
            expires: now + .seconds(Int64(min(seconds, limits.maximumExpiry.wholeSeconds))), quality: change.quality,
            path: origin.path, flow: origin.flow, userAgent: origin.userAgent)
        let index = current.firstIndex { $0.isSame(as: binding) }
        if let index, Self.overtakes(current[index], origin) { return .outOfOrder }
        guard seconds != 0 else {
            if let index { current.remove(at: index) }
            return nil
        }
        // A restarted device leaves its old contact behind under the same instance: the new one takes its place.
        let former =
            index
            ?? current.firstIndex {
                change.instance != nil && key == .contact && $0.instance == change.instance && $0.key == .contact
            }
        if let former, current[former].callID == origin.callID {
            binding.temporaryGRUUs = current[former].temporaryGRUUs
        }
        if change.instance != nil, let name = origin.temporaryGRUU {
            binding.temporaryGRUUs = Array((binding.temporaryGRUUs + [name]).suffix(Self.temporaryGRUUsPerBinding))
        }
        if let former {
            current[former] = binding
        } else {
            guard current.count < limits.bindingsPerPoint else { return .tooMany }
            current.append(binding)
        }
        return nil
    }

    func contacts(of point: String, at now: SIPInstant) -> [Binding] {
        (bindings[point] ?? []).filter { $0.expires > now }
    }

    // MARK: Flows

    /// Whether somebody is reached on a flow.
    func isInUse(_ flow: Flow) -> Bool { pointsOfFlow[flow] != nil }

    /// A connection is gone. What was registered as a flow went with it (RFC 5626 §6); a contact may still be reached by
    /// another.
    /// - Returns: the points whose bindings are others now.
    mutating func flowFailed(_ flow: Flow) -> [String] {
        let points = pointsOfFlow[flow] ?? []
        for point in points {
            let left = (bindings[point] ?? []).compactMap { binding -> Binding? in
                guard binding.flow == flow else { return binding }
                guard binding.key == .contact else { return nil }
                var binding = binding
                binding.flow = nil
                return binding
            }
            replace(left, of: point)
        }
        return Array(points)
    }

    private mutating func replace(_ current: [Binding], of point: String) {
        for case let flow? in (bindings[point] ?? []).map(\.flow) {
            pointsOfFlow[flow]?.remove(point)
            if pointsOfFlow[flow]?.isEmpty == true { pointsOfFlow[flow] = nil }
        }
        bindings[point] = current.isEmpty ? nil : current
        for case let flow? in current.map(\.flow) { pointsOfFlow[flow, default: []].insert(point) }
    }

    private static func overtakes(_ binding: Binding, _ origin: Origin) -> Bool {
        binding.callID == origin.callID && binding.sequence >= origin.sequence
    }
}

extension Duration {
    /// Rounded up, so that a binding just made shows its full time.
    var wholeSeconds: UInt32 {
        let parts = components
        return UInt32(clamping: parts.seconds + (parts.attoseconds > 0 ? 1 : 0))
    }
}
