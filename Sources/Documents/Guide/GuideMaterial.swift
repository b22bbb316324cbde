/// All that a join guide of a point is made of.
public struct GuideMaterial: Sendable {
    public var site: GuideSite
    public var point: GuidePoint
    /// Empty where the point signs in by its certificate alone.
    public var secrets: [LinphoneProvisioning.Secret]

    public init(site: GuideSite, point: GuidePoint, secrets: [LinphoneProvisioning.Secret]) {
        self.site = site
        self.point = point
        self.secrets = secrets
    }
}
