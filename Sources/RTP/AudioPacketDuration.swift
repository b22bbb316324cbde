/// How long the sound in a payload lasts, told without decoding it.
public enum AudioPacketDuration {
    /// Timestamp ticks of a payload; nil when it is malformed or the codec is no audio codec.
    public static func ticks(of codec: MediaCodec, _ payload: UnsafeRawBufferPointer) -> UInt32? {
        switch codec {
        case .opus: opusTicks(payload)
        // One octet a tick: 8 bits a sample, and G.722's octet holds two samples of its halved clock (RFC 3551 §4.5).
        case .pcmu, .pcma, .g722: payload.isEmpty ? nil : UInt32(clamping: payload.count)
        case .vp8, .h264: nil
        }
    }

    /// RFC 6716 §3.1, §3.2: the configuration gives the frame's size, code and count the number of frames. Ticks of
    /// 48 kHz.
    static func opusTicks(_ payload: UnsafeRawBufferPointer) -> UInt32? {
        guard let base = payload.baseAddress, !payload.isEmpty else { return nil }
        let toc = base.byte(0)
        let configuration = toc >> 3
        let frame: UInt32
        switch configuration {
        case 0...11: frame = configuration & 3 == 3 ? 2880 : 480 << UInt32(configuration & 3)
        case 12...15: frame = configuration & 1 == 0 ? 480 : 960
        default: frame = 120 << UInt32(configuration & 3)
        }
        let frames: UInt32
        switch toc & 3 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard payload.count >= 2 else { return nil }
            frames = UInt32(base.byte(1) & 0x3f)
        }
        // At most 120 ms (RFC 6716 §3.2.5, R5).
        guard frames > 0, frame * frames <= 5760 else { return nil }
        return frame * frames
    }
}
