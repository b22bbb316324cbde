import Foundation
import InteropSupport

/// The films that are shown, to tell what is seen by.
struct FilmGallery: Sendable {
    /// Coded by an encoder of a call, a picture is not the film's to the last bit.
    static let whole = 0.9

    struct View: Sendable {
        var picture: Picture
        var film: Int
        var likenesses: [Double]
    }
    let films: [[Picture]]

    init(_ sources: [String]) async throws {
        var films: [[Picture]] = []
        for source in sources {
            films.append(try await Picture.all(in: TestMedia.film(source, source: source, in: TestSite.media)))
        }
        self.films = films
    }

    func view(of endpoint: Baresip) async throws -> View {
        guard let path = try await endpoint.snapshot(), let picture = try await Picture.all(in: path).first else {
            throw ToolFailure("\(endpoint.name) shows no picture: \(endpoint.process.logText.suffix(800))")
        }
        let likenesses = films.map { picture.likeness(to: $0) }
        let nearest = likenesses.indices.max { likenesses[$0] < likenesses[$1] } ?? 0
        return View(picture: picture, film: nearest, likenesses: likenesses)
    }

    /// Waits until an endpoint sees a film, whole; what it sees on the way must be whole pictures too.
    func wait(for film: Int, in endpoint: Baresip, while what: String) async throws {
        try await eventually("\(endpoint.name) to see film \(film) while \(what)", within: .seconds(10)) {
            let view = try await self.view(of: endpoint)
            guard view.likenesses[view.film] > Self.whole else {
                throw ToolFailure("\(endpoint.name) sees a broken picture while \(what): \(view.likenesses)")
            }
            return view.film == film
        }
    }
}
