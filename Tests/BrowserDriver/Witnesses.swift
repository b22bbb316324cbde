import Foundation
import InteropSupport

/// What is heard and seen in a page, measured there.
extension Page {
    /// Begins to listen to what comes from the bridge; a page listens once.
    package func listen() async throws {
        try await waitUntil("sound from the bridge", "document.getElementById('sound').srcObject !== null")
        _ = try await evaluate(
            """
            (async () => {
              const context = new AudioContext();
              await context.resume();
              const source = context.createMediaStreamSource(document.getElementById('sound').srcObject);
              const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
              source.connect(analyser);
              window.heard = { analyser, bins: new Float32Array(analyser.frequencyBinCount), width: context.sampleRate / 8192 };
              return true;
            })()
            """, as: Bool.self)
    }

    /// How much louder a frequency is now than the rest of what is heard, in decibels.
    package func prominence(of hertz: Int) async throws -> Double {
        try await evaluate(
            """
            (() => {
              const { analyser, bins, width } = window.heard;
              analyser.getFloatFrequencyData(bins);
              const power = (from, to) => {
                let sum = 0;
                for (let at = Math.floor(from / width); at <= Math.ceil(to / width); at += 1) sum += 10 ** (bins[at] / 10) || 0;
                return sum;
              };
              const all = power(80, 6000);
              const wanted = power(\(hertz) - 30, \(hertz) + 30);
              return all < 1e-9 ? -100 : 10 * Math.log10(wanted / Math.max(all - wanted, 1e-12));
            })()
            """, as: Double.self)
    }

    /// How loud what is heard now is, in dBFS; -100 for silence.
    package func loudness() async throws -> Double {
        try await evaluate(
            """
            (() => {
              const { analyser } = window.heard;
              const samples = new Float32Array(analyser.fftSize);
              analyser.getFloatTimeDomainData(samples);
              const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
              return power < 1e-10 ? -100 : 10 * Math.log10(power);
            })()
            """, as: Double.self)
    }

    package struct Picture: Decodable {
        package var width: Int
        /// Mean of each colour, 0 to 255.
        package var red: Double
        package var green: Double
        package var blue: Double
        /// How far the pixels differ from those of the last look.
        package var change: Double
    }

    /// What a video shows, and how it changed since it was looked at last.
    package func picture(_ selector: String) async throws -> Picture {
        try await evaluate(
            """
            (() => {
              const video = document.querySelector('\(selector)');
              const canvas = new OffscreenCanvas(64, 36);
              const drawing = canvas.getContext('2d', { willReadFrequently: true });
              drawing.drawImage(video, 0, 0, 64, 36);
              const { data } = drawing.getImageData(0, 0, 64, 36);
              const sums = [0, 0, 0];
              let change = 0;
              for (let at = 0; at < data.length; at += 4) {
                for (let colour = 0; colour < 3; colour += 1) {
                  sums[colour] += data[at + colour];
                  change += Math.abs(data[at + colour] - (video.before?.[at + colour] ?? data[at + colour]));
                }
              }
              video.before = data;
              const [red, green, blue] = sums.map((sum) => sum / (64 * 36));
              return { width: video.videoWidth, red, green, blue, change: change / data.length };
            })()
            """, as: Picture.self)
    }

    /// What a video shows, by its colours.
    package func colours(_ selector: String) async throws -> ColourMap {
        try ColourMap(
            await evaluate(
                """
                (() => {
                  const [width, height] = [\(ColourMap.width), \(ColourMap.height)];
                  const drawing = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
                  drawing.drawImage(document.querySelector('\(selector)'), 0, 0, width, height);
                  return [...drawing.getImageData(0, 0, width, height).data].filter((_, at) => at % 4 < 3);
                })()
                """, as: [UInt8].self))
    }

    /// Waits until a video shows the fake camera, which is green, and moves.
    package func waitForCamera(in selector: String, within limit: Duration = .seconds(20)) async throws {
        let (page, last) = (self, LastSeen())
        do {
            try await eventually("the other's camera", within: limit) {
                let seen = try await page.picture(selector)
                last.note("\(seen)")
                return seen.width > 0 && seen.green > 60 && seen.green > 2 * seen.red && seen.green > 2 * seen.blue
                    && seen.change > 0.1
            }
        } catch {
            throw ToolFailure("\(error); last seen: \(last.text)")
        }
    }

    package func waitForTone(_ hertz: Int, within limit: Duration = .seconds(20)) async throws {
        let (page, last) = (self, LastSeen())
        do {
            try await eventually("a tone of \(hertz) Hz", within: limit) {
                let heard = try await page.prominence(of: hertz)
                last.note("\(heard) dB")
                return heard > 6
            }
        } catch {
            let state = try? await evaluate(
                """
                (() => { const { analyser, bins } = window.heard; const audio = document.getElementById('sound');
                  return JSON.stringify({ context: analyser.context.state, at: analyser.context.currentTime, loudest: Math.max(...bins),
                    played: audio.currentTime, paused: audio.paused, track: audio.srcObject?.getTracks()[0]?.readyState }); })()
                """, as: String.self)
            throw ToolFailure("\(error); last heard: \(last.text); \(state ?? "")")
        }
    }
}

private final class LastSeen: @unchecked Sendable {
    // Written by one polling task, read after it ended.
    private(set) var text = ""
    func note(_ text: String) { self.text = text }
}
