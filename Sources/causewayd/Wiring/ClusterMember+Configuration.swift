import Archive
import Cluster
import Logging
import Placement
import SQLDatabase
import SiteConfiguration

extension ClusterMember {
    /// Nil where the bridge is alone.
    convenience init?(_ cluster: Configuration.Cluster, logger: Logger) async throws {
        guard let name = cluster.name, let conninfo = cluster.conninfo, let secret = cluster.trunkSecret else {
            return nil
        }
        try await self.init(
            Settings(
                name: name, database: HomeStore.location(conninfo: conninfo),
                control: ControlAddress(host: cluster.control.address, port: Int(cluster.control.port)),
                advertised: cluster.control.advertised, trunk: cluster.trunk, secret: secret.reveal(),
                timing: PlacementTiming(grace: cluster.grace)), logger: logger)
    }
}

extension ArchiveCluster {
    /// Nil where the bridge is alone.
    init?(_ cluster: Configuration.Cluster) {
        guard let name = cluster.name, let conninfo = cluster.conninfo else { return nil }
        // What is written of meetings waits by itself, and is tried again.
        self.init(bridge: name, database: PostgresSettings(conninfo: conninfo, schema: "causeway_archive"))
    }
}
