import Matroska
import Recorder

/// What is decoded of a master.
struct SeatingParts: OptionSet {
    let rawValue: Int
    static let sound = SeatingParts(rawValue: 1)
    static let pictures = SeatingParts(rawValue: 2)
    static let all: SeatingParts = [.sound, .pictures]
}

/// Who is in a master: its points, what they presented, and which tracks belong to whom.
struct Seating {
    let points: [Sitter]
    let shows: [Sitter]
    let seatOfTrack: [UInt64: Sitter]

    init(_ tracks: [MatroskaTrack], _ parts: SeatingParts = .all) {
        var points: [Sitter] = []
        var shows: [Sitter] = []
        var known: [String: Sitter] = [:]
        var seatOfTrack: [UInt64: Sitter] = [:]
        for track in tracks {
            let point = track.tags[RecordedTrack.Tag.point] ?? "track \(track.number)"
            let isShow = track.tags[RecordedTrack.Tag.content] == "slides"
            let key = (isShow ? "slides of " : "point ") + point
            let name = track.name.isEmpty ? point : track.name
            // Slides may stand still for as long as they are there.
            let seat =
                known[key] ?? (isShow ? Sitter(name: name, pictureStays: Sitter.presenceStays) : Sitter(name: name))
            if known[key] == nil {
                known[key] = seat
                if isShow { shows.append(seat) } else { points.append(seat) }
            }
            seat.add(track, of: point, isShow: isShow, parts)
            seatOfTrack[track.number] = seat
        }
        (self.points, self.shows, self.seatOfTrack) = (points, shows, seatOfTrack)
    }

    /// In the order of their numbers.
    func decoding(misplaced: Int) -> MasterDecoding {
        MasterDecoding(misplaced: misplaced, tracks: decodings.sorted { $0.track < $1.track })
    }

    var decodings: [TrackDecoding] { (points + shows).flatMap(\.decodings) }

    /// What becomes of blocks counts from now on.
    func forgetDecodings() {
        for seat in points + shows { seat.forgetDecodings() }
    }
}
