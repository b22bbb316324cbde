import Foundation
import InteropSupport

/// A point of the meeting: where it comes in, what it says and shows.
struct Seat: Sendable {
    enum Way: Sendable {
        /// By the edge, which brings it to the bridge that has the room.
        case edge
        /// Straight to the other bridge, as from a place with a line of its own.
        case other
    }
    let id: String
    let name: String
    var way: Way
    /// What it says, in hertz; 0 says nothing.
    let tone: Int
    /// What it shows; nil is without a picture.
    let colour: Colour?

    static let all: [Seat] = [
        Seat(id: "vanphong", name: "Văn phòng UBND tỉnh", way: .edge, tone: 440, colour: .red),
        Seat(id: "soyte", name: "Sở Y tế", way: .edge, tone: 0, colour: nil),
        Seat(id: "sotaichinh", name: "Sở Tài chính", way: .edge, tone: 0, colour: .blue),
        Seat(id: "phuvang", name: "Xã Phú Vang", way: .edge, tone: 1_000, colour: nil),
        Seat(id: "phuloc", name: "Xã Phú Lộc", way: .edge, tone: 0, colour: nil),
        Seat(id: "quangdien", name: "Xã Quảng Điền", way: .edge, tone: 0, colour: nil),
        Seat(id: "aluoi1", name: "Xã A Lưới 1", way: .other, tone: 1_700, colour: .green),
        Seat(id: "aluoi2", name: "Xã A Lưới 2", way: .other, tone: 0, colour: nil),
        Seat(id: "namdong", name: "Xã Nam Đông", way: .other, tone: 0, colour: nil),
        Seat(id: "khetre", name: "Xã Khe Tre", way: .other, tone: 2_400, colour: .yellow),
        Seat(id: "binhdien", name: "Xã Bình Điền", way: .other, tone: 0, colour: nil),
        Seat(id: "huongtra", name: "Phường Hương Trà", way: .other, tone: 0, colour: nil),
    ]
    static var speaking: [Seat] { all.filter { $0.tone > 0 } }
    static func named(_ id: String) -> String { all.first { $0.id == id }?.name ?? id }
}

/// An endpoint in its seat, and what it heard and saw.
struct Endpoint: Sendable {
    let seat: Seat
    let baresip: Baresip

    /// - Parameter other: the bridge that is not the room's, for who does not come by the edge.
    init(_ seat: Seat, _ index: Int, password: String, at site: Site, other: Bridge?, media: String) async throws {
        self.seat = seat
        let sound =
            seat.tone > 0
            ? try await TestMedia.tone(seat.tone, in: media)
            : try await Self.silence(in: media)
        var setup = Baresip.Setup(username: seat.id, password: password, sound: sound)
        if let colour = seat.colour {
            setup.film = try await TestMedia.film(
                "cluster-\(colour.rawValue)", source: "color=c=\(Self.paint(colour)):size=352x288:rate=25", in: media)
        }
        setup.videoBitrate = 150_000
        setup.domain = Site.domain
        setup.address = site.network.address(of: .points, index)
        setup.namespace = site.network.name(of: .points)
        setup.transport = .tls
        setup.certificateAuthority = site.certificates.authority
        setup.registrationInterval = 60
        let outbound =
            switch seat.way {
            case .edge: site.network.address(of: .edge) + ":5061"
            case .other: site.network.address(of: other?.host ?? .two) + ":\(Bridge.ports)"
            }
        setup.extraAccount = "outbound=\"sip:\(outbound);transport=tls\""
        baresip = try await Baresip(setup, in: "\(site.folder)/points/\(seat.id)-\(seat.way)")
    }

    private static func paint(_ colour: Colour) -> String {
        switch colour {
        case .red: "0xD02020"
        case .green: "0x20C020"
        case .blue: "0x2020D0"
        case .yellow: "0xD0D020"
        default: "0x808080"
        }
    }

    private static func silence(in folder: String) async throws -> String {
        let path = folder + "/silence.wav"
        if !FileManager.default.fileExists(atPath: path) {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await Tool.run("sox", ["-n", "-r", "48000", "-c", "1", "-b", "16", path, "trim", "0", "600"])
        }
        return path
    }

    /// What it hears at this moment, of those who speak: the level of each tone over the last second, in dBFS.
    func heard() -> [(seat: Seat, level: Double)] {
        guard let path = try? baresip.heard(), let sound = try? Sound(growing: path, last: 1) else { return [] }
        return Seat.speaking.map { ($0, sound.level(of: Double($0.tone))) }
    }

    /// What it shows at this moment; nil where it has no picture or none comes.
    func seen() async -> Colour? {
        guard seat.colour != nil, let picture = try? await baresip.snapshot(within: .seconds(3)),
            let map = try? await ColourMap(of: picture)
        else { return nil }
        // In the middle, where no name is written.
        return map.colour(aroundX: 0.5, y: 0.4, width: 0.3, height: 0.3)
    }
}
