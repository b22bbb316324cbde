internal import CSpeexDSP

/// Changes the sample rate of one mono stream (speexdsp). Nothing is allocated after `init` while the rates stay.
///
/// `@unchecked Sendable`: the value owns its C object alone and cannot be copied, so whoever holds it is its only user.
public struct Resampler: ~Copyable, @unchecked Sendable {
    public let inputRate: Int
    public let outputRate: Int
    private let state: OpaquePointer

    /// - Parameters:
    ///   - inputRate: in Hz, 1 to 768,000, as `outputRate`.
    ///   - quality: 0 (least work) to 10; 4 suits speech.
    public init(from inputRate: Int, to outputRate: Int, quality: Int = 4) throws(CodecError) {
        guard (1...768_000).contains(inputRate), (1...768_000).contains(outputRate), (0...10).contains(quality) else {
            throw .cannotCreate(codec: "resampler", reason: "\(inputRate) Hz to \(outputRate) Hz at quality \(quality)")
        }
        var status: Int32 = 0
        guard let state = speex_resampler_init(1, UInt32(inputRate), UInt32(outputRate), Int32(quality), &status) else {
            throw .cannotCreate(codec: "resampler", reason: String(cString: speex_resampler_strerror(status)))
        }
        self.inputRate = inputRate
        self.outputRate = outputRate
        self.state = state
    }

    deinit { speex_resampler_destroy(state) }

    /// Converts as much as both buffers allow; the first samples out lag by `outputLatency`.
    /// - Returns: samples taken from `input` and samples written to `output`.
    public mutating func process(
        _ input: UnsafeBufferPointer<Int16>, into output: UnsafeMutableBufferPointer<Int16>
    ) -> (consumed: Int, produced: Int) {
        guard let source = input.baseAddress, let target = output.baseAddress, input.count > 0, output.count > 0 else {
            return (0, 0)
        }
        var consumed = UInt32(clamping: input.count)
        var produced = UInt32(clamping: output.count)
        speex_resampler_process_int(state, 0, source, &consumed, target, &produced)
        return (Int(consumed), Int(produced))
    }

    /// The most samples that `process` can write for so many in.
    public func outputCapacity(for inputCount: Int) -> Int {
        (inputCount * outputRate + inputRate - 1) / inputRate + 1
    }

    /// By how many samples, at the output's rate, the output lags the input.
    public var outputLatency: Int { Int(speex_resampler_get_output_latency(state)) }

    /// Leaves the lag out: the next sample out is that of the next sample in. Call before the first `process`.
    public mutating func skipLatency() { speex_resampler_skip_zeros(state) }

    /// Forgets the past, as if newly made.
    public mutating func reset() { speex_resampler_reset_mem(state) }
}
