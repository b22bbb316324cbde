import Foundation
import PortalAPI

/// Small pictures of a film, from the WebVTT track that the composer writes (`Composer/Companions/Thumbnails.swift`).
enum ThumbnailTrack {
    private static let most = 5_000

    /// - Parameter file: what a cue's place is below, as the package names it.
    static func pictures(in text: String, file: (String) -> String) -> [RecordingTimeline.Thumbnail] {
        var found: [RecordingTimeline.Thumbnail] = []
        var time: Int64?
        for line in text.split(whereSeparator: \.isNewline) where found.count < most {
            if let arrow = line.range(of: " --> ") {
                time = milliseconds(line[..<arrow.lowerBound])
            } else if let from = time, let mark = line.range(of: "#xywh=") {
                let numbers = line[mark.upperBound...].split(separator: ",").compactMap { Int($0) }
                guard numbers.count == 4, numbers.allSatisfy({ (0...65_535).contains($0) }) else { continue }
                found.append(
                    .init(
                        from: from, file: file(String(line[..<mark.lowerBound])), x: numbers[0], y: numbers[1],
                        width: numbers[2], height: numbers[3]))
                time = nil
            }
        }
        return found
    }

    /// `00:01:02.500`
    private static func milliseconds(_ text: Substring) -> Int64? {
        let parts = text.split(whereSeparator: { $0 == ":" || $0 == "." }).map { Int64($0) }
        guard parts.count == 4, let hours = parts[0], let minutes = parts[1], let seconds = parts[2],
            let thousandths = parts[3], (0..<1000).contains(hours)
        else { return nil }
        return hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + thousandths
    }
}

/// The wave form that the composer writes, for drawing.
struct LoudnessCurve: Decodable {
    private static let mostParts = 1_000
    /// Lowest and highest sample, one after another, in 8 bits.
    var data: [Int]

    var parts: [Int] {
        let peaks = stride(from: 0, to: data.count - 1, by: 2).map { max(clamp(-data[$0]), clamp(data[$0 + 1])) }
        guard peaks.count > Self.mostParts else { return peaks }
        return (0..<Self.mostParts).map { part in
            let (first, last) = (part * peaks.count / Self.mostParts, (part + 1) * peaks.count / Self.mostParts)
            return peaks[first..<max(last, first + 1)].max() ?? 0
        }
    }

    private func clamp(_ value: Int) -> Int { min(127, max(0, value)) }
}
