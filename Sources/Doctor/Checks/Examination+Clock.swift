import CLinux
import Glibc

extension Examination {
    /// Whether the machine's clock follows the time: seals, invitations and what is joined across points need it.
    func clock() -> Finding {
        if Self.isContainer { return Finding("clock", .skipped, "it is the host's: ask there") }
        let error = cl_clock_error()
        if error == -Int64(ENODATA) {
            return Finding(
                "clock", .warning, "it follows no time server",
                advice: "apt-get install systemd-timesyncd (or chrony), and timedatectl set-ntp true")
        }
        guard error >= 0 else { return Finding("clock", .skipped, "the kernel does not tell") }
        return Finding("clock", .good, "it follows a time server, within \(max(1, error / 1_000)) ms")
    }

    /// By what systemd leaves for its containers.
    static var isContainer: Bool { access("/run/systemd/container", F_OK) == 0 }
}
