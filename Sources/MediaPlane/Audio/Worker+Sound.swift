import CLinux
import Glibc

/// Sound on its way in. It is mixed once in 20 ms, so its sockets are emptied once in 20 ms, just before, rather than
/// waking the worker for each packet; the kernel's stamps tell when packets came.
extension Worker {
    /// More datagrams in a tick than sound has (eight of 2.5 ms, and RTCP) are a flood, which a socket's buffer does not
    /// hold for 20 ms: while it lasts, and for some ticks (5 s) afterwards, the poller watches the socket. Less than the
    /// batch that `receive` takes.
    private static let mostDatagramsInTick: UInt32 = 10
    private static let ticksToWatch: UInt64 = 250

    /// Empties the sound sockets of all legs.
    mutating func receiveSound() {
        for slot in slots.indices {
            guard let leg = slots[slot] else { continue }
            let stream = leg.pointee.audio
            receive(stream, of: leg, onRTCPSocket: false)
            if stream.pointee.datagramsInTick > Self.mostDatagramsInTick {
                watch(stream, slot: slot)
            } else if stream.pointee.watchedUntil != 0, stream.pointee.watchedUntil <= ticks {
                cl_epoll_remove(descriptors.poller, stream.pointee.rtpSocket)
                stream.pointee.watchedUntil = 0
            }
            stream.pointee.datagramsInTick = 0
        }
    }

    private func watch(_ stream: Stream, slot: Int) {
        if stream.pointee.watchedUntil == 0 {
            let tag = Self.tag(slot: slot, video: false, rtcp: false)
            guard cl_epoll_add(descriptors.poller, stream.pointee.rtpSocket, tag) == 0 else { return }
        }
        stream.pointee.watchedUntil = ticks &+ Self.ticksToWatch
    }

    /// A stamp of the wall clock on the monotonic clock: not after now, nor further back than a step of the wall clock
    /// could make it seem. Now, where there is none.
    func monotonic(_ stamp: UInt64) -> UInt64 {
        guard stamp != 0 else { return now }
        let age = Int64(truncatingIfNeeded: wallNanoseconds() &- stamp)
        return now &- UInt64(min(max(0, age), Self.oldestStamp))
    }

    private static var oldestStamp: Int64 { 200_000_000 }
}

/// The wall clock, in nanoseconds since 1970.
func wallNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
