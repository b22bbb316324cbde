import BenchSupport
import CBench
import Glibc

/// CPU time and heap requests of stretches of this thread's work.
struct Gauge {
    private(set) var nanoseconds: UInt64 = 0
    private(set) var allocations: UInt64 = 0
    private(set) var times = 0

    /// Begins to count the heap requests of this program.
    static func open() { cb_count_allocations("sip-bench") }

    mutating func measure<Value>(times: Int = 1, _ body: () throws -> Value) rethrows -> Value {
        let allocations = cb_allocations()
        let start = Self.cpu
        let value = try body()
        nanoseconds &+= Self.cpu &- start
        self.allocations &+= cb_allocations() &- allocations
        self.times += times
        return value
    }

    var microseconds: Double { Double(nanoseconds) / 1_000 / Double(max(1, times)) }
    var allocationsEach: Double { Double(allocations) / Double(max(1, times)) }

    private static var cpu: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Whichever took less: what disturbs only adds.
    static func better(_ left: Gauge?, _ right: Gauge) -> Gauge {
        guard let left else { return right }
        return left.microseconds <= right.microseconds ? left : right
    }
}
