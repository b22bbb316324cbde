import SIP

/// The word that is asked for: an Info Package (RFC 6086) of this bridge's own, for which there is none registered. The
/// body is `raised` or `lowered`, as `text/plain`.
public enum InfoHand {
    public static let package = "causeway-hand"

    static func isRaised(in body: String) -> Bool? {
        switch body.split(whereSeparator: \.isWhitespace).first {
        case "raised": true
        case "lowered": false
        default: nil
        }
    }
}

extension SIPHeaderName {
    /// RFC 6086 §7.
    static let infoPackage = SIPHeaderName("Info-Package")
    static let recvInfo = SIPHeaderName("Recv-Info")
}
