import Codecs
import Foundation
import Matroska

/// What a player and a listener want beside a film, made while it is composed: its sound alone, a poster, small pictures, the
/// wave form. What cannot be made is left out; the film does not depend on it.
final class FilmCompanions {
    static let soundName = "audio.opus"
    static let posterName = "poster.webp"
    static let trackName = "thumbnails.vtt"
    static let sheetFolder = "thumbnails"
    static let waveformName = "waveform.json"

    private let folder: String
    private let sound: OggOpusFile?
    private var waveform = Waveform()
    private var thumbnails: Thumbnails
    /// Taken a third into the film; until then the first picture.
    private var posterTime: Int64?
    private var isPosterFinal = false
    private let posterDue: Int64
    private var end: Int64 = 0

    /// - Parameters:
    ///   - folder: made anew; what was in it goes.
    ///   - length: of the film, as far as known, in nanoseconds.
    init(folder: String, sound track: MatroskaTrack, title: String, length: Int64?) {
        self.folder = folder
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.createDirectory(
            atPath: folder + "/" + Self.sheetFolder, withIntermediateDirectories: true)
        sound = OggOpusFile(creating: folder + "/" + Self.soundName, head: track.codecPrivate, title: title)
        thumbnails = Thumbnails(length: length)
        posterDue = (length ?? 0) / 3
    }

    /// Takes the sound: what was mixed, and the packets that came of it.
    func hear(_ mixed: [Int32], _ packets: [MatroskaBlock]) {
        waveform.add(mixed)
        for packet in packets { sound?.add(packet.data, samples: SoundTrack.frameSamples) }
    }

    /// Takes the picture that is shown at `time`.
    func see(_ canvas: I420Picture, at time: Int64) {
        end = max(end, time)
        if posterTime == nil || (!isPosterFinal && time >= posterDue) {
            isPosterFinal = time >= posterDue
            posterTime = time
            save(canvas, as: Self.posterName)
        }
        if let full = try? thumbnails.add(canvas, at: time) {
            save(full.picture, as: Self.sheetFolder + "/" + full.name)
        }
    }

    func finish() {
        if sound?.finish() != true { unlink(folder + "/" + Self.soundName) }
        if let rest = thumbnails.rest() { save(rest.picture, as: Self.sheetFolder + "/" + rest.name) }
        save(Array(thumbnails.track(until: end).utf8), as: Self.trackName)
        save(Array(waveform.json().utf8), as: Self.waveformName)
    }

    private func save(_ picture: I420Picture, as name: String) {
        guard let bytes = try? StillPicture.webP(picture) else { return }
        save(bytes, as: name)
    }

    private func save(_ bytes: [UInt8], as name: String) {
        try? Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name), options: .atomic)
    }
}
