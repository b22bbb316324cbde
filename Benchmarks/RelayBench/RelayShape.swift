import BenchSupport

/// Who sends to how many, and what.
struct RelayShape {
    let name: String
    let rooms: Int
    let viewers: Int
    let media: MediaShape

    static let all: [RelayShape] = [MediaShape.audio, .video].flatMap { media in
        [
            RelayShape(name: "50 pairs, \(media.name)", rooms: 50, viewers: 1, media: media),
            RelayShape(name: "10 rooms 1→20, \(media.name)", rooms: 10, viewers: 20, media: media),
            RelayShape(name: "1 room 1→200, \(media.name)", rooms: 1, viewers: 200, media: media),
        ]
    }
}
