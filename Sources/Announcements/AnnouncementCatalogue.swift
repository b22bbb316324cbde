import Foundation
public import MediaPlane

/// The announcements of a site, read once: `LANGUAGE/KEY.wav` in one folder. Bounded in number and length.
public struct AnnouncementCatalogue: Sendable {
    static let mostFiles = 400
    /// Octets of a file that is looked at: a minute of stereo at 48 kHz, and its head.
    static let mostOctets = 12 << 20

    /// A file that is left out, and why.
    public struct Fault: Sendable, Equatable, CustomStringConvertible {
        public let path: String
        public let error: AnnouncementError
        public var description: String { "\(path) \(error)" }
    }

    private let clips: [String: [AnnouncementKey: SoundClip]]
    /// In which everything is said, one after another.
    public let languages: [String]

    /// Nothing can be said.
    public static let empty = AnnouncementCatalogue(clips: [:], languages: [])

    private init(clips: [String: [AnnouncementKey: SoundClip]], languages: [String]) {
        self.clips = clips
        self.languages = languages
    }

    /// Reads what `folder` has in these languages; a file that cannot be played does not keep others from being read.
    public static func load(
        folder: String, languages: [String]
    ) -> (catalogue: AnnouncementCatalogue, faults: [Fault]) {
        var clips: [String: [AnnouncementKey: SoundClip]] = [:]
        var faults: [Fault] = []
        for language in languages {
            let place = "\(folder)/\(language)"
            let names: [String]
            do { names = try FileManager.default.contentsOfDirectory(atPath: place) } catch {
                faults.append(Fault(path: place, error: .unreadable(reason: error.localizedDescription)))
                continue
            }
            for name in names.sorted().filter({ $0.hasSuffix(".wav") }).prefix(mostFiles) {
                do throws(AnnouncementError) {
                    let clip = SoundClip(try WAVFile.samples(of: try contents(of: "\(place)/\(name)")))
                    clips[language, default: [:]][AnnouncementKey(rawValue: String(name.dropLast(4)))] = clip
                } catch {
                    faults.append(Fault(path: "\(place)/\(name)", error: error))
                }
            }
        }
        return (AnnouncementCatalogue(clips: clips, languages: languages), faults)
    }

    private static func contents(of path: String) throws(AnnouncementError) -> Data {
        guard let file = FileHandle(forReadingAtPath: path) else { throw .unreadable(reason: "it cannot be opened") }
        defer { try? file.close() }
        let data: Data?
        do { data = try file.read(upToCount: mostOctets + 1) } catch {
            throw .unreadable(reason: error.localizedDescription)
        }
        guard let data else { throw .empty }
        guard data.count <= mostOctets else {
            throw .unreadable(reason: "it is longer than \(mostOctets >> 20) MiB")
        }
        return data
    }

    /// The keys said one after another, the whole of it in each language; nil where a language lacks one of them.
    public func clip(_ keys: AnnouncementKey...) -> SoundClip? { clip(keys) }

    public func clip(_ keys: [AnnouncementKey]) -> SoundClip? {
        var parts: [SoundClip] = []
        for language in languages {
            for key in keys {
                guard let clip = clips[language]?[key] else { return nil }
                parts.append(clip)
            }
        }
        guard let first = parts.first else { return nil }
        return parts.count == 1 ? first : SoundClip(joining: parts)
    }

    /// What of `keys` cannot be said, as `LANGUAGE/KEY`.
    public func missing(of keys: [AnnouncementKey]) -> [String] {
        languages.flatMap { language in
            keys.filter { clips[language]?[$0] == nil }.map { "\(language)/\($0.rawValue)" }
        }
    }

    /// Where announcements lie if nothing is said: as installed, beside the program, or as `make announcements` left them.
    public static func find() -> String? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        let folder = (program as NSString).deletingLastPathComponent
        let above = (folder as NSString).deletingLastPathComponent
        let places = [
            "\(above)/share/causeway/announcements", "\(folder)/announcements",
            "\((above as NSString).deletingLastPathComponent)/announcements",
        ]
        return places.first { FileManager.default.fileExists(atPath: $0) }
    }
}
