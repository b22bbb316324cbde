import SRTP

/// Where and how the media plane listens.
public struct MediaPlaneConfiguration: Sendable {
    /// The local address that sockets bind.
    public var bindAddress: String
    /// The address written into SDP, where it differs from the bound one.
    public var advertisedAddress: String
    /// UDP ports for media; each stream takes an even port and the one above it.
    public var ports: ClosedRange<UInt16>
    /// Media worker threads; 0 means one a core.
    public var workers: Int
    public var srtpEngine: SRTPEngineChoice
    /// A leg from which nothing authentic came for this long is reported silent.
    public var silenceLimit: Duration

    public init(
        bindAddress: String, advertisedAddress: String? = nil, ports: ClosedRange<UInt16> = 20_000...29_999,
        workers: Int = 0, srtpEngine: SRTPEngineChoice = .automatic, silenceLimit: Duration = .seconds(30)
    ) {
        self.bindAddress = bindAddress
        self.advertisedAddress = advertisedAddress ?? bindAddress
        self.ports = ports
        self.workers = workers
        self.srtpEngine = srtpEngine
        self.silenceLimit = silenceLimit
    }
}
