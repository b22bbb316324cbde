/// The wave form of a film's sound, in the format of BBC audiowaveform (version 2), which web players draw: for each tenth of
/// a second the lowest and the highest sample, in 8 bits.
struct Waveform {
    private static let samplesPerPixel = Voice.sampleRate / 10

    private var pixels: [Int8] = []
    private var count = 0
    private var lowest: Int32 = 0
    private var highest: Int32 = 0

    mutating func add(_ samples: [Int32]) {
        for sample in samples {
            lowest = min(lowest, sample)
            highest = max(highest, sample)
            count += 1
            if count == Self.samplesPerPixel { end() }
        }
    }

    private mutating func end() {
        pixels.append(Int8(clamping: lowest >> 8))
        pixels.append(Int8(clamping: highest >> 8))
        (count, lowest, highest) = (0, 0, 0)
    }

    mutating func json() -> String {
        if count > 0 { end() }
        return """
            {"version":2,"channels":1,"sample_rate":\(Voice.sampleRate),"samples_per_pixel":\(Self.samplesPerPixel),\
            "bits":8,"length":\(pixels.count / 2),"data":[\(pixels.map(String.init).joined(separator: ","))]}

            """
    }
}
