/// Cuts a TCP or TLS stream into messages by their Content-Length (RFC 3261 §18.3), and tells keep-alives (RFC 5626
/// §4.4.1). Holds no more than one message of the greatest size and what was appended at once.
public struct StreamFramer: Sendable {
    public enum Frame: Hashable, Sendable {
        /// The octets of one message, for `SIPMessage(parsing:)`.
        case message([UInt8])
        /// CRLF CRLF: answer with one CRLF.
        case keepAlive
    }

    private enum Phase: Sendable {
        /// Looking for the empty line; the octets before `searched` hold none.
        case head(searched: Int)
        case body(total: Int)
        case failed(SIPParseError)
    }

    private let limits: SIPParseLimits
    private var buffer: [UInt8] = []
    private var start = 0
    private var phase = Phase.head(searched: 0)

    public init(maximumMessageSize: Int) {
        var limits = SIPParseLimits()
        limits.messageSize = maximumMessageSize
        self.init(limits: limits)
    }

    public init(limits: SIPParseLimits) { self.limits = limits }

    /// A message has begun and is not complete.
    public var isInsideMessage: Bool {
        buffer[start...].contains { $0 != .carriageReturn && $0 != .lineFeed }
    }

    public mutating func append(_ octets: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            if case .head(let searched) = phase { phase = .head(searched: max(0, searched - start)) }
            start = 0
        }
        buffer.append(contentsOf: octets)
    }

    /// The next frame, nil when more octets are needed.
    /// - Throws: when the stream can no longer be framed: answer if the error can be answered, then close the
    ///   connection.
    public mutating func next() throws(SIPParseError) -> Frame? {
        switch phase {
        case .failed(let error):
            throw error
        case .body(let total):
            return take(total)
        case .head:
            break
        }
        switch try skipLineEnds() {
        case .keepAlive: return .keepAlive
        case .incomplete: return nil
        case .message: break
        }
        guard let headEnd = findHeadEnd() else {
            guard buffer.count - start <= limits.messageSize else {
                throw fail(SIPParseError(status: 413, reason: "message too large"))
            }
            return nil
        }
        let length: Int
        do throws(SIPSyntaxError) {
            length = try Self.contentLength(buffer[start..<headEnd])
        } catch {
            throw fail(refusal(of: headEnd, SIPParseError(reason: error.reason)))
        }
        let total = headEnd - start + length
        guard length <= limits.messageSize, total <= limits.messageSize else {
            throw fail(refusal(of: headEnd, SIPParseError(status: 413, reason: "message too large")))
        }
        phase = .body(total: total)
        return take(total)
    }

    private mutating func take(_ total: Int) -> Frame? {
        guard buffer.count - start >= total else { return nil }
        // A slice of all that is there would become the buffer itself, with all that it has room for, and leave us a new one.
        let message = buffer.withUnsafeBufferPointer { Array($0[start..<(start + total)]) }
        start += total
        phase = .head(searched: start)
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 65_536)
            start = 0
            phase = .head(searched: 0)
        }
        return .message(message)
    }

    /// What the octets at `start` begin.
    private enum Lead { case message, keepAlive, incomplete }

    /// Line ends before a message mean nothing, except two together.
    private mutating func skipLineEnds() throws(SIPParseError) -> Lead {
        guard let isLineEnd = try lineEnd(at: start) else { return .incomplete }
        guard isLineEnd else { return .message }
        guard let isSecond = try lineEnd(at: start + 2) else { return .incomplete }
        start += isSecond ? 4 : 2
        phase = .head(searched: start)
        return isSecond ? .keepAlive : .message
    }

    /// Whether a CRLF is there; nil when that cannot be told yet.
    /// - Throws: for a CR alone. Waiting for its LF while more comes would have no end.
    private mutating func lineEnd(at index: Int) throws(SIPParseError) -> Bool? {
        guard index < buffer.count else { return nil }
        guard buffer[index] == .carriageReturn else { return false }
        guard index + 1 < buffer.count else { return nil }
        guard buffer[index + 1] == .lineFeed else {
            throw fail(SIPParseError(reason: "a line ends in CR without LF"))
        }
        return true
    }

    /// Where the body begins. Remembers how far it looked, so that octets that come one by one cost no more than once
    /// each.
    private mutating func findHeadEnd() -> Int? {
        guard case .head(let searched) = phase else { return nil }
        var index = max(start, searched)
        while index + 3 < buffer.count {
            if buffer[index] == .carriageReturn, buffer[index + 1] == .lineFeed, buffer[index + 2] == .carriageReturn,
                buffer[index + 3] == .lineFeed
            {
                return index + 4
            }
            index += 1
        }
        phase = .head(searched: index)
        return nil
    }

    private mutating func fail(_ error: SIPParseError) -> SIPParseError {
        phase = .failed(error)
        buffer = []
        start = 0
        return error
    }

    /// The head parsed as a whole message without body, for the headers that the answer copies.
    private func refusal(of headEnd: Int, _ error: SIPParseError) -> SIPParseError {
        SIPParseError(
            status: error.status, reason: error.reason,
            rejectable: SIPParser.rejectable(inHead: Array(buffer[start..<headEnd]), limits: limits))
    }

    /// The one Content-Length of a head. Folds are not followed: a length written in one is refused, not guessed.
    private static func contentLength(_ head: ArraySlice<UInt8>) throws(SIPSyntaxError) -> Int {
        var found: Int?
        var lineStart = head.startIndex
        while let end = head[lineStart...].firstIndex(of: .carriageReturn), end > lineStart {
            let line = head[lineStart..<end]
            lineStart = min(end + 2, head.endIndex)
            guard let colon = line.firstIndex(of: .colon), line.first?.isWhitespace == false,
                SIPHeaderName(line[..<colon].trimmed) == .contentLength
            else { continue }
            guard found == nil else { throw SIPSyntaxError("Content-Length appears more than once") }
            guard let value = line[(colon + 1)...].trimmed.decimal(atMost: UInt64(Int32.max)) else {
                throw SIPSyntaxError("Content-Length is malformed")
            }
            found = Int(value)
        }
        guard let found else { throw SIPSyntaxError("Content-Length is missing") }
        return found
    }
}
