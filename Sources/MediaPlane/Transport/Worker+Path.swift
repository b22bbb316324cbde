import CLinux
import Glibc
import RTP

/// Streams of a leg that share a transport (RFC 9143).
extension Worker {
    /// Has a leg's streams go as offer and answer settled.
    mutating func lay(_ paths: [PathParameters], of leg: Leg) throws(MediaPlaneError) {
        for parameters in paths {
            var streams: [Stream] = []
            for member in parameters.members {
                guard let stream = leg.pointee.stream(member.role) else { throw .slidesNotReserved(leg.pointee.id) }
                streams.append(stream)
            }
            guard let lead = streams.first else { continue }
            let path = leg.pointee.path(ledBy: lead)
            path.pointee.apply(parameters, streams)
            for stream in streams { try join(stream, path) }
            // Pictures do not wait for the tick in which sound is mixed.
            if streams.count > 1, lead == leg.pointee.audio, let slot = slots.firstIndex(of: leg) {
                watchForGood(lead, slot: slot)
            }
        }
    }

    private mutating func join(_ stream: Stream, _ path: UnsafeMutablePointer<PathState>) throws(MediaPlaneError) {
        let former = stream.pointee.path
        stream.pointee.path = path
        let lead = path.pointee.lead
        guard stream != lead, former != path else { return }
        cl_epoll_remove(descriptors.poller, stream.pointee.rtpSocket)
        let socket = dup(lead.pointee.rtpSocket)
        guard socket >= 0 else { throw .noFreePort(errno: errno) }
        retire(RetiredEgress(port: stream.pointee.replacePort(by: socket), sender: nil), stream)
    }
}
