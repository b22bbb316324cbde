import CSpawn
import CSystemd
import Glibc

/// The command `causeway-jobs`: starts children for the daemon, as it orders them over a Unix socket, and ends those whose connection
/// ends. It stands on nothing but what starts children, so that a program which reads hostile files has little beside it.
///
/// systemd hands it the socket; without systemd, `--listen PATH` makes one.
@main
struct JobRunnerProgram {
    private static let usage = "usage: causeway-jobs [--listen PATH]"
    /// `SD_LISTEN_FDS_START`, a macro.
    private static let firstHandedOver: Int32 = 3

    static func main() {
        umask(0o027)
        let arguments = Array(CommandLine.arguments.dropFirst())
        var termination: Int32 = -1
        let failure = cs_hear_termination(&termination)
        guard failure == 0 else { fail(String(cString: strerror(failure)), status: 1) }
        let listener =
            switch (arguments.first, arguments.count) {
            case (nil, _): handedOver()
            case ("--listen", 2): listening(at: arguments[1])
            default: fail(usage, status: 64)
            }
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
        var service = RunnerService(listener: listener, termination: termination)
        sd_notify(0, "READY=1\nSTATUS=no jobs")
        // Whoever started it without systemd sees by this that it may be connected to.
        if !arguments.isEmpty { print("listening") }
        fflush(nil)
        service.run()
        if let path = arguments.last { unlink(path) }
    }

    private static func handedOver() -> Int32 {
        guard sd_listen_fds(1) == 1, sd_is_socket_unix(firstHandedOver, Int32(SOCK_SEQPACKET.rawValue), 1, nil, 0) > 0
        else { fail("it wants one Unix socket (SOCK_SEQPACKET) from systemd; \(usage)", status: 64) }
        return firstHandedOver
    }

    private static func listening(at path: String) -> Int32 {
        var made: Int32 = -1
        let failure = cs_listen(path, &made)
        guard failure == 0 else { fail("\(path): \(String(cString: strerror(failure)))", status: 1) }
        return made
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        RunnerService.say(text)
        exit(status)
    }
}
