internal import CSpeexDSP

/// Takes steady noise out of one voice (speexdsp's preprocessor). Nothing is allocated after `init`.
///
/// `@unchecked Sendable`: the value owns its C object alone and cannot be copied, so whoever holds it is its only user.
public struct NoiseSuppressor: ~Copyable, @unchecked Sendable {
    /// By how much noise is lowered at most, in dB: more of it makes voices hollow.
    private static let suppression: Int32 = -18

    public let frameSamples: Int
    private let state: OpaquePointer

    /// - Parameter sampleRate: in Hz, 8,000 to 48,000; frames have 20 ms of it.
    public init(sampleRate: Int) throws(CodecError) {
        guard (8_000...48_000).contains(sampleRate) else {
            throw .cannotCreate(codec: "noise suppression", reason: "\(sampleRate) Hz; 8,000 to 48,000 are possible")
        }
        let samples = sampleRate / 50
        guard let state = speex_preprocess_state_init(Int32(samples), Int32(sampleRate)) else {
            throw .cannotCreate(codec: "noise suppression", reason: "memory is short")
        }
        frameSamples = samples
        self.state = state
        set(SPEEX_PREPROCESS_SET_DENOISE, 1)
        set(SPEEX_PREPROCESS_SET_AGC, 0)
        set(SPEEX_PREPROCESS_SET_VAD, 0)
        set(SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, Self.suppression)
    }

    deinit { speex_preprocess_state_destroy(state) }

    private func set(_ request: Int32, _ value: Int32) {
        var value = value
        speex_preprocess_ctl(state, request, &value)
    }

    /// Cleans a frame in place; one that is not of `frameSamples` is left as it is. The sound comes out half a frame later.
    public mutating func process(_ frame: UnsafeMutableBufferPointer<Int16>) {
        guard frame.count == frameSamples, let samples = frame.baseAddress else { return }
        speex_preprocess_run(state, samples)
    }
}
