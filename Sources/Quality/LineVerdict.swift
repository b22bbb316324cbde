/// What is to be said of a measured line: a grade, why, and what to do about it.
public struct LineVerdict: Sendable, Equatable {
    public struct Finding: Sendable, Equatable {
        public var fault: LineFault
        public var grade: LineGrade
        /// In the fault's unit; nil where it has none.
        public var value: Double?
    }

    public var grade: LineGrade
    /// The worst first.
    public var findings: [Finding]

    /// What each part of the gate before a meeting asks: sound was heard, a picture came whole, the line bears both.
    public var soundPasses: Bool { !findings.contains { $0.fault == .noSound } }
    public var picturePasses: Bool
    public var linePasses: Bool

    /// - Parameter wantsPicture: a point without a camera is then said to lack it.
    public init(_ measured: LineMeasurement, _ thresholds: LineThresholds, wantsPicture: Bool = false) {
        var findings: [Finding] = []
        func note(_ fault: LineFault, _ grade: LineGrade, _ value: Double? = nil) {
            if grade != .good { findings.append(Finding(fault: fault, grade: grade, value: value)) }
        }
        note(.noSound, measured.hasSound ? .good : .notFit)
        for (way, loss, jitter, score) in [
            (measured.up, LineFault.lossUp, LineFault.jitterUp, LineFault.scoreUp),
            (measured.down, .lossDown, .jitterDown, .scoreDown),
        ] {
            if let value = way.lossPercent { note(loss, thresholds.lossPercent.grade(atMost: value), value) }
            if let value = way.jitterMilliseconds {
                note(jitter, thresholds.jitterMilliseconds.grade(atMost: value), value)
            }
            if let value = way.opinionScore { note(score, thresholds.opinionScore.grade(atLeast: value), value) }
        }
        if let trip = measured.roundTripMilliseconds {
            note(.roundTrip, thresholds.roundTripMilliseconds.grade(atMost: trip), trip)
        }
        if let picture = measured.picture {
            let kilobits = measured.up.bitrate / 1000
            note(.rateUp, thresholds.kilobits.grade(atLeast: kilobits), kilobits)
            if let height = picture.height.map(Double.init) {
                note(.smallPicture, thresholds.pictureHeight.grade(atLeast: height), height)
            } else {
                note(.noPicture, .notFit)
            }
            note(.slowPicture, thresholds.frameRate.grade(atLeast: picture.frameRate), picture.frameRate)
        } else if wantsPicture {
            note(.noPicture, .usable)
        }
        if measured.keying.method == .none { note(.clear, .usable) }
        // Those that say what ails the line come before what follows from it.
        self.findings = findings.enumerated().sorted {
            ($1.element.grade, $0.element.fault.rank, $0.offset) < ($0.element.grade, $1.element.fault.rank, $1.offset)
        }.map(\.element)
        grade = findings.map(\.grade).max() ?? .good
        picturePasses =
            measured.picture?.height != nil
            && !findings.contains { $0.fault.isOfPicture && $0.grade == .notFit }
        linePasses = !findings.contains { !$0.fault.isOfPicture && $0.fault != .noSound && $0.grade == .notFit }
    }
}

/// What can be wrong with a line.
public enum LineFault: String, Sendable, Codable, CaseIterable {
    case noSound, lossUp, lossDown, roundTrip, jitterUp, jitterDown, rateUp, noPicture, smallPicture, slowPicture
    case scoreUp, scoreDown
    case clear

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    var isOfPicture: Bool { [.noPicture, .smallPicture, .slowPicture].contains(self) }

    /// Of the value that goes with it.
    public var unit: String {
        switch self {
        case .lossUp, .lossDown: "%"
        case .roundTrip, .jitterUp, .jitterDown: "ms"
        case .rateUp: "kbit/s"
        case .smallPicture: "px"
        case .slowPicture: "fps"
        case .scoreUp, .scoreDown: "MOS"
        case .noSound, .noPicture, .clear: ""
        }
    }
}
