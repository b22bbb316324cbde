import Office

/// Signing in.
public struct SignInRequest: Codable, Sendable, Equatable {
    public var name: String
    public var password: String
    /// What the authenticator app shows, or a recovery code; asked for where it is needed.
    public var code: String?
    public init(name: String, password: String, code: String? = nil) {
        self.name = name
        self.password = password
        self.code = code
    }
}

/// Opening a session that is locked.
public struct UnlockRequest: Codable, Sendable, Equatable {
    public var password: String
    public init(password: String) { self.password = password }
}

/// Setting a password by a one-time link.
public struct LinkRequest: Codable, Sendable, Equatable {
    public var token: String
    public var password: String
    /// As in ``SignInRequest``.
    public var code: String?
    public init(token: String, password: String, code: String? = nil) {
        self.token = token
        self.password = password
        self.code = code
    }
}

/// What an authenticator app is to be given. It is in force once the app's code was sent back.
public struct SecondFactorOffer: Codable, Sendable, Equatable {
    /// For typing, RFC 4648 Base32.
    public var secret: String
    /// `otpauth://totp/…`, which the QR code holds.
    public var address: String
    /// The QR code's modules, a row a text, `1` for dark ones.
    public var code: [String]
    public init(secret: String, address: String, code: [String]) {
        self.secret = secret
        self.address = address
        self.code = code
    }
}

/// That the app works: what it shows now.
public struct SecondFactorProof: Codable, Sendable, Equatable {
    public var code: String
    public init(code: String) { self.code = code }
}

/// Codes that stand in for the app, each once. They are shown once.
public struct RecoveryCodes: Codable, Sendable, Equatable {
    public var codes: [String]
    public init(codes: [String]) { self.codes = codes }
}

/// Turning it off again needs what signing in needs.
public struct SecondFactorRemoval: Codable, Sendable, Equatable {
    public var password: String
    public var code: String
    public init(password: String, code: String) {
        self.password = password
        self.code = code
    }
}

/// Who is signed in, and what the page is to know of it.
public struct SessionStatus: Codable, Sendable, Equatable {
    /// By which the person signed in.
    public var person: String
    public var name: String
    public var position: String
    public var unit: String?
    public var roles: [Role]
    /// Names of what the person may ask for.
    public var actions: [String]
    /// Goes with each request that changes something, as `X-CSRF-Token`.
    public var csrfToken: String
    /// The session locks when nothing was done for so long.
    public var idleSeconds: Int64
    public var isLocked: Bool
    public var hasSecondFactor: Bool
    /// Nothing may be done before there is a second factor.
    public var mustEnrol: Bool
    /// Nothing may be done before the code of the authenticator app comes.
    public var mustProve: Bool
    /// The person was let in by the identity provider, and unlocks the screen there.
    public var isByProvider: Bool
    /// Where the browser ends the session at the provider, after signing out here.
    public var providerSignOut: String?

    public init(
        person: String, name: String, position: String, unit: String?, roles: [Role], actions: [String],
        csrfToken: String, idleSeconds: Int64, isLocked: Bool, hasSecondFactor: Bool = false, mustEnrol: Bool = false,
        mustProve: Bool = false, isByProvider: Bool = false, providerSignOut: String? = nil
    ) {
        self.person = person
        self.name = name
        self.position = position
        self.unit = unit
        self.roles = roles
        self.actions = actions
        self.csrfToken = csrfToken
        self.idleSeconds = idleSeconds
        self.isLocked = isLocked
        self.hasSecondFactor = hasSecondFactor
        self.mustEnrol = mustEnrol
        self.mustProve = mustProve
        self.isByProvider = isByProvider
        self.providerSignOut = providerSignOut
    }
}

/// How people sign in, besides name and password.
public struct SignInWays: Codable, Sendable, Equatable {
    public struct Provider: Codable, Sendable, Equatable {
        /// Stands on the button.
        public var name: String
        /// Where a browser begins.
        public var address: String
        public init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    /// The site's identity provider; nil where there is none.
    public var provider: Provider?
    public init(provider: Provider?) { self.provider = provider }
}
