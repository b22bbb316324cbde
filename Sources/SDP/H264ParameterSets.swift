/// The parameter sets that a sender tells in its description, and then may leave out of its stream (RFC 6184 §8.1,
/// `sprop-parameter-sets`).
public enum H264ParameterSets {
    /// More than any sender has.
    private static let mostUnits = 16

    /// NAL units without prefix, in their order; empty where none are told or one cannot be read.
    public static func units(inFormatParameters text: String) -> [[UInt8]] {
        guard let list = FormatParameters(parsing: text)["sprop-parameter-sets"] else { return [] }
        let parts = list.split(separator: ",", omittingEmptySubsequences: true)
        let units = parts.prefix(mostUnits).compactMap { Base64.decode($0) }.filter { !$0.isEmpty }
        return units.count == parts.count ? units : []
    }

    /// The units as `sprop-parameter-sets` has them.
    public static func text(of units: [[UInt8]]) -> String {
        units.prefix(mostUnits).map(Base64.encode).joined(separator: ",")
    }
}
