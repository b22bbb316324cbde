/// What things cost. Each figure was measured on this project, on the machine of docs/performance.md (a core of an AMD EPYC) where nothing else is said.
struct Costs: Sendable {
    /// A figure, and where it stands.
    struct Figure: Sendable {
        var name: String
        var value: Double
        var unit: String
        var source: String
    }

    /// Nanoseconds of CPU a picture packet that comes in and leaves once (50 pairs), and one of twenty that leave for one that comes in.
    var pairsPicture = Figure(
        name: "a packet of pictures, pairs", value: 3_491, unit: "ns",
        source: "relay-bench, AES-GCM, at rest on 27 November at 22:34")
    var twentyPicture = Figure(
        name: "a packet of pictures, 1→20", value: 1_314, unit: "ns",
        source: "relay-bench, AES-GCM, at rest on 27 November at 22:34")
    /// The same for packets of sound that are forwarded as they are.
    var pairsSound = Figure(
        name: "a packet of sound, pairs", value: 16_695, unit: "ns",
        source: "relay-bench, AES-GCM, at rest on 27 November at 22:34")
    var twentySound = Figure(
        name: "a packet of sound, 1→20", value: 5_012, unit: "ns",
        source: "relay-bench, AES-GCM, at rest on 27 November at 22:34")
    /// Milliseconds of CPU a second of a mixed room, with three who talk.
    var roomOfTen = Figure(
        name: "a mixed room of 10", value: 42.5, unit: "ms/s", source: "performance.md, mixed rooms")
    var roomOfFifty = Figure(
        name: "a mixed room of 50", value: 76, unit: "ms/s", source: "performance.md, mixed rooms")
    /// A picture of the bridge's own for narrow lines.
    var rendition = Figure(
        name: "a smaller picture for narrow lines", value: 48, unit: "ms/s",
        source: "performance.md, pictures that the bridge makes")
    /// Of a tile more in a gallery, at 15 pictures a second.
    var galleryOfFour = Figure(
        name: "a live gallery of 4", value: 221, unit: "ms/s", source: "performance.md, pictures that the bridge makes")
    var galleryOfTwentyFive = Figure(
        name: "a live gallery of 25", value: 466, unit: "ms/s",
        source: "performance.md, pictures that the bridge makes")
    /// Processor seconds for a second of a film of four points, at 720p and 25 pictures a second.
    var filmOfFour = Figure(
        name: "a second of an access copy, four points", value: 0.69, unit: "CPU s",
        source: "performance.md, access copies (20.8 s for 30 s)")
    /// How much of two processors a film has had that was given two: the rest waited for the first of two parts.
    var filmThreads = Figure(
        name: "processors at work, of two for a film", value: 1.54, unit: "",
        source: "performance.md, access copies (20.8 s of processors in 13.5 s)")
    /// Octets of a second of it.
    var filmOctets = Figure(
        name: "a second of an access copy", value: 286_000, unit: "octets",
        source: "performance.md, access copies (8.58 MB for 30 s)")
    var memory = Figure(name: "memory a leg", value: 123, unit: "KiB", source: "performance.md, mixed rooms")
    /// Milliseconds of CPU for a call with its first seconds of SRTP.
    var call = Figure(name: "a call", value: 1.55, unit: "ms", source: "performance.md, calls, at rest")

    // MARK: What follows from them

    /// In and out of a packet, from pairs (in + out) and 1→20 (in / 20 + out), in nanoseconds.
    static func split(pairs: Double, twenty: Double) -> (coming: Double, leaving: Double) {
        let out = (20 * twenty - pairs) / 19
        return (pairs - out, out)
    }
    var picture: (coming: Double, leaving: Double) {
        Self.split(pairs: pairsPicture.value, twenty: twentyPicture.value)
    }
    var sound: (coming: Double, leaving: Double) { Self.split(pairs: pairsSound.value, twenty: twentySound.value) }

    /// Of a mixed room: what it costs by itself with those who talk, and each point in it, in milliseconds a second.
    var mixing: (room: Double, point: Double) {
        let point = (roomOfFifty.value - roomOfTen.value) / 40
        return (roomOfTen.value - 10 * point, point)
    }

    /// Processor seconds for a second of a film with so many tiles. What a tile more costs is taken from live galleries, which decode and draw the
    /// same at 15 pictures a second and not 25.
    func film(tiles: Int) -> Double {
        let tile = (galleryOfTwentyFive.value - galleryOfFour.value) / 21 / 1_000 * 25 / 15
        return filmOfFour.value + Double(min(25, max(1, tiles)) - 4) * tile
    }
}

/// What crosses the wire.
enum Wire {
    /// Of each packet beside its payload: RTP, the tag of AES-GCM, UDP, IPv4, Ethernet with its checksum.
    static let overhead = 12 + 16 + 8 + 20 + 18
    static let picturePayload = 1_100
    static let soundPackets = 50.0
    /// Octets of Opus at 32 kbit/s.
    static let soundPayload = 80

    static func packets(ofBits bits: Double) -> Double { bits / 8 / Double(picturePayload) }
    static func bits(packets: Double, payload: Int) -> Double { packets * Double(payload + overhead) * 8 }
}
