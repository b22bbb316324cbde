import Foundation

/// Somebody's request for material, and what was granted.
public struct SupplyRequest: Hashable, Sendable {
    public var id: String
    public var requestedAt: Date
    /// `official-duty`, `personal`, …: what the profile's codes mean.
    public var purpose: String
    public var purposeInWords: String
    /// By which fees go.
    public var feeObject: String
    public var researchTopic: String?
    public var note: String?
    /// Name, and number of identity.
    public var recipient: String
    /// Of this copy, given by the archive.
    public var authenticationCode: String
    public var issuedAt: Date
    public var validUntil: Date
    public var copies: Int
    /// Number and symbol of the original, where it has them.
    public var originalNumber: String?
    /// The sheet that goes with the copy, in PDF/A: what ``SupplySheet`` makes, or that with the archive's signature.
    public var sheet: Data

    public init(
        id: String, requestedAt: Date, purpose: String = "official-duty", purposeInWords: String,
        feeObject: String = "other", researchTopic: String? = nil, note: String? = nil, recipient: String,
        authenticationCode: String, issuedAt: Date, validUntil: Date, copies: Int = 1, originalNumber: String? = nil,
        sheet: Data = Data()
    ) {
        self.id = id
        self.requestedAt = requestedAt
        self.purpose = purpose
        self.purposeInWords = purposeInWords
        self.feeObject = feeObject
        self.researchTopic = researchTopic
        self.note = note
        self.recipient = recipient
        self.authenticationCode = authenticationCode
        self.issuedAt = issuedAt
        self.validUntil = validUntil
        self.copies = copies
        self.originalNumber = originalNumber
        self.sheet = sheet
    }
}
