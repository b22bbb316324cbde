import Foundation
import Glibc
import Synchronization
import Testing

@testable import ChildProcesses

@Suite struct ChildProcessTests {
    private func shell(_ script: String, _ limits: ChildProcess.Limits = .init()) -> ChildProcess {
        ChildProcess("/bin/sh", ["-c", script], limits: limits)
    }

    private func text(_ outcome: ChildProcess.Outcome) -> String { String(decoding: outcome.output, as: UTF8.self) }

    /// Whether a process is there and has not ended.
    private func isAlive(_ pid: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return !(stat.split(separator: ")").last ?? "").hasPrefix(" Z")
    }

    /// What was killed is gone a little later, once it is scheduled.
    private func isGoneSoon(_ pid: pid_t) async throws -> Bool {
        for _ in 0..<500 where isAlive(pid) { try await Task.sleep(for: .milliseconds(10)) }
        return !isAlive(pid)
    }

    /// Runs a script until it has told of the processes that it made, one a line, and cancels it then.
    private func cancel(
        _ script: String, grace: Duration, telling count: Int
    ) async throws -> (outcome: ChildProcess.Outcome, told: [pid_t]) {
        let told = Mutex<[pid_t]>([])
        let ready = AsyncStream<Void>.makeStream()
        let child = shell(script, .init(grace: grace))
        let task = Task {
            try await child.run { line in
                let isAll = told.withLock { told in
                    if let pid = pid_t(line) { told.append(pid) }
                    return told.count == count
                }
                if isAll { ready.continuation.finish() }
            }
        }
        for await _ in ready.stream {}
        task.cancel()
        return (try await task.value, told.withLock { $0 })
    }

    @Test func tellsOutputStatusAndLastWords() async throws {
        let outcome = try await shell("echo one; printf two; echo first >&2; echo 'last words' >&2; echo >&2; exit 3")
            .run()
        #expect(text(outcome) == "one\ntwo")
        #expect(outcome.ending == .exited(3))
        #expect(outcome.lastWords == "last words")
        #expect(outcome.complaint == "last words")
        #expect(!outcome.isOutputCut && !outcome.isSuccess)
    }

    @Test func linesAreHeardWhole() async throws {
        let lines = Mutex<[String]>([])
        _ = try await shell("printf 'a'; sleep 0.05; printf 'b\\n\\nc'").run { line in
            lines.withLock { $0.append(line) }
        }
        #expect(lines.withLock { $0 } == ["ab", "", "c"])
    }

    @Test func aProgramThatIsNotThereIsToldOf() async {
        await #expect(
            throws: ChildProcess.Failure.notStarted(program: "/nowhere/x", reason: "No such file or directory")
        ) { try await ChildProcess("/nowhere/x", []).run() }
    }

    @Test func itHasOnlyTheEnvironmentAndFolderItWasGiven() async throws {
        let outcome = try await ChildProcess(
            "/bin/sh", ["-c", "pwd; /usr/bin/env | grep -v ^_= | grep -v ^PWD=; cat; ls /proc/self/fd | wc -l; nice"],
            environment: ["ONLY": "tên"], in: "/usr/lib", limits: .init(niceness: 7)
        ).run()
        // 0, 1, 2 and the one by which ls reads the folder.
        #expect(text(outcome) == "/usr/lib\nONLY=tên\n4\n7\n")
    }

    @Test func noSignalIsBlockedOrIgnored() async throws {
        // As threads of Dispatch have it.
        let outcome = try await Task.detached {
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_BLOCK, &all, nil)
            return try await self.shell("grep -E '^Sig(Blk|Ign)' /proc/self/status").run()
        }.value
        let masks = text(outcome).split(separator: "\n").compactMap { UInt64($0.suffix(16), radix: 16) }
        // Signals 32 and 33 are glibc's own, which it ignores in what it spawns.
        #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
    }

    @Test func theEndIsNeverMissed() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<200 {
                if index >= 4 { _ = try await group.next() }
                group.addTask {
                    let outcome = try await self.shell("echo \(index); exec >&-; echo done >&2").run()
                    #expect(outcome.isSuccess)
                    #expect(self.text(outcome) == "\(index)\n")
                    #expect(outcome.lastWords == "done")
                    return self.text(outcome)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func allThatWasSaidIsReadToTheBound() async throws {
        let outcome = try await shell(
            "head -c 3000000 /dev/zero | tr '\\0' x; echo end >&2", .init(outputOctets: 1_000_000)
        ).run()
        #expect(outcome.isSuccess)
        #expect(outcome.output == [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000))
        #expect(outcome.isOutputCut)
        #expect(outcome.lastWords == "end")
    }

    @Test func aCancelledChildIsGoneWithItsChildren() async throws {
        let (outcome, told) = try await cancel(
            "sleep 600 & echo $!; sh -c 'sleep 600 & echo $!; wait' & echo $$; wait", grace: .seconds(60), telling: 3)
        #expect(outcome.ending == .cancelled)
        for pid in told { #expect(try await isGoneSoon(pid)) }
    }

    @Test func aChildThatIgnoresTheSignalDies() async throws {
        let began = ContinuousClock.now
        let (outcome, told) = try await cancel(
            "trap '' TERM; sh -c 'sleep 600; echo' & echo $!; echo $$; while :; do sleep 600; done",
            grace: .milliseconds(300), telling: 2)
        #expect(outcome.ending == .cancelled)
        #expect(ContinuousClock.now - began >= .milliseconds(300))
        for pid in told { #expect(try await isGoneSoon(pid)) }
    }

    @Test func aChildMayEndInItsOwnWayWhenItIsCancelled() async throws {
        let (outcome, _) = try await cancel(
            "trap 'echo farewell >&2; exit 0' TERM; sleep 600 & echo $$; wait", grace: .seconds(60), telling: 1)
        #expect(outcome.ending == .cancelled)
        #expect(outcome.lastWords == "farewell")
    }

    @Test func whatIsCancelledBeforehandEnds() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await shell("sleep 600").run()
        }
        #expect(try await task.value.ending == .cancelled)
    }

    @Test func itsTimeIsLimited() async throws {
        let outcome = try await shell(
            "echo begun; sleep 600", .init(time: .milliseconds(200), grace: .seconds(60))
        ).run()
        #expect(outcome.ending == .outOfTime)
        #expect(text(outcome) == "begun\n")
    }

    @Test func whatItLeavesBehindIsKilledAndNotWaitedFor() async throws {
        let outcome = try await shell("sleep 600 & echo $!").run()
        #expect(outcome.isSuccess)
        let left = try #require(pid_t(text(outcome).trimmingCharacters(in: .newlines)))
        #expect(try await isGoneSoon(left))
        // Of another group: it lives, and holds the pipe.
        let began = ContinuousClock.now
        let daemon = try await shell("setsid sleep 600 & echo $!").run()
        #expect(daemon.isSuccess)
        #expect(ContinuousClock.now - began < .seconds(60))
        if let pid = pid_t(text(daemon).trimmingCharacters(in: .newlines)) { kill(pid, SIGKILL) }
    }

    @Test func aSignalOfOthersIsToldOf() async throws {
        #expect(try await shell("kill -9 $$").run().ending == .killed(signal: 9))
    }

    @Test func linesWithoutEndAreCut() {
        var lines: [String] = []
        var output = BoundedOutput(keeping: 5)
        for _ in 0..<3 { output.take([UInt8](repeating: 97, count: 50_000)) { lines.append($0) } }
        output.take([10, 98]) { lines.append($0) }
        output.finish { lines.append($0) }
        #expect(lines.map(\.utf8.count) == [65_536, 1])
        #expect(output.kept == [97, 97, 97, 97, 97] && output.isCut)
    }
}
