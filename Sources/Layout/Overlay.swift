public import Codecs

/// What is written over a whole picture: a line for everybody, and the mark that says that a recording is running.
public struct Overlay: Hashable, Sendable {
    /// A message, or what is voted on; empty for none.
    public var message: String
    /// As it is to be read; empty while nothing is recorded.
    public var recordingMark: String

    public init(message: String = "", recordingMark: String = "") {
        self.message = message
        self.recordingMark = recordingMark
    }

    public var isEmpty: Bool { message.isEmpty && recordingMark.isEmpty }
}

/// An overlay drawn for pictures of one size.
public final class OverlayPlates {
    private static let red = YUVColor(red: 190, green: 20, blue: 20)
    private static let margin = 8

    public let overlay: Overlay
    private let message: TextPlate?
    private let mark: TextPlate?

    public init(_ overlay: Overlay, width: Int, height: Int) {
        self.overlay = overlay
        let room = width - 2 * Self.margin
        message =
            overlay.message.isEmpty
            ? nil : TextPlate(overlay.message, mostWidth: room, textHeight: min(max(height / 18, 12), 60))
        mark =
            overlay.recordingMark.isEmpty
            ? nil
            : TextPlate(
                overlay.recordingMark, mostWidth: room, textHeight: min(max(height / 28, 10), 36), band: Self.red)
    }

    /// The mark in the upper right corner, the message in the middle of the upper edge, below the mark's height.
    public func draw(on canvas: I420Picture) {
        var top = Self.margin
        if let mark {
            mark.draw(on: canvas, x: canvas.width - mark.width - Self.margin, y: top)
            top += mark.height + Self.margin
        }
        message?.draw(on: canvas, x: (canvas.width - (message?.width ?? 0)) / 2, y: top)
    }
}
