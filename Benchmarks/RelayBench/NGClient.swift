import BenchSupport
import CBench
import Glibc

/// Speaks rtpengine's control protocol: a cookie and a bencoded dictionary in one datagram each way.
final class NGClient {
    enum Failure: Error, CustomStringConvertible {
        case silent(String)
        case refused(String, reason: String)
        case cannotSend(errno: Int32)

        var description: String {
            switch self {
            case .silent(let command): "rtpengine does not answer \(command)"
            case .refused(let command, let reason): "rtpengine refuses \(command): \(reason)"
            case .cannotSend(let errno): "rtpengine's control port cannot be reached: errno \(errno)"
            }
        }
    }

    private let socket: Int32
    private let port: UInt16
    private var cookie = 0

    init(port: UInt16) throws(Failure) {
        self.port = port
        var own: UInt16 = 0
        socket = cb_open_socket(&own)
        guard socket >= 0 else { throw .cannotSend(errno: -socket) }
    }

    deinit { close(socket) }

    /// Sends a command and returns what answers it.
    func ask(_ command: String, _ fields: [String: Bencode], patienceMilliseconds: Int32 = 3_000) throws -> Bencode {
        cookie += 1
        var message = fields
        message["command"] = .text(command)
        let prefix = Array("c\(cookie) ".utf8)
        let bytes = prefix + Bencode.dictionary(message).encoded
        let sent = cb_send(socket, port, bytes, 1, 0, UInt32(bytes.count))
        guard sent == 0 else { throw Failure.cannotSend(errno: -sent) }
        while true {
            var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, patienceMilliseconds) > 0 else { throw Failure.silent(command) }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0, buffer[..<count].starts(with: prefix) else { continue }
            let answer = try Bencode(decoding: buffer[prefix.count..<count])
            let result = answer["result"]?.text ?? ""
            guard result == "ok" || result == "pong" else {
                throw Failure.refused(command, reason: answer["error-reason"]?.text ?? result)
            }
            return answer
        }
    }
}
