import AsyncHTTPClient
import Foundation
import NIOCore
import Synchronization

/// What was asked, and how long it took until the first octet of the answer's body.
enum Deed: String, CaseIterable {
    case search, open, timeline, film

    var title: String {
        switch self {
        case .search: "search"
        case .open: "open a recording"
        case .timeline: "its time line"
        case .film: "first byte of the film"
        }
    }
}

/// The figures of all archivists.
final class Figures: Sendable {
    struct Numbers {
        var milliseconds: [Double] = []
        var failed = 0
        var octets = 0
    }
    private let numbers = Mutex<[Deed: Numbers]>([:])

    func add(_ deed: Deed, milliseconds: Double, octets: Int) {
        numbers.withLock {
            $0[deed, default: Numbers()].milliseconds.append(milliseconds)
            $0[deed]?.octets += octets
        }
    }

    func failed(_ deed: Deed) { numbers.withLock { $0[deed, default: Numbers()].failed += 1 } }

    func take() -> [Deed: Numbers] {
        numbers.withLock { numbers in
            defer { numbers = [:] }
            return numbers
        }
    }
}

/// Somebody who searches, opens what was found, and plays it from here and there, as a player does: by ranges, no faster than it plays.
struct Archivist: Sendable {
    /// What a player of a film of this rate takes a second.
    static let playedOctetsPerSecond = 250_000
    private static let piece = 512 << 10
    private static let piecesOfEach = 3

    let number: Int
    let token: String
    let base: String
    let meetings: [String]
    let filmSize: Int
    let client: HTTPClient
    let figures: Figures

    func run(until end: ContinuousClock.Instant) async {
        var random = SystemRandomNumberGenerator()
        // They do not all begin at once.
        try? await Task.sleep(for: .milliseconds(Int.random(in: 0..<3_000, using: &random)))
        while ContinuousClock.now < end, !Task.isCancelled {
            let words = ArchiveSite.word(Int.random(in: 0..<100, using: &random))
            let query = words.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            await ask(.search, "search?q=\(query)&limit=20")
            guard let meeting = meetings.randomElement(using: &random) else { return }
            await ask(.open, "recordings/\(meeting)")
            await ask(.timeline, "recordings/\(meeting)/timeline")
            var place = Int.random(in: 0..<max(1, filmSize - Self.piece * Self.piecesOfEach), using: &random)
            for _ in 0..<Self.piecesOfEach where ContinuousClock.now < end {
                let begun = ContinuousClock.now
                await ask(
                    .film, "recordings/\(meeting)/files/data/access.webm", range: place..<place + Self.piece)
                place += Self.piece
                let played = Duration.seconds(Double(Self.piece) / Double(Self.playedOctetsPerSecond))
                try? await Task.sleep(until: begun + played)
            }
        }
    }

    private func ask(_ deed: Deed, _ path: String, range: Range<Int>? = nil) async {
        var request = HTTPClientRequest(url: "\(base)/api/v1/\(path)")
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let range {
            request.headers.add(name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
            request.headers.add(name: "Sec-Fetch-Dest", value: "video")
        }
        let begun = ContinuousClock.now
        do {
            let answer = try await client.execute(request, timeout: .seconds(30))
            var first: Duration?
            var octets = 0
            for try await part in answer.body {
                if first == nil { first = ContinuousClock.now - begun }
                octets += part.readableBytes
            }
            guard answer.status == .ok || answer.status == .partialContent, let first,
                range.map({ $0.count == octets }) ?? true
            else { return figures.failed(deed) }
            figures.add(deed, milliseconds: first / .milliseconds(1), octets: octets)
        } catch {
            figures.failed(deed)
        }
    }
}
