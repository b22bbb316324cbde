import Foundation
import SiteConfiguration

extension Examination {
    private struct Program {
        var name: String
        var package: String
        /// What is not had without it.
        var purpose: String
    }

    /// What does parts of the work that are not the bridge's own.
    func programs() -> [Finding] {
        var needed = [
            Program(name: "ffmpeg", package: "ffmpeg", purpose: "copies for agencies and MPEG-4"),
            Program(name: "weasyprint", package: "weasyprint", purpose: "guides, reports and request sheets as PDF"),
            Program(
                name: "pandoc", package: "pandoc", purpose: "minutes as ODT, and the text of DOCX and ODT in the search"
            ),
            Program(name: "pdftotext", package: "poppler-utils", purpose: "the text of PDF in the search"),
        ]
        if configuration.archive.secondLocation.remote != nil {
            needed.append(Program(name: "rclone", package: "rclone", purpose: "the second location"))
        }
        let missing = needed.filter { !Self.isThere($0.name) }
        var findings = [
            missing.isEmpty
                ? Finding("programs", .good, needed.map(\.name).joined(separator: ", "))
                : Finding(
                    "programs", .warning,
                    "no " + missing.map { "\($0.name) (\($0.purpose))" }.joined(separator: ", no "),
                    advice: "apt-get install " + missing.map(\.package).joined(separator: " "))
        ]
        if let socket = configuration.papers.clamd { findings.append(scanner(socket)) }
        return findings
    }

    private static func isThere(_ program: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// clamd answers PING with PONG (clamd(8)).
    private func scanner(_ path: String) -> Finding {
        var address = sockaddr_un()
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return Finding("virus scanner", .bad, "\(path) is too long for a socket")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var wait = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        var answer = [UInt8](repeating: 0, count: 16)
        let question = Array("zPING\0".utf8)
        guard connected, send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count,
            recv(descriptor, &answer, answer.count, 0) >= 4, answer.starts(with: Array("PONG".utf8))
        else {
            return Finding(
                "virus scanner", .bad, "clamd does not answer at \(path): no papers are taken",
                advice:
                    "systemctl start clamav-daemon; usermod -aG clamav causeway where its socket is closed to others")
        }
        return Finding("virus scanner", .good, "clamd answers")
    }
}
