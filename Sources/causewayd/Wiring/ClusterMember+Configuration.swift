import Cluster
import Logging
import Placement
import SiteConfiguration

extension ClusterMember {
    /// Nil where the bridge is alone.
    convenience init?(_ cluster: Configuration.Cluster, logger: Logger) async throws {
        guard let name = cluster.name, let access = cluster.databaseAccess, let secret = cluster.trunkSecret else {
            return nil
        }
        try await self.init(
            Settings(
                name: name, database: HomeStore.location(conninfo: access.reveal()),
                control: ControlAddress(host: cluster.control.address, port: Int(cluster.control.port)),
                advertised: cluster.control.advertised, trunk: cluster.trunk, secret: secret.reveal(),
                timing: PlacementTiming(grace: cluster.grace)), logger: logger)
    }
}
