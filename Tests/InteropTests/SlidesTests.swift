import Foundation
import InteropSupport
import Testing

/// A room system shares slides: it asks for the floor by BFCP, others see them, and they are in the master and in the film.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct SlidesTests {
    private static let camera = "testsrc2=size=352x288:rate=25"
    private static let slides = "mandelbrot=size=352x288:rate=25"
    private static let own = "testsrc=size=352x288:rate=25"

    @Test func slidesAreSeenByAllAndRecordedAsATrackOfTheirOwn() async throws {
        func clip(_ source: String) async throws -> String {
            try await TestMedia.clip(
                String(source.prefix { $0 != "=" }) + "-cif", picture: source, sound: "sine=f=440:r=48000",
                in: TestSite.media)
        }
        let (camera, slides) = (try await clip(Self.camera), try await clip(Self.slides))
        try await TestSite.with { site in
            let presenter = try FilmPoint(camera, sharing: slides, to: site.daemon, as: TestSite.points[0])
            let watcher = try await site.endpoint(1, tone: 1_000, film: Self.own)
            try await watcher.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 2, video: true)
            let gallery = try await FilmGallery([Self.camera, Self.slides, Self.own])
            try await gallery.wait(for: 0, in: watcher, while: "nobody presents")

            try presenter.share()
            let name = TestSite.points[0].id
            try await eventually("\(name) to present") { try await site.daemon.meetings().first?.presenter == name }
            // baresip has one stream of pictures: the slides take the place of the camera.
            try await gallery.wait(for: 1, in: watcher, while: "slides are shared")
            try await Task.sleep(for: .seconds(6))
            try presenter.stopSharing()
            try await eventually("nobody to present") { try await site.daemon.meetings().first?.presenter == nil }
            try await gallery.wait(for: 0, in: watcher, while: "nobody presents any more")

            try await presenter.hangUp()
            try await watcher.hangUp()
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(recording.notes.isEmpty, "\(recording.notes)")
            let package = try #require(recording.directory)
            let titles = try await Tool.run(
                "ffprobe",
                [
                    "-v", "error", "-select_streams", "v", "-show_entries", "stream_tags=title,CONTENT", "-of",
                    "csv=p=0",
                    package + "/data/master.mkv",
                ]
            ).split(separator: "\n").map(String.init)
            let track = try #require(titles.firstIndex { $0.contains("slides") }, "\(titles)")
            #expect(titles[track].contains(TestSite.points[0].name) && titles.count == 3, "\(titles)")

            // The track is the film of slides, and nothing else.
            let recorded = try await Picture.all(in: package + "/data/master.mkv", track: track)
            #expect(recorded.count > 30)
            #expect(recorded.allSatisfy { $0.likeness(to: gallery.films[1]) > FilmGallery.whole })

            // In the access copy it is large, at the left of the gallery, for about as long as it was shared.
            let large = try await Picture.all(in: package + "/data/access.webm", crop: "iw*0.7:ih*0.8:iw*0.03:ih*0.05")
            let like = large.map { picture in gallery.films[1].contains { picture.likeness(to: $0) > 0.6 } }
            #expect(like.count(where: { $0 }) >= 5 * 8, "\(like.count(where: { $0 })) of \(like.count) pictures")
            #expect(like.first == false && like.last == false, "shown before it was shared, or after")
        }
    }
}
