import Foundation
import Glibc
import Synchronization
import Testing

@testable import ChildProcesses

/// Each in both places: beside this process, and with the real runner.
@Suite struct ChildProcessTests {
    private func shell(
        _ script: String, _ limits: ChildProcess.Limits = .init(), at place: ChildProcess.Place
    ) -> ChildProcess {
        ChildProcess("/bin/sh", ["-c", script], limits: limits, place: place)
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
        _ script: String, grace: Duration, telling count: Int, at place: ChildProcess.Place
    ) async throws -> (outcome: ChildProcess.Outcome, told: [pid_t]) {
        let told = Mutex<[pid_t]>([])
        let ready = AsyncStream<Void>.makeStream()
        let child = shell(script, .init(grace: grace), at: place)
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

    @Test(arguments: ChildPlace.allCases) func tellsOutputStatusAndLastWords(_ place: ChildPlace) async throws {
        try await place.run { place in
            let outcome = try await shell(
                "echo one; printf two; echo first >&2; echo 'last words' >&2; echo >&2; exit 3", at: place
            )
            .run()
            #expect(text(outcome) == "one\ntwo")
            #expect(outcome.ending == .exited(3))
            #expect(outcome.lastWords == "last words")
            #expect(outcome.complaint == "last words")
            #expect(!outcome.isOutputCut && !outcome.isSuccess)
        }
    }

    @Test(arguments: ChildPlace.allCases) func linesAreHeardWhole(_ place: ChildPlace) async throws {
        try await place.run { place in
            let lines = Mutex<[String]>([])
            _ = try await shell("printf 'a'; sleep 0.05; printf 'b\\n\\nc'", at: place).run { line in
                lines.withLock { $0.append(line) }
            }
            #expect(lines.withLock { $0 } == ["ab", "", "c"])
        }
    }

    @Test(arguments: ChildPlace.allCases) func aProgramThatIsNotThereIsToldOf(_ place: ChildPlace) async throws {
        try await place.run { place in
            let expected = ChildProcess.Failure.notStarted(
                program: "/nowhere/x", reason: "No such file or directory")
            let child = ChildProcess("/nowhere/x", [], place: place)
            await #expect(throws: expected) { try await child.run() }
        }
    }

    @Test(arguments: ChildPlace.allCases) func itHasOnlyTheEnvironmentAndFolderItWasGiven(_ place: ChildPlace)
        async throws
    {
        try await place.run { place in
            let outcome = try await ChildProcess(
                "/bin/sh",
                ["-c", "pwd; /usr/bin/env | grep -v ^_= | grep -v ^PWD=; cat; ls /proc/self/fd | wc -l; nice"],
                environment: ["ONLY": "tên"], in: "/usr/lib", limits: .init(niceness: 7), place: place
            ).run()
            // 0, 1, 2 and the one by which ls reads the folder.
            #expect(text(outcome) == "/usr/lib\nONLY=tên\n4\n7\n")
        }
    }

    @Test(arguments: ChildPlace.allCases) func noSignalIsBlockedOrIgnored(_ place: ChildPlace) async throws {
        try await place.run { place in
            // As threads of Dispatch have it.
            let outcome = try await Task.detached {
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_BLOCK, &all, nil)
                return try await self.shell("grep -E '^Sig(Blk|Ign)' /proc/self/status", at: place).run()
            }.value
            let masks = text(outcome).split(separator: "\n").compactMap { UInt64($0.suffix(16), radix: 16) }
            // Signals 32 and 33 are glibc's own, which it ignores in what it spawns.
            #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
        }
    }

    @Test(arguments: ChildPlace.allCases) func theEndIsNeverMissed(_ place: ChildPlace) async throws {
        try await place.run { place in
            try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<200 {
                    if index >= 4 { _ = try await group.next() }
                    group.addTask {
                        let outcome = try await self.shell("echo \(index); exec >&-; echo done >&2", at: place).run()
                        #expect(outcome.isSuccess)
                        #expect(self.text(outcome) == "\(index)\n")
                        #expect(outcome.lastWords == "done")
                        return self.text(outcome)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: ChildPlace.allCases) func allThatWasSaidIsReadToTheBound(_ place: ChildPlace) async throws {
        try await place.run { place in
            let outcome = try await shell(
                "head -c 3000000 /dev/zero | tr '\\0' x; echo end >&2", .init(outputOctets: 1_000_000), at: place
            ).run()
            #expect(outcome.isSuccess)
            #expect(outcome.output == [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000))
            #expect(outcome.isOutputCut)
            #expect(outcome.lastWords == "end")
        }
    }

    @Test(arguments: ChildPlace.allCases) func aCancelledChildIsGoneWithItsChildren(_ place: ChildPlace) async throws {
        try await place.run { place in
            let (outcome, told) = try await cancel(
                "sleep 600 & echo $!; sh -c 'sleep 600 & echo $!; wait' & echo $$; wait", grace: .seconds(60),
                telling: 3, at: place)
            #expect(outcome.ending == .cancelled)
            for pid in told { #expect(try await isGoneSoon(pid)) }
        }
    }

    @Test(arguments: ChildPlace.allCases) func aChildThatIgnoresTheSignalDies(_ place: ChildPlace) async throws {
        try await place.run { place in
            let began = ContinuousClock.now
            let (outcome, told) = try await cancel(
                "trap '' TERM; sh -c 'sleep 600; echo' & echo $!; echo $$; while :; do sleep 600; done",
                grace: .milliseconds(300), telling: 2, at: place)
            #expect(outcome.ending == .cancelled)
            #expect(ContinuousClock.now - began >= .milliseconds(300))
            for pid in told { #expect(try await isGoneSoon(pid)) }
        }
    }

    @Test(arguments: ChildPlace.allCases) func aChildMayEndInItsOwnWayWhenItIsCancelled(_ place: ChildPlace)
        async throws
    {
        try await place.run { place in
            let (outcome, _) = try await cancel(
                "trap 'echo farewell >&2; exit 0' TERM; sleep 600 & echo $$; wait", grace: .seconds(60), telling: 1,
                at: place)
            #expect(outcome.ending == .cancelled)
            #expect(outcome.lastWords == "farewell")
        }
    }

    @Test(arguments: ChildPlace.allCases) func whatIsCancelledBeforehandEnds(_ place: ChildPlace) async throws {
        try await place.run { place in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await shell("sleep 600", at: place).run()
            }
            let outcome = try await task.value
            #expect(outcome.ending == .cancelled)
        }
    }

    @Test(arguments: ChildPlace.allCases) func itsTimeIsLimited(_ place: ChildPlace) async throws {
        try await place.run { place in
            let outcome = try await shell(
                "echo begun; sleep 600", .init(time: .milliseconds(200), grace: .seconds(60)), at: place
            ).run()
            #expect(outcome.ending == .outOfTime)
            #expect(text(outcome) == "begun\n")
        }
    }

    @Test(arguments: ChildPlace.allCases) func whatItLeavesBehindIsKilledAndNotWaitedFor(_ place: ChildPlace)
        async throws
    {
        try await place.run { place in
            let outcome = try await shell("sleep 600 & echo $!", at: place).run()
            #expect(outcome.isSuccess)
            let left = try #require(pid_t(text(outcome).trimmingCharacters(in: .newlines)))
            #expect(try await isGoneSoon(left))
            // Of another group: it lives, and holds the pipe.
            let began = ContinuousClock.now
            let daemon = try await shell("setsid sleep 600 & echo $!", at: place).run()
            #expect(daemon.isSuccess)
            #expect(ContinuousClock.now - began < .seconds(60))
            if let pid = pid_t(text(daemon).trimmingCharacters(in: .newlines)) { kill(pid, SIGKILL) }
        }
    }

    @Test(arguments: ChildPlace.allCases) func aSignalOfOthersIsToldOf(_ place: ChildPlace) async throws {
        try await place.run { place in
            let outcome = try await shell("kill -9 $$", at: place).run()
            #expect(outcome.ending == .killed(signal: 9))
        }
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
