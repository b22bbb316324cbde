import CSpawn
import Foundation
import Glibc
import Synchronization
import Testing

@testable import ChildProcesses

/// The program `causeway-jobs` as a daemon has it, and as somebody who means it ill.
@Suite struct JobRunnerTests {
    /// A connection by hand.
    private struct Hand {
        let descriptor: Int32

        init(_ socket: String) throws {
            var made: Int32 = -1
            try #require(cs_connect(socket, &made) == 0)
            descriptor = made
        }

        func send(_ octets: [UInt8], _ descriptors: [Int32] = []) -> Int32 {
            cs_send(descriptor, octets, octets.count, descriptors, Int32(descriptors.count))
        }

        /// What comes next; nil at the end of the connection.
        func hear() throws -> JobMessage? {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&watched, 1, 20_000) == 1)
            var octets = [UInt8](repeating: 0, count: 64)
            var descriptors = [Int32](repeating: -1, count: 3)
            var (length, count): (Int, Int32) = (0, 0)
            let failure = cs_receive(descriptor, &octets, octets.count, &length, &descriptors, &count)
            guard failure == 0, length > 0 else { return nil }
            return try JobMessage(parsing: octets[..<length])
        }

        func leave() { close(descriptor) }
    }

    private func isGoneSoon(_ pid: pid_t) async throws -> Bool {
        for _ in 0..<1_000 {
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return true }
            if (stat.split(separator: ")").last ?? "").hasPrefix(" Z") { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    private func sleeper(_ runner: JobRunner) -> ChildProcess {
        ChildProcess("/bin/sh", ["-c", "echo $$; exec sleep 600"], place: .with(runner))
    }

    /// Starts a child that sleeps; gives its number once it says it.
    private func start(_ child: ChildProcess) async -> (task: Task<ChildProcess.Outcome, any Error>, pid: pid_t) {
        let said = AsyncStream<String>.makeStream()
        let task = Task {
            defer { said.continuation.finish() }
            return try await child.run { said.continuation.yield($0) }
        }
        for await line in said.stream { return (task, pid_t(line) ?? 0) }
        return (task, 0)
    }

    @Test func childrenAreTheRunnersAndNotOurs() async throws {
        try await RealRunner.run { real in
            let outcome = try await ChildProcess(
                "/bin/sh", ["-c", "tr '\\0' ' ' < /proc/$PPID/cmdline"], place: .with(real.runner)
            ).run()
            #expect(String(decoding: outcome.output, as: UTF8.self).contains("--listen \(real.socket)"))
        }
    }

    @Test func aConfinedChildReadsItsInputAndHasNoSockets() async throws {
        let folder = NSTemporaryDirectory() + "/cw-jobs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/in"
        try Data("tờ trình".utf8).write(to: URL(fileURLWithPath: path))
        let input = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(input) }
        try await RealRunner.run { real in
            let script =
                "import os, socket, sys\ntry: socket.socket()\nexcept OSError as e: print(e.errno)\nprint(sys.stdin.read(), os.getcwd())"
            var child = ChildProcess(
                "/usr/bin/python3", ["-I", "-c", script], environment: ["LANG": "C.UTF-8"], in: folder,
                place: .with(real.runner))
            child.confinement = .init(processorSeconds: 20, fileOctets: 1 << 20, memoryOctets: nil, input: input)
            let outcome = try await child.run()
            #expect(outcome.isSuccess, "\(outcome.complaint)")
            let said = String(decoding: outcome.output, as: UTF8.self)
            #expect(said == "\(EPERM)\ntờ trình \((folder as NSString).standardizingPath)\n")
        }
    }

    @Test func whatIsMalformedEndsItsOwnJobAlone() async throws {
        try await RealRunner.run { real in
            let (task, pid) = await start(sleeper(real.runner))
            #expect(pid > 0)
            let order = JobMessage.order(
                try JobOrder(
                    program: "/bin/true", arguments: [], environment: [], directory: "/", niceness: 0, bounds: nil))
            // No message; one that is the runner's to send; an order without descriptors; a signal before an order.
            for octets in [
                [99, 1, 2], JobMessage.welcome.serialised, order.serialised, JobMessage.signal(15).serialised,
            ] {
                let hand = try Hand(real.socket)
                defer { hand.leave() }
                #expect(try hand.hear() == .welcome)
                #expect(hand.send(octets) == 0)
                #expect(try hand.hear() == .refused(.malformed))
                #expect(try hand.hear() == nil)
            }
            // More than there is room for, of octets and of descriptors.
            let long = try Hand(real.socket)
            defer { long.leave() }
            #expect(try long.hear() == .welcome)
            #expect(long.send([UInt8](repeating: 3, count: JobMessage.longest + 100)) == 0)
            #expect(try long.hear() == .refused(.malformed))
            let many = try Hand(real.socket)
            defer { many.leave() }
            #expect(try many.hear() == .welcome)
            #expect(many.send(order.serialised, [0, 1, 2]) == 0)
            #expect(try many.hear() == .refused(.malformed))
            // The other job went on meanwhile, and others are taken.
            #expect(kill(pid, 0) == 0)
            #expect(try await ChildProcess("/bin/true", [], place: .with(real.runner)).run().isSuccess)
            task.cancel()
            #expect(try await task.value.ending == .cancelled)
        }
    }

    @Test func aSecondOrderOverAConnectionEndsItsJob() async throws {
        try await RealRunner.run { real in
            let hand = try Hand(real.socket)
            defer { hand.leave() }
            let pipe = Pipe()
            let descriptors = [Int32](repeating: pipe.fileHandleForWriting.fileDescriptor, count: 2)
            let order = JobMessage.order(
                try JobOrder(
                    program: "/bin/sh", arguments: ["-c", "echo $$; exec sleep 600"], environment: [], directory: "/",
                    niceness: 0, bounds: nil))
            #expect(try hand.hear() == .welcome)
            #expect(hand.send(order.serialised, descriptors) == 0)
            #expect(try hand.hear() == .started)
            let pid = try #require(
                pid_t(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self).dropLast()))
            #expect(hand.send(order.serialised, descriptors) == 0)
            #expect(try hand.hear() == .refused(.malformed))
            #expect(try await isGoneSoon(pid))
        }
    }

    @Test func whoeverLeavesTakesTheChildAlong() async throws {
        try await RealRunner.run { real in
            let hand = try Hand(real.socket)
            let pipe = Pipe()
            let descriptors = [Int32](repeating: pipe.fileHandleForWriting.fileDescriptor, count: 2)
            let script = "trap '' TERM; sleep 600 & echo $$ $!; wait"
            let order = JobMessage.order(
                try JobOrder(
                    program: "/bin/sh", arguments: ["-c", script], environment: [], directory: "/", niceness: 0,
                    bounds: nil))
            #expect(try hand.hear() == .welcome)
            #expect(hand.send(order.serialised, descriptors) == 0)
            #expect(try hand.hear() == .started)
            let said = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
            let pids = said.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
            #expect(pids.count == 2)
            hand.leave()
            for pid in pids { #expect(try await isGoneSoon(pid)) }
        }
    }

    @Test func onlyABoundedNumberRunAndOthersRunBeside() async throws {
        let told = Mutex<[String]>([])
        try await RealRunner.run(absence: { reason in told.withLock { $0.append(reason) } }) { real in
            var hands: [Hand] = []
            defer { for hand in hands { hand.leave() } }
            for _ in 0..<64 {
                let hand = try Hand(real.socket)
                hands.append(hand)
                #expect(try hand.hear() == .welcome)
            }
            let refused = try Hand(real.socket)
            #expect(try refused.hear() == .refused(.full))
            refused.leave()
            let own = ChildProcess("/bin/sh", ["-c", "echo $PPID"], place: .with(real.runner))
            for _ in 0..<2 {
                let outcome = try await own.run()
                #expect(String(decoding: outcome.output, as: UTF8.self) == "\(getpid())\n")
            }
            // Said once.
            #expect(told.withLock { $0.count } == 1)
            while let hand = hands.popLast() { hand.leave() }
            // It hears of one after another that they left.
            var isTaken = false
            for _ in 0..<500 where !isTaken {
                isTaken = try await String(decoding: own.run().output, as: UTF8.self) != "\(getpid())\n"
            }
            #expect(isTaken)
        }
    }

    @Test func whereThereIsNoRunnerChildrenRunBeside() async throws {
        let told = Mutex<[String]>([])
        let runner = JobRunner(socket: NSTemporaryDirectory() + "/cw-none-\(UUID().uuidString)") { reason in
            told.withLock { $0.append(reason) }
        }
        for _ in 0..<3 {
            let outcome = try await ChildProcess("/bin/sh", ["-c", "echo $PPID"], place: .with(runner)).run()
            #expect(String(decoding: outcome.output, as: UTF8.self) == "\(getpid())\n")
        }
        #expect(told.withLock { $0.count } == 1)
        #expect(told.withLock { $0.first }?.hasSuffix("No such file or directory") == true)
    }

    @Test func aRunnerThatIsToldToEndEndsItsChildren() async throws {
        try await RealRunner.run { real in
            let (task, pid) = await start(sleeper(real.runner))
            #expect(pid > 0)
            let outcome = try await real.end()
            #expect(outcome.lastWords.isEmpty)
            #expect(try await isGoneSoon(pid))
            // It had time to say how the child ended.
            #expect(try await task.value.ending == .killed(signal: SIGTERM))
            #expect(!FileManager.default.fileExists(atPath: real.socket))
        }
    }

    @Test func anOrderThatIsTooLongIsNotStarted() async throws {
        try await RealRunner.run { real in
            let child = ChildProcess(
                "/bin/true", [String(repeating: "x", count: 131_072)], place: .with(real.runner))
            await #expect(throws: ChildProcess.Failure.self) { try await child.run() }
        }
    }
}
