import CLinux
import Glibc

/// Sound on its way in. It is mixed once in 20 ms, so its sockets are emptied once in 20 ms, just before, rather than
/// waking the worker for each packet; the kernel's stamps tell when packets came. A socket on which nothing comes, or far
/// too much, is left to the poller.
extension Worker {
    /// More datagrams in a tick than sound has (eight of 2.5 ms, and RTCP) are a flood, which a socket's buffer does not
    /// hold for 20 ms: while it lasts, and for some ticks (5 s) afterwards, the poller watches the socket. Less than the
    /// batch that `receive` takes.
    private static let mostDatagramsInTick: UInt32 = 10
    private static let ticksToWatch: UInt64 = 250
    /// Ticks without a packet (half a second) after which the poller may tell when there is one.
    private static let fruitlessTicks: UInt8 = 25
    /// So many where nothing came yet: who is about to speak does at once, and many listen only.
    private static let fruitlessTicksAtFirst: UInt8 = 3

    /// Empties the sound sockets of all legs.
    mutating func receiveSound() {
        for slot in slots.indices {
            guard let leg = slots[slot]?.leg, slots[slot]?.duties.contains(.sound) ?? false else { continue }
            let stream = leg.pointee.audio
            if !stream.pointee.isWatched { receive(stream, of: leg, by: .rtp) }
            let datagrams = stream.pointee.datagramsInTick
            stream.pointee.datagramsInTick = 0
            stream.pointee.fruitlessTicks = datagrams == 0 ? stream.pointee.fruitlessTicks &+ 1 : 0
            if datagrams > Self.mostDatagramsInTick {
                stream.pointee.watchedUntil = max(stream.pointee.watchedUntil, ticks &+ Self.ticksToWatch)
                watch(stream, slot: slot)
            } else if stream.pointee.isWatched {
                if datagrams > 0, stream.pointee.watchedUntil <= ticks { leaveAlone(stream) }
            } else if stream.pointee.fruitlessTicks == Self.fruitlessTicks {
                stream.pointee.watchedUntil = 0
                watch(stream, slot: slot)
            }
            if stream.pointee.isWatched { slots[slot]?.duties.remove(.sound) }
        }
    }

    /// Something may come by a socket for sound from now on.
    func awaitSound(on stream: Stream) {
        stream.pointee.fruitlessTicks = Self.fruitlessTicks - Self.fruitlessTicksAtFirst
    }

    /// Whether there is anything to be mixed in a room, or to fade away.
    func hasSound(_ room: Room) -> Bool {
        room.pointee.hasSound || ticks < room.pointee.soundEndsAt || room.pointee.clips.isHeard
    }

    /// Somebody came, left, or agreed on something else: the room may have begun to have sound, or have none any more.
    func noteSound(in room: Room) {
        var hasSound = false
        for index in 0..<room.pointee.legs.count {
            let stream = room.pointee.legs[index].pointee.audio
            if stream.pointee.receives || stream.pointee.sends { hasSound = true }
        }
        if room.pointee.hasSound, !hasSound { room.pointee.soundEndsAt = ticks &+ Self.ticksToFade }
        room.pointee.hasSound = hasSound
    }

    /// After which nobody counts as speaking any more (5 s).
    private static var ticksToFade: UInt64 { 250 }

    /// Leaves a socket to the poller that more than sound comes on.
    func watchForGood(_ stream: Stream, slot: Int) {
        stream.pointee.watchedUntil = .max
        watch(stream, slot: slot)
    }

    private func watch(_ stream: Stream, slot: Int) {
        guard !stream.pointee.isWatched else { return }
        let tag = Self.tag(slot: slot, stream: 0, .rtp)
        stream.pointee.isWatched = cl_epoll_add(descriptors.poller, stream.pointee.rtpSocket, tag) == 0
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
