/// A dialog that a provisional response made (RFC 3261 §12.1.2), and how far its reliable responses have come (RFC 3262
/// §4).
struct EarlyDialog: Sendable {
    enum Session: Sendable, Hashable {
        /// The INVITE had no offer, and the peer made none yet.
        case open
        /// The peer's reliable response made the offer: its PRACK waits for the answer.
        case offered(SIPResponse)
        /// The offer was this side's, or is answered.
        case settled
    }

    var dialog: Dialog
    var session: Session
    /// RSeq of the last reliable response.
    private var lastNumber: UInt32?
    /// The PRACK that is out, and how often it was challenged.
    var prack: (request: SIPRequest, challenges: Int)?

    init(_ dialog: Dialog, hasOffer: Bool) {
        self.dialog = dialog
        session = hasOffer ? .settled : .open
    }

    /// Whether a reliable response is the next in order. Others are repetitions, or overtook one that will come again.
    mutating func admits(_ number: UInt32) -> Bool {
        if let lastNumber, number != lastNumber &+ 1 { return false }
        lastNumber = number
        return true
    }

    /// The PRACK of a reliable response (RFC 3262 §7.2: RAck).
    mutating func acknowledge(_ response: SIPResponse, headers: SIPHeaders, body: [UInt8]) -> SIPRequest? {
        guard let number = response.reliableNumber else { return nil }
        var all = headers
        all[.rAck] = "\(number) \(response.cseq)"
        return dialog.request(.prack, headers: all, body: body)
    }
}
