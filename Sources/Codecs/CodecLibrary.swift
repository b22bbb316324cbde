internal import COpenH264
internal import COpus
internal import CVPX

/// A library that codes or decodes, as it is loaded now.
public struct CodecLibrary: Hashable, Sendable {
    public var name: String
    public var version: String

    /// Those that films, sounds and the check of masters depend on.
    public static var all: [CodecLibrary] {
        var openH264 = OpenH264Version()
        WelsGetCodecVersionEx(&openH264)
        return [
            CodecLibrary(name: "libvpx", version: number(vpx_codec_version_str().map { String(cString: $0) })),
            CodecLibrary(name: "libopus", version: number(opus_get_version_string().map { String(cString: $0) })),
            CodecLibrary(name: "openh264", version: "\(openH264.uMajor).\(openH264.uMinor).\(openH264.uRevision)"),
        ]
    }

    /// `libopus 1.5.2` and `v1.15.0` begin with what is no part of the number.
    private static func number(_ text: String?) -> String {
        String((text ?? "").drop { !("0"..."9").contains($0) })
    }
}
