/// Tells systemd that the daemon is alive as long as everything answers that a meeting needs: each media worker, and the
/// thread on which calls are signalled. One that hangs keeps the word from being given, and systemd ends the daemon; its
/// next start finishes the recordings.
struct Watchdog {
    /// Within which a word is to be given.
    let interval: Duration
    let host: BridgeHost

    func run() async {
        while !Task.isCancelled {
            // Answered by each worker in its turn, and by the control thread.
            let status = await host.status()
            ServiceManager.tell(
                .alive,
                .status(
                    "\(status.liveMeetings) meetings, \(status.participants) points in them, "
                        + "\(status.pointsRegistered) registered"))
            // Twice in the interval, as sd_watchdog_enabled(3) advises, and once more for a late one.
            try? await Task.sleep(for: interval / 3)
        }
    }
}
