import Foundation

/// What is asked for when a device is to fetch its account.
public struct ProvisioningRequest: Codable, Sendable, Equatable {
    /// Three days where this is left out.
    public var validSeconds: Int64?
    public init(validSeconds: Int64? = nil) { self.validSeconds = validSeconds }
}

/// An address by which a device fetches its account, once. It is a secret until then.
public struct Provisioning: Codable, Sendable, Equatable {
    /// The point's code.
    public var point: String
    public var expiresAt: Date
    /// For Linphone's remote provisioning.
    public var url: String
    /// A page for people, with the address as a QR code.
    public var guide: String

    public init(point: String, expiresAt: Date, url: String, guide: String) {
        self.point = point
        self.expiresAt = expiresAt
        self.url = url
        self.guide = guide
    }
}
