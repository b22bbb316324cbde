import Foundation
public import Quality

/// A line check of a point: what was measured and what is to be said of it.
public struct LineCheck: Codable, Sendable, Equatable, Identifiable {
    /// What is wrong, with its figure, and what to do about it.
    public struct Finding: Codable, Sendable, Equatable {
        public var fault: LineFault
        public var grade: LineGrade
        public var value: Double?
        public var unit: String
        /// By language: `vi`, `en`.
        public var words: [String: String]
        public var advice: [String: String]

        public init(_ finding: LineVerdict.Finding) {
            fault = finding.fault
            grade = finding.grade
            value = finding.value.map { ($0 * 100).rounded() / 100 }
            unit = finding.fault.unit
            words = Self.texts { finding.fault.words($0) }
            advice = Self.texts { finding.fault.advice($0) }
        }

        private static func texts(_ text: (LineLanguage) -> String) -> [String: String] {
            Dictionary(uniqueKeysWithValues: LineLanguage.allCases.map { ($0.rawValue, text($0)) })
        }
    }

    /// The three that the gate before a meeting asks for.
    public struct Passes: Codable, Sendable, Equatable {
        public var sound: Bool
        public var picture: Bool
        public var line: Bool
        public init(sound: Bool, picture: Bool, line: Bool) {
            self.sound = sound
            self.picture = picture
            self.line = line
        }
    }

    /// Nobody can guess it: whoever was told it may read the check.
    public var id: String
    /// The point's code.
    public var point: String
    public var name: String
    public var at: Date
    /// What the device calls itself.
    public var device: String?
    public var grade: LineGrade
    public var findings: [Finding]
    public var passes: Passes
    public var measured: LineMeasurement

    public init(
        id: String, point: String, name: String, at: Date, device: String?, measured: LineMeasurement,
        verdict: LineVerdict
    ) {
        self.id = id
        self.point = point
        self.name = name
        self.at = at
        self.device = device
        self.measured = measured
        grade = verdict.grade
        findings = verdict.findings.map(Finding.init)
        passes = Passes(
            sound: verdict.soundPasses, picture: verdict.picturePasses, line: verdict.linePasses)
    }
}

/// How the points of a meeting have done lately: a series for each figure, for small graphs. All series of a point are of one
/// length, the oldest first, one sample each `intervalSeconds` up to `endsAt`; null where nothing tells.
public struct MeetingQuality: Codable, Sendable, Equatable {
    public struct Point: Codable, Sendable, Equatable {
        public var point: String
        public var name: String
        public var alarms: [QualityAlarm.Figure]
        public var mos: [Double?]
        /// In per cent.
        public var lossUp: [Double?]
        public var lossDown: [Double?]
        /// In milliseconds.
        public var jitterUp: [Double?]
        public var jitterDown: [Double?]
        public var roundTrip: [Double?]
        /// In kbit/s.
        public var rateUp: [Double?]
        public var rateDown: [Double?]
        /// Lines of the picture that comes, pictures a second, and how often it stood still.
        public var pictureHeight: [Double?]
        public var frameRate: [Double?]
        public var freezes: [Double?]

        public init(point: String, name: String, alarms: [QualityAlarm.Figure], samples: [QualitySample]) {
            self.point = point
            self.name = name
            self.alarms = alarms
            func series(_ value: (QualitySample) -> Double?) -> [Double?] {
                samples.map { value($0).map { ($0 * 100).rounded() / 100 } }
            }
            mos = series(\.opinionScore)
            lossUp = series(\.lossUp)
            lossDown = series(\.lossDown)
            jitterUp = series(\.jitterUpMilliseconds)
            jitterDown = series(\.jitterDownMilliseconds)
            roundTrip = series(\.roundTripMilliseconds)
            rateUp = series { ($0.bitrateUp / 1000).rounded() }
            rateDown = series { ($0.bitrateDown / 1000).rounded() }
            pictureHeight = series { $0.pictureHeight.map(Double.init) }
            frameRate = series(\.frameRate)
            freezes = series { Double($0.freezes) }
        }
    }

    /// Beyond these a line is not fit for a meeting, and alarms ring.
    public struct Limits: Codable, Sendable, Equatable {
        public var mos: Double
        public var lossPercent: Double
        public var jitterMilliseconds: Double
        public var roundTripMilliseconds: Double
        /// What comes of a point with a picture, and its lines; less is not fit.
        public var rateKilobits: Double
        public var pictureHeight: Double

        public init(_ thresholds: LineThresholds) {
            mos = thresholds.opinionScore.usable
            lossPercent = thresholds.lossPercent.usable
            jitterMilliseconds = thresholds.jitterMilliseconds.usable
            roundTripMilliseconds = thresholds.roundTripMilliseconds.usable
            rateKilobits = thresholds.kilobits.usable
            pictureHeight = thresholds.pictureHeight.usable
        }
    }

    /// The meeting's id.
    public var meeting: String
    public var endsAt: Date
    public var intervalSeconds: Double
    public var limits: Limits
    public var points: [Point]

    public init(
        meeting: String, endsAt: Date, intervalSeconds: Double, thresholds: LineThresholds, points: [Point]
    ) {
        self.meeting = meeting
        self.endsAt = endsAt
        self.intervalSeconds = intervalSeconds
        limits = Limits(thresholds)
        self.points = points
    }
}

/// How a point's line does now.
public struct LiveQuality: Codable, Sendable, Equatable {
    /// MOS by the E-model, the worse of both ways.
    public var mos: Double?
    public var lossUpPercent: Double?
    public var lossDownPercent: Double?
    public var roundTripMilliseconds: Double?
    /// Of all its media, bit/s.
    public var bitrateUp: Double?
    public var bitrateDown: Double?
    public var alarms: [QualityAlarm.Figure]

    public init(_ sample: QualitySample, alarms: [QualityAlarm.Figure]) {
        mos = sample.opinionScore
        lossUpPercent = sample.lossUp
        lossDownPercent = sample.lossDown
        roundTripMilliseconds = sample.roundTripMilliseconds
        (bitrateUp, bitrateDown) = (sample.bitrateUp, sample.bitrateDown)
        self.alarms = alarms
    }
}
