public import Foundation

extension [EventRecord] {
    /// Where in the master a moment is, in milliseconds, by the last event before it that knows; nil while nothing was recorded.
    public func masterMilliseconds(at time: Date) -> Int64? {
        guard let last = last(where: { $0.at <= time }), let place = last.masterMilliseconds else { return nil }
        let since = (time.timeIntervalSince(last.at) * 1000).rounded()
        return since.isFinite && since < 1e12 ? place &+ Int64(since) : nil
    }
}
