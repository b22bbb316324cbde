import Office

/// An entry of the register, and whether it is the configuration file's.
public struct Listed<Entry: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    public var entry: Entry
    /// It is changed in the configuration file alone.
    public var isFixed: Bool
    /// Of people that the Office manages.
    public var account: AccountState?
    /// Of rooms that the Office manages: whether telephones are asked for a PIN, which is nowhere told.
    public var hasPIN: Bool?
    public init(entry: Entry, isFixed: Bool, account: AccountState? = nil, hasPIN: Bool? = nil) {
        self.entry = entry
        self.isFixed = isFixed
        self.account = account
        self.hasPIN = hasPIN
    }
}

/// What comes of a change of the register.
public struct RegisterAnswer: Codable, Sendable, Equatable {
    /// Passwords of new points and new accounts, which are shown here and never again.
    public var passwords: [IssuedPassword]
    /// Links of new people, likewise.
    public var links: [IssuedLink]
    public init(passwords: [IssuedPassword] = [], links: [IssuedLink] = []) {
        self.passwords = passwords
        self.links = links
    }
}

/// What an import did, or would do.
public struct ImportReport: Codable, Sendable, Equatable {
    /// Nothing was changed: it was only a trial, or there are faults.
    public var isApplied: Bool
    public var lines: [RegisterImport.Line]
    public var faults: [RegisterImport.Fault]
    public var issued: RegisterAnswer
    public init(
        isApplied: Bool, lines: [RegisterImport.Line], faults: [RegisterImport.Fault], issued: RegisterAnswer = .init()
    ) {
        self.isApplied = isApplied
        self.lines = lines
        self.faults = faults
        self.issued = issued
    }
}

/// `PUT /api/v1/rooms/{id}/pin`.
public struct PINRequest: Codable, Sendable, Equatable {
    /// 4 to 16 digits; nil takes it away.
    public var pin: String?
    public init(pin: String?) { self.pin = pin }
}
