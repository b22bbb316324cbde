import Codecs
import Foundation
import Matroska

/// What a player and a listener want beside a film, made while it is composed: its sound alone, a poster, small pictures, the
/// wave form. What cannot be made is left out; the film does not depend on it.
enum FilmCompanions {
    static let soundName = "audio.opus"
    static let posterName = "poster.webp"
    static let trackName = "thumbnails.vtt"
    static let sheetFolder = "thumbnails"
    static let waveformName = "waveform.json"

    /// Whole or not at all. What a child that was killed left half written has a name of its own, which the next one takes again: Foundation's
    /// would be another each time, and stay in the package.
    static func save(_ bytes: [UInt8], as path: String) {
        let part = path + ".part"
        do { try Data(bytes).write(to: URL(fileURLWithPath: part)) } catch {
            unlink(part)
            return
        }
        if rename(part, path) != 0 { unlink(part) }
    }
}

/// Those of the sound.
final class SoundCompanions {
    private let folder: String
    private let sound: OggOpusFile?
    private var waveform = Waveform()

    /// - Parameter folder: made anew; what was in it goes.
    init(folder: String, sound track: MatroskaTrack, title: String) {
        self.folder = folder
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        sound = OggOpusFile(
            creating: folder + "/" + FilmCompanions.soundName, head: track.codecPrivate, title: title)
    }

    /// Takes the sound: what was mixed, and the packets that came of it.
    func hear(_ mixed: [Int32], _ packets: [MatroskaBlock]) {
        waveform.add(mixed)
        for packet in packets { sound?.add(packet.data, samples: SoundTrack.frameSamples) }
    }

    func finish() {
        if sound?.finish() != true { unlink(folder + "/" + FilmCompanions.soundName) }
        FilmCompanions.save(Array(waveform.json().utf8), as: folder + "/" + FilmCompanions.waveformName)
    }
}

/// Small pictures of one segment, kept until the sheets are made, and the poster if it falls into it.
struct PictureSamples {
    private let interval: Int64
    private let frame: Int64
    /// A third into the film.
    private let poster: Int64
    private var kept: [UInt8] = []

    init(_ plan: CompositionPlan) {
        frame = plan.frame
        interval = Thumbnails.interval(plan.frames * plan.frame)
        poster = plan.frames / 3
    }

    /// Takes the picture that is shown as the film's `number`th.
    mutating func see(_ canvas: I420Picture, _ number: Int64, _ store: CompositionStore) {
        if number == poster, let bytes = try? StillPicture.webP(canvas) { FilmCompanions.save(bytes, as: store.poster) }
        let time = number * frame
        // The first at or after each multiple of the interval.
        guard time % interval < frame, let small = try? I420Picture(width: Thumbnails.width, height: Thumbnails.height)
        else { return }
        small.draw(canvas.view, in: small.bounds)
        kept += (0..<8).map { UInt8(truncatingIfNeeded: time >> (8 * $0)) } + Thumbnails.octets(of: small)
    }

    func save(to path: String) { FilmCompanions.save(kept, as: path) }
}

/// Those of the pictures, made of what the segments kept.
struct PictureCompanions {
    private let plan: CompositionPlan
    private let store: CompositionStore

    init(_ plan: CompositionPlan, _ store: CompositionStore) { (self.plan, self.store) = (plan, store) }

    func save(to folder: String) {
        try? FileManager.default.createDirectory(
            atPath: folder + "/" + FilmCompanions.sheetFolder, withIntermediateDirectories: true)
        if let poster = FileManager.default.contents(atPath: store.poster) {
            FilmCompanions.save([UInt8](poster), as: folder + "/" + FilmCompanions.posterName)
        }
        var thumbnails = Thumbnails()
        for segment in 0..<plan.segments {
            var rest = [UInt8](FileManager.default.contents(atPath: store.thumbnails(segment)) ?? Data())[...]
            while rest.count >= 8 + Thumbnails.octets {
                let time = rest.prefix(8).reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
                rest = rest.dropFirst(8)
                if let full = try? thumbnails.add(rest.prefix(Thumbnails.octets), at: time) { save(full, to: folder) }
                rest = rest.dropFirst(Thumbnails.octets)
            }
        }
        if let last = thumbnails.rest() { save(last, to: folder) }
        let end = max(0, plan.frames - 1) * plan.frame
        FilmCompanions.save(
            Array(thumbnails.track(until: end).utf8), as: folder + "/" + FilmCompanions.trackName)
    }

    private func save(_ sheet: (name: String, picture: I420Picture), to folder: String) {
        guard let bytes = try? StillPicture.webP(sheet.picture) else { return }
        FilmCompanions.save(bytes, as: folder + "/" + FilmCompanions.sheetFolder + "/" + sheet.name)
    }
}
