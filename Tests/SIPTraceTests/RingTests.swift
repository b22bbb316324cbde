import Foundation
import Testing

@testable import SIPTrace

struct RingTests {
    static func message(_ number: Int, size: Int = 800, from host: String = "192.0.2.7", to own: String = "192.0.2.1")
        -> TracedMessage
    {
        let text =
            "OPTIONS sip:\(number)@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK\(number)\r\nCall-ID: c\(number)\r\nCSeq: \(number) OPTIONS\r\n"
            + "From: <sip:a@b>;tag=1\r\nTo: <sip:\(number)@b>\r\nMax-Forwards: 70\r\n"
        let filler = max(0, size - text.utf8.count - 30)
        return TracedMessage(
            at: 1_795_000_000_123_456_789 + UInt64(number), isReceived: number % 2 == 0, transport: "tls",
            local: .init(host: own, port: 5061), remote: .init(host: host, port: 40_000),
            octets: Array(
                (text + "X-F: " + String(repeating: "f", count: filler) + "\r\nContent-Length: 0\r\n\r\n").utf8))
    }

    @Test func theRingHoldsTheLatestInItsOctets() {
        var ring = TraceRing(capacity: 100_000)
        for number in 0..<10_000 { ring.append(Self.message(number)) }
        #expect(ring.octets <= 100_000 && ring.octets > 98_000)
        #expect(ring.all.last?.octets == Self.message(9_999).octets)
        #expect(ring.count == ring.all.count && ring.count > 90)
        #expect(ring.all.map(\.at) == ring.all.map(\.at).sorted())
        #expect(ring.all.allSatisfy { !$0.octets.isEmpty })
        var none = TraceRing(capacity: 0)
        none.append(Self.message(1))
        #expect(none.count == 0)
        var small = TraceRing(capacity: 100)
        small.append(Self.message(1))
        #expect(small.count == 0 && small.octets == 0)
    }

    @Test func whatComesOutIsWhatWentIn() {
        var ring = TraceRing(capacity: 1 << 20)
        let messages = [
            Self.message(0), Self.message(1, size: 60_000), Self.message(2, from: "2001:db8::7", to: "2001:db8::1"),
            TracedMessage(
                at: .max, isReceived: true, transport: "", local: .init(host: "", port: 0),
                remote: .init(host: "cầu.example.vn", port: .max), octets: []),
        ]
        for message in messages { ring.append(message) }
        #expect(ring.all == messages)
        let copy = ring
        for number in 0..<5_000 { ring.append(Self.message(number)) }
        #expect(copy.all == messages)
        #expect(ring.all.last == Self.message(4_999) && !ring.all.contains(messages[0]))
    }

    /// A peer's buffer may have room for a hundred times what it sends.
    @Test func whatAMessageCameInIsNotKept() throws {
        var ring = TraceRing(capacity: 1 << 20)
        var message = Self.message(1)
        message.octets.reserveCapacity(65_536)
        for _ in 0..<5_000 {
            ring.append(message)
            #expect(ring.octets <= 1 << 20)
        }
        for _ in 0..<100 { ring.append(Self.message(1, size: 50_000)) }
        // The allocator rounds up a little.
        #expect(ring.octets <= 1 << 20 && ring.reserved < (1 << 20) * 11 / 10)
        let kept = try #require(ring.all.last)
        #expect(kept.octets.capacity < 51_000)
    }

    @Test func whatIsKeptCostsNothingWhereMoreIsTakenIn() {
        let messages = (0..<64).map { Self.message($0) }
        func take(capacity: Int) -> Duration {
            var ring = TraceRing(capacity: capacity)
            for number in 0..<50_000 { ring.append(messages[number & 63]) }
            return ContinuousClock().measure {
                for number in 0..<50_000 { ring.append(messages[number & 63]) }
            }
        }
        // Of the caches alone, a ring 64 times as large may cost more.
        let (small, large) = (take(capacity: 256 << 10), take(capacity: 16 << 20))
        #expect(large < small * 8, "\(large) beside \(small)")
    }

    /// Wireshark's own reader takes the file: addresses, ports, checksums, times, comments, and SIP in it.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark"), "tshark is missing"))
    func wiresharkReadsTheFile() throws {
        let messages = [
            Self.message(0), Self.message(1), Self.message(2, from: "2001:db8::7", to: "2001:db8::1"),
            Self.message(3, size: 61_001), Self.message(4, from: "192.0.2.8", to: "hop.example.vn"),
        ]
        let path = NSTemporaryDirectory() + "trace-\(UUID().uuidString).pcapng"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(PCAPNG.write(messages, software: "test")).write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tshark")
        process.arguments = [
            "-r", path, "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields", "-E",
            "separator=|",
            "-e", "frame.time_epoch", "-e", "ip.src", "-e", "ipv6.src", "-e", "udp.srcport", "-e", "udp.dstport",
            "-e", "udp.checksum.status", "-e", "sip.Call-ID", "-e", "frame.comment",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n").map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
        try #require(lines.count == 5, "\(text)")
        #expect(lines[0] == ["1795000000.123456789", "192.0.2.7", "", "40000", "5061", "1", "c0", "received over tls"])
        #expect(lines[1].dropFirst() == ["192.0.2.1", "", "5061", "40000", "1", "c1", "sent over tls"])
        #expect(lines[2][2] == "2001:db8::7" && lines[2][5] == "1" && lines[2][6] == "c2")
        #expect(lines[3][6] == "c3" && lines[3][5] == "1")
        #expect(lines[4][2] == "::" && lines[4][6] == "c4")
    }
}
