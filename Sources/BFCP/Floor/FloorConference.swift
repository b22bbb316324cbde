/// The floors of one conference, and who asked for them: rules only (RFC 8855 §3 and §13). Changes gather until they are
/// taken, and are then to be told.
struct FloorConference {
    let settings: FloorConferenceSettings
    /// Those that go on, in order of arrival.
    private(set) var requests: [FloorRequest] = []
    private var changed: [FloorRequest] = []
    private var lastRequestID: UInt16 = 0

    init(settings: FloorConferenceSettings) { self.settings = settings }

    func request(_ id: UInt16) -> FloorRequest? { requests.first { $0.id == id } }

    /// Whose the floor is.
    func holder(of floor: UInt16) -> UInt16? {
        requests.first { $0.status == .granted && $0.floors.contains(floor) }?.beneficiary
    }

    /// Each request that changed since, once, as it is now; the last to change last.
    mutating func takeChanges() -> [FloorRequest] {
        defer { changed = [] }
        return changed
    }

    // MARK: Events

    /// Somebody asks for floors; what becomes of it at once shows in the request.
    mutating func ask(
        for floors: [UInt16], by requester: UInt16, beneficiary: UInt16, priority: UInt8 = 2, info: BFCPText? = nil
    ) throws(FloorRefusal) -> UInt16 {
        guard !floors.isEmpty, floors.allSatisfy(settings.floors.contains) else { throw .invalidFloor }
        let own = requests.filter { $0.beneficiary == beneficiary && $0.shares(floors) }
        // Whoever holds a floor that is taken over may take it over from itself, as after a restart.
        let counted = own.filter { !(settings.contention == .takeOver && $0.status == .granted) }
        guard counted.count < settings.requestsPerUser, requests.count < Int(UInt16.max) else {
            throw .tooManyRequests
        }
        let request = FloorRequest(
            id: newRequestID(), requester: requester, beneficiary: beneficiary, floors: Set(floors).sorted(),
            priority: min(priority, 4), info: info)
        requests.append(request)
        note(request)
        if !settings.awaitsChair { admit(request.id) }
        return request.id
    }

    /// The chair, or nobody where none is awaited, has nothing against it.
    mutating func admit(_ id: UInt16) {
        guard let request = request(id), request.status == .pending else { return }
        if isFree(request.floors) { return set(id, .granted) }
        switch settings.contention {
        case .takeOver: grant(id)
        case .queue:
            set(id, .accepted)
            renumber()
        case .deny: finish(id, .denied)
        }
    }

    /// Gives the floors away, whoever holds them.
    mutating func grant(_ id: UInt16) {
        guard let request = request(id), request.status != .granted else { return }
        for other in requests where other.status == .granted && other.shares(request.floors) {
            remove(other.id, .revoked)
        }
        set(id, .granted)
        serve()
    }

    /// The request goes no further: `status` is one of those that are final.
    mutating func finish(_ id: UInt16, _ status: BFCPRequestStatus) {
        guard status.isFinal, request(id) != nil else { return }
        remove(id, status)
        serve()
    }

    /// Its user no longer wants it.
    mutating func release(_ id: UInt16) {
        guard let request = request(id) else { return }
        finish(id, request.status == .granted ? .released : .cancelled)
    }

    /// The user is gone, and all that it asked for.
    mutating func releaseAll(of user: UInt16) {
        for request in requests where request.beneficiary == user { release(request.id) }
    }

    // MARK: Changes

    private func isFree(_ floors: [UInt16]) -> Bool {
        !requests.contains { $0.status == .granted && $0.shares(floors) }
    }

    /// Gives floors that have become free to those who wait for them.
    private mutating func serve() {
        for request in queue where isFree(request.floors) { set(request.id, .granted) }
        renumber()
    }

    /// Those that wait, the next first.
    private var queue: [FloorRequest] {
        requests.enumerated()
            .filter { $0.element.status == .accepted }
            .sorted { ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset) }
            .map(\.element)
    }

    private mutating func renumber() {
        for (position, request) in queue.enumerated() {
            let position = UInt8(clamping: position + 1)
            guard request.queuePosition != position else { continue }
            update(request.id) { $0.queuePosition = position }
        }
    }

    private mutating func set(_ id: UInt16, _ status: BFCPRequestStatus) {
        update(id) {
            $0.status = status
            $0.queuePosition = 0
        }
    }

    private mutating func remove(_ id: UInt16, _ status: BFCPRequestStatus) {
        set(id, status)
        requests.removeAll { $0.id == id }
    }

    private mutating func update(_ id: UInt16, _ change: (inout FloorRequest) -> Void) {
        guard let index = requests.firstIndex(where: { $0.id == id }) else { return }
        change(&requests[index])
        note(requests[index])
    }

    private mutating func note(_ request: FloorRequest) {
        changed.removeAll { $0.id == request.id }
        changed.append(request)
    }

    private mutating func newRequestID() -> UInt16 {
        repeat {
            lastRequestID = lastRequestID == .max ? 1 : lastRequestID + 1
        } while request(lastRequestID) != nil
        return lastRequestID
    }
}

/// One floor request, for one floor or several at once (RFC 8855 §3).
struct FloorRequest: Hashable {
    let id: UInt16
    let requester: UInt16
    /// Who gets the floor.
    let beneficiary: UInt16
    /// In order, each once.
    let floors: [UInt16]
    let priority: UInt8
    let info: BFCPText?
    var status = BFCPRequestStatus.pending
    /// 1 for the next; 0 where it does not wait.
    var queuePosition: UInt8 = 0

    func shares(_ other: [UInt16]) -> Bool { floors.contains(where: other.contains) }
}

/// Why a floor request does not even become one.
public enum FloorRefusal: Error, Hashable, Sendable {
    case conferenceUnknown
    case participantUnknown
    case notAllowed
    case invalidFloor
    case tooManyRequests

    var code: BFCPErrorCode {
        switch self {
        case .conferenceUnknown: .conferenceDoesNotExist
        case .participantUnknown: .userDoesNotExist
        case .notAllowed: .unauthorizedOperation
        case .invalidFloor: .invalidFloorID
        case .tooManyRequests: .maximumFloorRequestsReached
        }
    }
}
