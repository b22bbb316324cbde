import Foundation
import Glibc
import Testing

@testable import ChildProcesses

/// Children in a control group, as the service's has one for them.
@Suite(.serialized) struct ChildGroupTests {
    /// Where control groups of version 2 are mounted, and this process may make one.
    private static let mount: String? = {
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        let line = mounts.split(separator: "\n").first { $0.contains(" - cgroup2 ") }
        guard let path = line?.split(separator: " ").dropFirst(4).first.map(String.init),
            access(path + "/cgroup.procs", W_OK) == 0
        else { return nil }
        return path
    }()

    @Test(.enabled(if: mount != nil, "control groups of version 2 cannot be made here"))
    func aChildIsMovedWithWhatItStarts() async throws {
        let group = try #require(Self.mount) + "/cw-jobs-\(UUID().uuidString)"
        try #require(mkdir(group, 0o755) == 0)
        ChildGroup.use(group)
        defer {
            ChildGroup.use(nil)
            rmdir(group)
        }
        let script = "until grep -q cw-jobs- /proc/self/cgroup; do :; done; sh -c 'cat /proc/self/cgroup'"
        let outcome = try await ChildProcess("/bin/sh", ["-c", script], limits: .init(time: .seconds(10))).run()
        #expect(outcome.isSuccess)
        #expect(String(decoding: outcome.output, as: UTF8.self).contains((group as NSString).lastPathComponent))
    }

    @Test func aGroupThatIsGoneHindersNoChild() async throws {
        ChildGroup.use("/nowhere")
        defer { ChildGroup.use(nil) }
        #expect(try await ChildProcess("/bin/true", []).run().isSuccess)
    }
}
