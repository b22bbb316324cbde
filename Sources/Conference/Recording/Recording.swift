/// How the recording of a meeting stands. Without an order nothing reaches the disk.
enum Recording: Hashable, Sendable, Codable {
    case notOrdered
    case running(Conference.RecordingOrder)
    case paused(Conference.RecordingOrder)
    case stopped(Conference.RecordingOrder)
    case failed(Conference.RecordingOrder, text: String)

    var outcome: RecordingOutcome {
        switch self {
        case .notOrdered: .notOrdered
        case .running(let order), .paused(let order), .stopped(let order): .recorded(order)
        case .failed(let order, let text): .failed(order, text: text)
        }
    }

    /// The order under which it runs or is paused.
    var orderInForce: Conference.RecordingOrder? {
        switch self {
        case .running(let order), .paused(let order): order
        case .notOrdered, .stopped, .failed: nil
        }
    }
}
