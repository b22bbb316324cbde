import Matroska
import Recorder

/// Who is in a master: its points, what they presented, and which tracks belong to whom.
struct Seating {
    let points: [Sitter]
    let shows: [Sitter]
    let seatOfTrack: [UInt64: Sitter]

    init(_ tracks: [MatroskaTrack]) {
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
            seat.add(track, of: point, isShow: isShow)
            seatOfTrack[track.number] = seat
        }
        (self.points, self.shows, self.seatOfTrack) = (points, shows, seatOfTrack)
    }

    /// In the order of their numbers.
    func decoding(misplaced: Int) -> MasterDecoding {
        MasterDecoding(
            misplaced: misplaced, tracks: (points + shows).flatMap(\.decodings).sorted { $0.track < $1.track })
    }
}
