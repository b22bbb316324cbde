import Foundation

/// Where a command writes. Tests put another in its place.
struct Console: Sendable {
    var write: @Sendable (String) -> Void
    var writeError: @Sendable (String) -> Void
    /// Columns of the terminal that output goes to; nil where it goes elsewhere.
    var width: @Sendable () -> Int?
    /// Whether progress may be drawn, which goes where errors go.
    var drawsProgress: Bool

    @TaskLocal static var current = Console.standard

    static let standard = Console(
        write: { put($0, STDOUT_FILENO) }, writeError: { put($0, STDERR_FILENO) },
        width: { terminalWidth(STDOUT_FILENO) }, drawsProgress: isatty(STDERR_FILENO) == 1)

    func line(_ text: String = "") { write(text + "\n") }
    func errorLine(_ text: String) { writeError(text + "\n") }

    private static func put(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }

    private static func terminalWidth(_ descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
