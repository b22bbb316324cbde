extension ValueKind where Value == Duration {
    /// A whole number and its unit: `500ms`, `30s`, `5m`, `2h`, `1d`.
    static func duration(_ range: ClosedRange<Duration>) -> ValueKind {
        scalar(
            "a duration such as 30s, 5m or 2h, from \(written(range.lowerBound)) to \(written(range.upperBound))",
            { text in duration(text).flatMap { range.contains($0) ? $0 : nil } }, write: { written($0) })
    }

    private static var units: [(name: String, milliseconds: Int64)] {
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let name = text[digits.endIndex...]
        guard digits.count <= 12, let number = Int64(digits), let unit = units.first(where: { $0.name == name }) else {
            return nil
        }
        return .milliseconds(number * unit.milliseconds)
    }

    private static func written(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let unit = units.first { milliseconds % $0.milliseconds == 0 && milliseconds >= $0.milliseconds }
        return unit.map { "\(milliseconds / $0.milliseconds)\($0.name)" } ?? "0s"
    }
}

extension ValueKind where Value == ClosedRange<UInt16> {
    /// Two ports with a hyphen between: `20000-29999`.
    static func ports(_ bounds: ClosedRange<UInt16>, atLeast minimum: Int) -> ValueKind {
        scalar(
            "a range of at least \(minimum) ports from \(bounds.lowerBound) to \(bounds.upperBound), as 20000-29999",
            { text in
                let ends = text.split(separator: "-", omittingEmptySubsequences: false)
                guard ends.count == 2, let first = UInt16(ends[0]), let last = UInt16(ends[1]), first <= last,
                    bounds.contains(first), bounds.contains(last), Int(last) - Int(first) + 1 >= minimum
                else { return nil }
                return first...last
            }, write: { "\($0.lowerBound)-\($0.upperBound)" })
    }
}

extension ValueKind where Value == Configuration.PictureSize {
    /// Width and height with an `x` between: `1280x720`.
    static var pictureSize: ValueKind {
        scalar(
            "a picture size of even numbers from 320x180 to 1920x1080, as 1280x720",
            { text in
                let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
                guard sides.count == 2, let width = sides[0], let height = sides[1], (320...1920).contains(width),
                    (180...1080).contains(height), width % 2 == 0, height % 2 == 0
                else { return nil }
                return Configuration.PictureSize(width: width, height: height)
            }, write: { "\($0.width)x\($0.height)" })
    }
}

extension ValueKind where Value == Configuration.Invited {
    /// `all`, or a list of points' ids.
    static var invited: ValueKind {
        let expects = "'all' or a list of points' ids"
        let list = ValueKind<[String]>.list(of: .identifier, 0...10_000)
        return ValueKind(
            expects: expects,
            read: { node, reader in
                if node.scalar == "all" { return .all }
                guard node.elements != nil else {
                    reader.report("expected \(expects), found \(node.kind)", at: node)
                    return nil
                }
                return list.read(node, &reader).map(Configuration.Invited.points)
            },
            write: {
                switch $0 {
                case .all: "all"
                case .points(let ids): list.write(ids)
                }
            },
            shape: ValueShape(kind: .either(ValueShape(choices: ["all"]), list.shape)),
            writeWhole: {
                switch $0 {
                case .all: .scalar("all")
                case .points(let ids): list.written(ids)
                }
            })
    }
}
