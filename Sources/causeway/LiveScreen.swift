import Dispatch
import Foundation
import Synchronization

/// A screen that is drawn over and over, and given back as it was, also when Ctrl-C ends the command. Where output is
/// no terminal, each look is printed below the one before.
final class LiveScreen: Sendable {
    let isDrawn: Bool
    private let console: Console
    private let isEntered = Mutex(false)
    // A dispatch source may be used from any thread; it is only kept alive here.
    nonisolated(unsafe) private let interrupt: (any DispatchSourceSignal)?

    init(console: Console, isDrawn: Bool) {
        self.console = console
        self.isDrawn = isDrawn
        guard isDrawn else {
            interrupt = nil
            return
        }
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT)
        interrupt = source
        source.setEventHandler { [weak self] in
            self?.leave()
            exit(CommandStatus.success.rawValue)
        }
        source.resume()
    }

    func draw(_ lines: [String]) {
        guard isDrawn else {
            console.write(lines.joined(separator: "\n") + "\n\n")
            return
        }
        let isFirst = isEntered.withLock { entered in
            defer { entered = true }
            return !entered
        }
        // The alternate screen, no cursor; then from the top, each line and the rest cleared.
        let enter = isFirst ? "\u{1B}[?1049h\u{1B}[?25l" : ""
        console.write(enter + "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\r\n" }.joined() + "\u{1B}[J")
    }

    func leave() {
        let wasEntered = isEntered.withLock { entered in
            defer { entered = false }
            return entered
        }
        if wasEntered { console.write("\u{1B}[?25h\u{1B}[?1049l") }
    }
}
