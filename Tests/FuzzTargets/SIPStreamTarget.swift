import SIP

/// A stream that comes in pieces: the first octet says of what size. The pieces must not matter.
enum SIPStreamTarget {
    private static let maximumSize = 2048

    private struct Outcome: Equatable {
        var frames: [StreamFramer.Frame] = []
        var error: SIPParseError?
    }

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        var input = FuzzInput(octets)
        let size = Int(input.byte()) + 1
        let stream = input.octets(.max)
        let whole = try frame(stream, pieces: max(1, stream.count))
        let pieces = try frame(stream, pieces: size)
        try require(
            pieces.error == nil || pieces.error?.status == 413 || whole.error != nil,
            "a piece fails where the whole passes")
        // What is refused for its size may be found out earlier in pieces, never later; all before it is the same.
        if whole.error == nil, pieces.error == nil {
            try require(whole == pieces, "the pieces give other frames than the whole")
        } else {
            try require(
                zip(whole.frames, pieces.frames).allSatisfy { $0 == $1 }, "the pieces give other frames than the whole")
        }
        for case .message(let message) in whole.frames { try SIPMessageTarget.run(message) }
    }

    private static func frame(_ stream: [UInt8], pieces size: Int) throws(FuzzFinding) -> Outcome {
        var framer = StreamFramer(maximumMessageSize: maximumSize)
        var outcome = Outcome()
        var rest = stream[...]
        while !rest.isEmpty {
            framer.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            do throws(SIPParseError) {
                while let frame = try framer.next() { outcome.frames.append(frame) }
            } catch {
                outcome.error = error
                _ = error.response(tag: "t")
                // A stream that has failed stays so.
                let next = try? framer.next()
                try require(next == nil, "a failed stream goes on")
                break
            }
            _ = framer.isInsideMessage
        }
        for case .message(let message) in outcome.frames {
            try require(message.count <= maximumSize, "a frame of \(message.count) octets")
        }
        return outcome
    }
}
