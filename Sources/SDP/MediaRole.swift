/// What an m-line with RTP is for. Of each there is one at most.
enum MediaRole: Hashable {
    case audio
    /// The camera.
    case video
    /// Content that is shared beside it (RFC 4796).
    case slides
    /// One more camera's picture for the peer to show, counted from 0.
    case pane(Int)

    /// What an offer of ours has.
    static let offered: [MediaRole] = [.audio, .video, .slides]

    var kind: MediaKind { self == .audio ? .audio : .video }

    /// The lines of an offer that can play a role, the likeliest first. Without slides of our own, a line for slides is a
    /// second choice for the camera's.
    static func candidates(
        in offer: SessionDescription, slides: Bool, secondVideoIsSlides: Bool = false, panes: Int = 0
    ) -> [(index: Int, role: MediaRole)] {
        let labels = Set(offer.media.filter(\.isFloorControl).flatMap { $0.floors.flatMap(\.labels) })
        let firstVideo = offer.media.firstIndex { $0.kind == "video" && $0.isOn }
        // By its place, which it keeps when it is switched off.
        let camera = offer.media.firstIndex { $0.kind == "video" && !$0.isSlides }
        var likely: [(Int, MediaRole)] = []
        var unlikely: [(Int, MediaRole)] = []
        var shown: [(Int, MediaRole)] = []
        for (index, media) in offer.media.enumerated() where media.isOn {
            switch media.kind {
            case "audio": likely.append((index, .audio))
            case "video" where panes > 0 && media.isPane:
                if shown.count < panes { shown.append((index, .pane(shown.count))) }
            case "video":
                // Some leave the content out, and only name the line as what the floor is for.
                let isNamed = index != firstVideo && media.content.isEmpty && media.label.map(labels.contains) ?? false
                let isSecond = secondVideoIsSlides && index != camera && media.content.isEmpty
                if !media.isSlides && !isNamed && !isSecond {
                    likely.append((index, .video))
                } else if slides {
                    likely.append((index, .slides))
                } else {
                    unlikely.append((index, .video))
                }
            default: break
            }
        }
        // Panes need the transport of one of the others.
        return likely + unlikely + shown
    }

    /// What a line that we wrote is for; nil for lines without RTP.
    init?(own media: MediaDescription) {
        switch media.kind {
        case "audio": self = .audio
        case "video" where media.isPane: return nil
        case "video": self = media.isSlides ? .slides : .video
        default: return nil
        }
    }
}

extension MediaDescription {
    var isSlides: Bool { content.contains("slides") && !content.contains("main") }
    /// An alternative to the main picture (RFC 4796) that is known by a name: room for one more camera's.
    var isPane: Bool { content == ["alt"] && identification != nil }

    /// By which others refer to the line (RFC 4574); nil where it is no token of decent length.
    public var label: String? {
        guard let label = attributes.first("label"), !label.isEmpty, label.utf8.count <= 64,
            label.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return label
    }
}

extension SessionDescription {
    /// There is a stream of pictures in an offer: worth a port of ours.
    public var offersVideo: Bool { media.contains { $0.kind == "video" && $0.isOn } }

    /// There is a stream for slides in an offer: worth a port of ours.
    public var offersSlides: Bool { offersSlides(secondVideoIsSlides: false) }

    /// As above; with the capability `takesSecondVideoAsSlides`, by that too.
    public func offersSlides(secondVideoIsSlides: Bool) -> Bool {
        MediaRole.candidates(in: self, slides: true, secondVideoIsSlides: secondVideoIsSlides).contains {
            $0.role == .slides
        }
    }

    /// How many panes an offer has.
    public var panesOffered: Int { media.count { $0.kind == "video" && $0.isOn && $0.isPane } }

    /// There is a line for BFCP in an offer.
    public var offersFloorControl: Bool { media.contains { $0.isFloorControl && $0.port != 0 } }
}
