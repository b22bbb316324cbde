import Documents
import Foundation
import Office
public import PortalAPI
import Search

/// Where the portal listens and whom it lets in.
public struct PortalConfiguration: Sendable {
    /// HTTPS over TCP.
    public struct HTTPS: Sendable, Equatable {
        public var host: String
        /// 0 takes a free port.
        public var port: Int
        /// PEM, the server's certificate first, then those above it.
        public var certificatePath: String
        /// PEM.
        public var keyPath: String
        public init(host: String, port: Int, certificatePath: String, keyPath: String) {
            self.host = host
            self.port = port
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    /// What is measured, as text for whoever gathers it.
    public struct Metrics: Sendable {
        var contentType: String
        var text: @Sendable () async -> String
        public init(contentType: String, text: @escaping @Sendable () async -> String) {
            self.contentType = contentType
            self.text = text
        }
    }

    public var https: HTTPS?
    /// A Unix domain socket, mode 0660: whoever may open it is the local administrator.
    public var socketPath: String?
    public var tokens: [AccessToken]
    public var secondFactor = SecondFactorRule.offered
    public var limits = RequestLimits()
    /// Nobody signs in by an identity provider where there is none.
    public var openID: OpenIDConfiguration?
    public var join = JoinConfiguration()
    public var guides = GuideConfiguration()
    /// One without a register where nothing is said.
    public var reports: ReportDesk?
    public var packages = PackageConfiguration()
    /// For how long the Office's journal is kept; told with the yearly figures.
    public var journalMonths = 12
    /// Nobody harvests where there is none.
    public var harvest: HarvestConfiguration?
    /// Whose site it is, as documents name it.
    public var organization = ""
    /// Nothing is told where there is none.
    public var metrics: Metrics?
    /// No call is traced where there is none.
    public var tracing: (any CallTracing)?
    /// Nothing is found where there is none.
    public var search: SearchIndex?
    /// Connections at once on each listener; more wait in the kernel's queue.
    public var maximumConnections: Int
    /// A connection on which nothing moves for this long is closed.
    public var idleTimeout: Duration

    public init(
        https: HTTPS?, socketPath: String?, tokens: [AccessToken] = [], maximumConnections: Int = 512,
        idleTimeout: Duration = .seconds(60)
    ) {
        self.https = https
        self.socketPath = socketPath
        self.tokens = tokens
        self.maximumConnections = maximumConnections
        self.idleTimeout = idleTimeout
    }
}
