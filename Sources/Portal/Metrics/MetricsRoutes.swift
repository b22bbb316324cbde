import Hummingbird

/// `GET /metrics`, as Prometheus reads it: for whoever may see the bridge's state.
struct MetricsRoutes: Sendable {
    let metrics: PortalConfiguration.Metrics?

    func add(to router: Router<PortalContext>) {
        guard let metrics else { return }
        router.get("metrics") { _, context in
            try context.require(.readStatus)
            let text = await metrics.text()
            return Response(
                status: .ok, headers: [.contentType: metrics.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
    }
}
