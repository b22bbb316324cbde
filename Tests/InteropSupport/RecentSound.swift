import Codecs
import RTP

/// What came in G.711: the last of it always, and from some moment on all of it.
struct RecentSound {
    static let sampleRate = 8_000.0
    /// What is judged: the last so many samples.
    static let window = 2_400
    /// Five minutes are kept at most.
    private static let longestRecord = 2_400_000

    private var heard = [Float](repeating: 0, count: window)
    private var lastHeardAt: ContinuousClock.Instant?
    private(set) var received: UInt64 = 0
    private(set) var receivedType: UInt8?
    /// Nothing where nothing is kept.
    private var record: [Float]?

    /// Takes an RTP packet.
    mutating func take(_ packet: [UInt8]) {
        guard packet.count > 1, !(192...223).contains(packet[1]),
            let info = try? packet.withUnsafeBytes({ try RTPPacketInfo(parsing: $0) }),
            let law = [0: G711.muLaw, 8: G711.aLaw][info.payloadType]
        else { return }
        let payload = Array(packet[info.payloadRange])
        var samples = [Int16](repeating: 0, count: payload.count)
        payload.withUnsafeBytes { bytes in
            samples.withUnsafeMutableBufferPointer { _ = law.decode(bytes, into: $0) }
        }
        let sound = samples.map { Float($0) / 32_768 }
        heard.append(contentsOf: sound)
        heard.removeFirst(max(0, heard.count - Self.window))
        let now = ContinuousClock.now
        if record != nil {
            // What did not come is silence, as long as it took.
            let missing = lastHeardAt.map { ($0.duration(to: now) - .milliseconds(60)) / .seconds(1) } ?? 0
            record?.append(contentsOf: repeatElement(0, count: max(0, Int(missing * Self.sampleRate))))
            record?.append(contentsOf: sound)
            if let count = record?.count, count > Self.longestRecord { record = nil }
        }
        lastHeardAt = now
        received += 1
        receivedType = info.payloadType
    }

    /// The last 300 ms; silence where nothing comes in.
    var last: Sound {
        let gap = lastHeardAt.map { ContinuousClock.now - $0 } ?? .seconds(1)
        return Sound(sampleRate: Self.sampleRate, samples: gap < .milliseconds(200) ? heard : [])
    }

    /// Keeps all that comes from now on.
    mutating func beginRecord() { record = [] }

    /// What came since the record began.
    mutating func endRecord() -> Sound {
        defer { record = nil }
        return Sound(sampleRate: Self.sampleRate, samples: record ?? [])
    }
}

extension Sound {
    /// The longest time in seconds for which a sine that should be there all the while is below a level in dBFS, in steps
    /// of 10 ms.
    public func longestGap(of frequency: Double, below level: Double = -30) -> Double {
        let count = Int(sampleRate / 50)
        var longest = 0.0
        var began: Int?
        for start in stride(from: 0, through: samples.count - count, by: count / 2) {
            let window = Sound(sampleRate: sampleRate, samples: Array(samples[start..<start + count]))
            guard window.shortLevel(of: frequency) < level else {
                began = nil
                continue
            }
            let first = began ?? start
            began = first
            longest = max(longest, Double(start + count - first) / sampleRate)
        }
        return longest
    }

    /// The share of the time, 0…1, in which a sine that should be there all the while is not below a level in dBFS.
    public func share(of frequency: Double, above level: Double = -30) -> Double {
        let count = Int(sampleRate / 50)
        let starts = stride(from: 0, through: samples.count - count, by: count / 2)
        let heard = starts.count { start in
            Sound(sampleRate: sampleRate, samples: Array(samples[start..<start + count])).shortLevel(of: frequency)
                >= level
        }
        return Double(heard) / Double(max(1, starts.underestimatedCount))
    }
}
