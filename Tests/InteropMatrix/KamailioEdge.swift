import Foundation
import InteropSupport

/// Kamailio in front of the bridge, by the configuration in `samples/endpoints/kamailio-edge`: it stays in every dialog's
/// path and changes the transport on the way.
struct KamailioEdge: Sendable {
    let port: UInt16
    private let kamailio: Kamailio

    /// Starts it; what it takes goes on to the daemon over `onward`.
    init(onward: Baresip.Transport, at sitting: Sitting) async throws {
        let configuration = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../samples/endpoints/kamailio-edge/kamailio.cfg").standardizedFileURL.path
        let host = sitting.daemon.host
        port = try FreePorts.run(of: 2)
        let bridge = "sip:\(host):\(sitting.daemon.sipPort);transport=\(onward.rawValue)"
        kamailio = try await Kamailio(
            configuration: configuration, definitions: ["EDGE=\(host):\(port)", "BRIDGE=\"\(bridge)\""],
            in: sitting.folder + "/edge")
    }

    func stop() async { await kamailio.stop() }
}

extension Line {
    static let kamailio: [Line] = [
        edge(.udp, .tcp, "SDES AES_CM_80", "Opus", programs: ["baresip"]) { sitting, edge in
            try await sitting.baresip {
                $0.transport = .udp
                $0.registrationInterval = 60
                $0.extraAccount = "outbound=\"sip:\(sitting.daemon.host):\(edge.port);transport=udp\""
            }
        },
        edge(.tcp, .udp, "SDES optional", "Opus", programs: ["pjsua"]) { sitting, edge in
            let endpoint = try await PJSUAEndpoint(
                .init(
                    transport: .tcp, srtp: 1, codecs: ["opus/48000", "pcma/8000"],
                    proxy: "sip:\(sitting.daemon.host):\(edge.port);transport=tcp;lr"), at: sitting)
            sitting.keep(endpoint)
            return endpoint
        },
    ]

    private static func edge(
        _ transport: Baresip.Transport, _ onward: Baresip.Transport, _ keying: String, _ codec: String,
        programs: [String], _ make: @escaping @Sendable (Sitting, KamailioEdge) async throws -> any Endpoint
    ) -> Line {
        Line(
            endpoint: (programs.first == "pjsua" ? "PJSIP" : "baresip") + ", Kamailio",
            transport: "\(transport.rawValue)→\(onward.rawValue)".uppercased(), keying: keying, codec: codec,
            programs: ["kamailio", "sox"] + programs, seconds: 27
        ) { sitting in
            let edge = try await KamailioEdge(onward: onward, at: sitting)
            let outcome: Swift.Result<Void, any Error>
            do {
                let endpoint = try await make(sitting, edge)
                // The edge takes all requests; the URI names the bridge as others would.
                try await sitting.walk(
                    endpoint, to: sitting.daemon.address(of: Sitting.room, over: transport),
                    other: sitting.daemon.address(of: Sitting.otherRoom, over: transport))
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await edge.stop()
            try outcome.get()
        }
    }
}
