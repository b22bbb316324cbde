/// What differs between the configuration in force and a new one, by key path.
public struct ConfigurationChanges: Hashable, Sendable {
    /// A reload applies these without touching calls.
    public var applied: [String]
    /// These keep their old values until the daemon starts again.
    public var needRestart: [String]

    public var isEmpty: Bool { applied.isEmpty && needRestart.isEmpty }
}

extension Configuration {
    public static func changes(from old: Configuration, to new: Configuration) -> ConfigurationChanges {
        let all = differences(old, new)
        return ConfigurationChanges(
            applied: all.filter(\.appliesOnReload).map(\.path),
            needRestart: all.filter { !$0.appliesOnReload }.map(\.path))
    }

    /// The configuration in force after a reload: what applies from `new`, everything else as it was.
    public func reloaded(with new: Configuration) -> Configuration {
        var result = self
        result.units = new.units
        result.points = new.points
        result.rooms = new.rooms
        result.certificates = new.certificates
        result.schedule = new.schedule
        result.sip.pointAuthority = new.sip.pointAuthority
        result.archive.holidays = new.archive.holidays
        result.portal.tokens = new.portal.tokens
        result.portal.secondFactor = new.portal.secondFactor
        result.portal.limits = new.portal.limits
        result.portal.support = new.portal.support
        result.portal.telephone = new.portal.telephone
        result.log.level = new.log.level
        return result
    }
}
