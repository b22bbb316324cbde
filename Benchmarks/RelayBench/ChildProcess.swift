import BenchSupport
import CBench
import Glibc

/// A relay that runs as a program of its own, on a core of its own. It ends with this object, or with this process.
final class ChildProcess {
    enum Failure: Error, CustomStringConvertible {
        case cannotStart(String, errno: Int32)
        case silent(String)
        case ended(String)

        var description: String {
            switch self {
            case .cannotStart(let program, let errno): "\(program) does not start: errno \(errno)"
            case .silent(let program): "\(program) gave no answer within \(ChildProcess.patienceMilliseconds / 1_000) s"
            case .ended(let program): "\(program) ended too early"
            }
        }
    }

    private static let patienceMilliseconds: Int32 = 10_000
    private static let endPatience: UInt64 = 2_000_000_000

    let pid: pid_t
    private let program: String
    private let input: Int32
    private let output: Int32
    private var pending: [UInt8] = []

    init(_ arguments: [String], core: Int32) throws(Failure) {
        program = arguments.first ?? ""
        var vector = arguments.map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
        defer { for argument in vector { free(argument) } }
        var input: Int32 = -1
        var output: Int32 = -1
        let wantsErrors: Int32 = getenv("RELAY_BENCH_ERRORS") == nil ? 0 : 1
        let pid = cb_spawn(&vector, core, wantsErrors, &input, &output)
        guard pid > 0 else { throw .cannotStart(program, errno: -pid) }
        self.pid = pid
        self.input = input
        self.output = output
    }

    deinit {
        close(input)
        close(output)
        kill(pid, SIGTERM)
        let start = Clock.steady
        while waitpid(pid, nil, WNOHANG) == 0 {
            if Clock.steady &- start > Self.endPatience { kill(pid, SIGKILL) }
            usleep(2_000)
        }
    }

    var cpuNanoseconds: UInt64 { cb_process_cpu(pid) }

    var hasEnded: Bool { kill(pid, 0) != 0 || waitpid(pid, nil, WNOHANG) != 0 }

    func tell(_ line: String) throws(Failure) {
        let bytes = Array((line + "\n").utf8)
        guard write(input, bytes, bytes.count) == bytes.count else { throw .ended(program) }
    }

    /// Writes a line and reads the line that answers it.
    func ask(_ line: String) throws(Failure) -> String {
        try tell(line)
        return try hear()
    }

    /// Reads a line.
    func hear() throws(Failure) -> String {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let answer = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeFirst(end + 1)
                return answer
            }
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, Self.patienceMilliseconds) > 0 else { throw .silent(program) }
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { throw .ended(program) }
            pending += buffer[..<count]
        }
    }
}
