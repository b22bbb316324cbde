/// What is said between who has a job and the runner that runs it, one message a datagram. Numbers are big-endian.
///
/// The runner begins, with `welcome` or `refused`, so that who is not taken has ordered nothing yet and may run its child itself. Then
/// comes one `order`, with the descriptors of the child's standard output and error and, before them, of its input where it has one; the
/// answer is `started` or `notStarted`, and after the child's end `ended`. A connection is a job's: its end is the job's.
package enum JobMessage: Hashable, Sendable {
    /// An order will be heard.
    case welcome
    case refused(Refusal)
    case order(JobOrder)
    /// To the child's group: SIGTERM or SIGKILL.
    case signal(Int32)
    case started
    /// With an errno.
    case notStarted(Int32)
    /// With the exit status and the signal that killed it, or 0.
    case ended(status: Int32, signal: Int32)

    package enum Refusal: UInt8, Hashable, Sendable {
        /// As many jobs run as the runner takes.
        case full = 1
        /// The order or its descriptors are none.
        case malformed = 2
    }

    package enum ParseFailure: Error, Hashable, Sendable {
        case empty
        case tooLong
        case unknownKind(UInt8)
        case cutShort
        /// Octets after the end.
        case trailing
        case badValue
    }

    /// Of any message, in octets.
    package static let longest = 131_072

    private enum Kind: UInt8 {
        case welcome = 1
        case refused, order, signal, started, notStarted, ended
    }

    package init(parsing octets: some Collection<UInt8>) throws(ParseFailure) {
        guard octets.count <= Self.longest else { throw .tooLong }
        var reader = JobReader(octets)
        guard !reader.isAtEnd else { throw .empty }
        let number = try reader.octet()
        guard let kind = Kind(rawValue: number) else { throw .unknownKind(number) }
        switch kind {
        case .welcome: self = .welcome
        case .refused:
            guard let reason = Refusal(rawValue: try reader.octet()) else { throw .badValue }
            self = .refused(reason)
        case .order: self = .order(try JobOrder(from: &reader))
        case .signal:
            let number = try reader.number()
            guard Self.signals.contains(number) else { throw .badValue }
            self = .signal(number)
        case .started: self = .started
        case .notStarted: self = .notStarted(try reader.number())
        case .ended: self = .ended(status: try reader.number(), signal: try reader.number())
        }
        guard reader.isAtEnd else { throw .trailing }
    }

    /// SIGKILL and SIGTERM, as Linux numbers them everywhere.
    private static let signals: Set<Int32> = [9, 15]

    /// The octets of it, ``longest`` at most.
    package var serialised: [UInt8] {
        var writer = JobWriter()
        switch self {
        case .welcome: writer.octet(Kind.welcome.rawValue)
        case .refused(let reason):
            writer.octet(Kind.refused.rawValue)
            writer.octet(reason.rawValue)
        case .order(let order):
            writer.octet(Kind.order.rawValue)
            order.write(to: &writer)
        case .signal(let number):
            writer.octet(Kind.signal.rawValue)
            writer.number(number)
        case .started: writer.octet(Kind.started.rawValue)
        case .notStarted(let failure):
            writer.octet(Kind.notStarted.rawValue)
            writer.number(failure)
        case .ended(let status, let signal):
            writer.octet(Kind.ended.rawValue)
            writer.number(status)
            writer.number(signal)
        }
        return writer.octets
    }
}

/// Reads what a message has, and never beyond it.
struct JobReader {
    private let octets: [UInt8]
    private var at = 0

    init(_ octets: some Collection<UInt8>) { self.octets = Array(octets) }

    var isAtEnd: Bool { at == octets.count }

    mutating func octet() throws(JobMessage.ParseFailure) -> UInt8 {
        guard at < octets.count else { throw .cutShort }
        defer { at += 1 }
        return octets[at]
    }

    mutating func number() throws(JobMessage.ParseFailure) -> Int32 {
        var value: UInt32 = 0
        for _ in 0..<4 { value = value << 8 | UInt32(try octet()) }
        return Int32(bitPattern: value)
    }

    mutating func large() throws(JobMessage.ParseFailure) -> Int64 {
        var value: UInt64 = 0
        for _ in 0..<8 { value = value << 8 | UInt64(try octet()) }
        return Int64(bitPattern: value)
    }

    /// A count of octets, and they: UTF-8 without NUL, which C cannot take.
    mutating func text() throws(JobMessage.ParseFailure) -> String {
        let count = Int(try number())
        guard count >= 0, count <= octets.count - at else { throw .cutShort }
        let part = octets[at..<at + count]
        at += count
        guard !part.contains(0), let text = String(validating: part, as: UTF8.self) else { throw .badValue }
        return text
    }

    mutating func texts(most: Int) throws(JobMessage.ParseFailure) -> [String] {
        let count = Int(try number())
        guard count >= 0, count <= most else { throw .badValue }
        var texts: [String] = []
        for _ in 0..<count { texts.append(try text()) }
        return texts
    }
}

struct JobWriter {
    private(set) var octets: [UInt8] = []

    mutating func octet(_ value: UInt8) { octets.append(value) }

    mutating func number(_ value: Int32) {
        withUnsafeBytes(of: value.bigEndian) { octets += $0 }
    }

    mutating func large(_ value: Int64) {
        withUnsafeBytes(of: value.bigEndian) { octets += $0 }
    }

    mutating func text(_ value: String) {
        number(Int32(clamping: value.utf8.count))
        octets += value.utf8
    }

    mutating func texts(_ values: [String]) {
        number(Int32(clamping: values.count))
        for value in values { text(value) }
    }
}
