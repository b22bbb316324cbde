public import Logging

extension Logger.Metadata {
    /// What a line of the log is about: the journal has it as fields of their own, by which an operator finds all of one call, meeting or point.
    public static func about(call: CallID? = nil, meeting: String? = nil, point: String? = nil) -> Self {
        var fields: Self = [:]
        if let call { fields["call"] = "\(call)" }
        if let meeting { fields["meeting"] = "\(meeting)" }
        if let point { fields["point"] = "\(point)" }
        return fields
    }
}
