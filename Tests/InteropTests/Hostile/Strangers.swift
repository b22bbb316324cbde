import Foundation
import Glibc
import InteropSupport

/// Sockets of many strangers, each with an address of its own out of 127.0.0.0/8.
enum Strangers {
    /// The address of a stranger: 127.16.0.0 and on, 65,536 of them in each of 200 networks.
    static func address(_ number: Int) -> String {
        "127.\(16 + (number >> 16) % 200).\(number >> 8 & 0xFF).\(number & 0xFF)"
    }

    /// A socket at `address` that speaks to a loopback port alone, and waits for nothing. A stream's connection may still
    /// be on its way.
    static func socket(_ type: __socket_type, at address: String, to port: UInt16) throws -> (Int32, port: UInt16) {
        let flags = Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = Glibc.socket(AF_INET, flags, 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
        var own = inet(address, 0)
        var peer = inet("127.0.0.1", port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The port is chosen when it connects: as many for each address as there are.
        var late: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &late, socklen_t(MemoryLayout<Int32>.size))
        let isThere = withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
        let isConnected = withUnsafePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, length) == 0 || errno == EINPROGRESS
            }
        }
        guard isThere, isConnected else {
            close(descriptor)
            throw ToolFailure("\(address): no way to port \(port): \(String(cString: strerror(errno)))")
        }
        var bound = length
        withUnsafeMutablePointer(to: &own) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &bound) }
        }
        return (descriptor, UInt16(bigEndian: own.sin_port))
    }

    private static func inet(_ address: String, _ port: UInt16) -> sockaddr_in {
        var value = sockaddr_in()
        value.sin_family = sa_family_t(AF_INET)
        value.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &value.sin_addr)
        return value
    }

    /// Lets this process, and the daemon that it starts, have as many open files as the system allows; returns how many.
    @discardableResult
    static func raiseFileLimit() -> Int {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(files, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// Runs what blocks on a thread of its own.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    static let withoutWaiting = Int32(MSG_DONTWAIT)

    /// What of a datagram or stream waits to be read; nil when nothing does, empty when the peer has closed it.
    static func read(_ descriptor: Int32, _ buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
        let count = recv(descriptor, &buffer, buffer.count, withoutWaiting)
        if count > 0 { return buffer[..<count] }
        return count == 0 || (errno != EAGAIN && errno != ECONNREFUSED) ? [] : nil
    }

    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count }
    }
}

/// As much of a response as a flood has time to read.
struct QuickResponse {
    private let text: Substring

    init?(_ octets: ArraySlice<UInt8>) {
        guard octets.starts(with: "SIP/2.0 ".utf8) else { return nil }
        text = Substring(decoding: octets, as: UTF8.self)
    }

    var status: Int { Int(text.dropFirst(8).prefix(3)) ?? 0 }

    /// The number after `z9hG4bK-` in the topmost Via.
    var number: Int? {
        text.range(of: "branch=z9hG4bK-").flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) }
    }

    /// Of CSeq.
    var sequence: Int? { value(of: "CSeq").flatMap { Int($0.prefix { $0.isNumber }) } }

    func value(of header: String) -> Substring? {
        text.range(of: "\r\n\(header): ").map { text[$0.upperBound...].prefix { !$0.isNewline } }
    }

    /// In their order.
    var headerNames: [String] {
        text.split(whereSeparator: \.isNewline).dropFirst().map { String($0.prefix { $0 != ":" }) }
    }

    func values(of header: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("\(header): ") }
            .map { $0.dropFirst(header.count + 2) }
    }

    /// The nonce that both challenges have.
    var nonce: Substring? {
        text.range(of: "nonce=\"").map { text[$0.upperBound...].prefix { $0 != "\"" } }
    }
}

/// Figures for docs/security-signalling.md: lines on standard error, and in the file that `CAUSEWAY_FIGURES` names.
enum Figures {
    static func note(_ what: String, _ figures: KeyValuePairs<String, Any>) {
        let line = "| \(what) | " + figures.map { "\($0): \($1)" }.joined(separator: ", ") + " |\n"
        FileHandle.standardError.write(Data(line.utf8))
        guard let path = ProcessInfo.processInfo.environment["CAUSEWAY_FIGURES"] else { return }
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else { return }
        _ = try? file.seekToEnd()
        file.write(Data(line.utf8))
    }

    static func megabytes(_ kilobytes: Int) -> String { "\(kilobytes / 1_024) MB" }
}

/// How much the tests do: little in CI, more where the environment asks for it.
enum Weight {
    private static func value(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
    }
    static var floodSeconds: Int { value("CAUSEWAY_FLOOD_SECONDS", 4) }
    /// New calls a second that the flooded daemon is set to take; ten times as many come.
    static var callsPerSecond: Int { value("CAUSEWAY_FLOOD_RATE", 20) }
    static var connections: Int { value("CAUSEWAY_FLOOD_CONNECTIONS", 2_000) }
    static var points: Int { value("CAUSEWAY_FLOOD_POINTS", 400) }
}
