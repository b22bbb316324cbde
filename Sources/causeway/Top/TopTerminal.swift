import Dispatch
import Foundation
import Synchronization

/// The terminal while `causeway top` has it: the other screen, no cursor, no echo; as it was before when it is given back,
/// whatever ends the command but SIGKILL.
final class TopTerminal: Sendable {
    enum Event: Sendable { case key(TerminalKey), resized }

    let events: AsyncStream<Event>
    private let before: termios
    private let isEntered = Mutex(true)
    // Dispatch sources may be used from any thread; they are only kept alive here.
    nonisolated(unsafe) private let sources: [any DispatchSourceProtocol]

    static var isThere: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Takes the terminal.
    init() {
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        before = settings
        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(64))
        self.events = events
        let keys = Mutex(TerminalKeys())
        let reading = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
        reading.setEventHandler {
            var octets = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &octets, octets.count)
            // The terminal went away.
            guard count > 0 else { return _ = continuation.yield(.key(.interrupt)) }
            for key in keys.withLock({ $0.take(octets[..<count]) }) { continuation.yield(.key(key)) }
        }
        var sources: [any DispatchSourceProtocol] = [reading]
        for number in [SIGINT, SIGTERM, SIGHUP, SIGWINCH] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield(number == SIGWINCH ? .resized : .key(.interrupt)) }
            sources.append(source)
        }
        self.sources = sources
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        Console.standard.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
        for source in sources { source.resume() }
    }

    deinit { leave() }

    func leave() {
        let wasEntered = isEntered.withLock { entered in
            defer { entered = false }
            return entered
        }
        guard wasEntered else { return }
        Console.standard.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        var settings = before
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        for source in sources { source.cancel() }
    }

    /// One whole picture in one write, so that nothing flickers. Each line is cleared before it is written: behind a full one the cursor
    /// still stands on its last column.
    func draw(_ lines: [String]) {
        let text = lines.map { "\u{1B}[2K" + $0 + "\u{1B}[0m" }.joined(separator: "\r\n")
        Console.standard.write("\u{1B}[H" + text + (lines.count < Self.size.height ? "\r\n\u{1B}[J" : ""))
    }

    static var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    static var hasColours: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment["NO_COLOR"] ?? "" == "" && !["", "dumb"].contains(environment["TERM"] ?? "")
    }
}
