/// Least squares with several causes: how much of what is measured goes with time, apart from what goes with the load.
enum Regression {
    struct Point: Sendable {
        /// Time first.
        var x: [Double]
        var y: Double
    }

    struct Fit: Sendable {
        /// Of the first cause.
        var slope: Double
        var standardError: Double
    }

    /// Nil where the points do not tell the causes apart.
    static func fit(_ points: [Point]) -> Fit? {
        guard let width = points.first?.x.count, points.count > width + 2 else { return nil }
        // A cause that never changes is none.
        let varying = (0..<width).filter { index in
            index == 0 || points.contains { $0.x[index] != points[0].x[index] }
        }
        let rows = points.map { point in [1] + varying.map { point.x[$0] } }
        let size = varying.count + 1
        var normal = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
        var right = [Double](repeating: 0, count: size)
        for (row, point) in zip(rows, points) {
            for i in 0..<size {
                right[i] += row[i] * point.y
                for j in 0..<size { normal[i][j] += row[i] * row[j] }
            }
        }
        guard let inverse = inverse(of: normal) else { return nil }
        let found = (0..<size).map { i in (0..<size).reduce(0) { $0 + inverse[i][$1] * right[$1] } }
        let rest = zip(rows, points).reduce(0.0) { sum, pair in
            let off = pair.1.y - zip(pair.0, found).reduce(0) { $0 + $1.0 * $1.1 }
            return sum + off * off
        }
        let variance = rest / Double(points.count - size)
        return Fit(slope: found[1], standardError: max(0, variance * inverse[1][1]).squareRoot())
    }

    /// By Gauss and Jordan, with the largest pivot.
    private static func inverse(of matrix: [[Double]]) -> [[Double]]? {
        let size = matrix.count
        var left = matrix
        var right = (0..<size).map { i in (0..<size).map { $0 == i ? 1.0 : 0.0 } }
        for column in 0..<size {
            guard let pivot = (column..<size).max(by: { abs(left[$0][column]) < abs(left[$1][column]) }),
                abs(left[pivot][column]) > 1e-9
            else { return nil }
            left.swapAt(column, pivot)
            right.swapAt(column, pivot)
            let scale = left[column][column]
            for j in 0..<size {
                left[column][j] /= scale
                right[column][j] /= scale
            }
            for row in 0..<size where row != column {
                let factor = left[row][column]
                for j in 0..<size {
                    left[row][j] -= factor * left[column][j]
                    right[row][j] -= factor * right[column][j]
                }
            }
        }
        return right
    }
}
