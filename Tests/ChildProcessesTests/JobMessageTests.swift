import Testing

@testable import ChildProcesses

/// What is said to the runner of jobs, as octets.
@Suite struct JobMessageTests {
    private static func text(_ random: inout some RandomNumberGenerator, _ most: Int) -> String {
        let letters: [Character] = ["a", "/", "=", " ", "ễ", "\u{1}", "\u{10FFFF}", "-", "é", "e\u{301}"]
        return String(
            (0..<Int.random(in: 0...most, using: &random)).compactMap { _ in letters.randomElement(using: &random) })
    }

    private static func order(_ random: inout some RandomNumberGenerator) throws -> JobOrder {
        let isConfined = Bool.random(using: &random)
        let memory = Bool.random(using: &random) ? 0 : Int64.random(in: 0...Int64.max, using: &random)
        let bounds = JobOrder.Bounds(
            processorSeconds: .random(in: 1...Int64.max, using: &random),
            fileOctets: .random(in: 0...Int64.max, using: &random), memoryOctets: memory)
        let arguments = (0..<Int.random(in: 0...20, using: &random)).map { _ in text(&random, 40) }
        let environment = (0..<Int.random(in: 0...5, using: &random)).map { _ in "A=" + text(&random, 9) }
        return try JobOrder(
            program: "/" + text(&random, 30), arguments: arguments, environment: environment,
            directory: "/" + text(&random, 30), niceness: .random(in: -20...19, using: &random),
            bounds: isConfined ? bounds : nil)
    }

    private static func message(_ random: inout some RandomNumberGenerator) throws -> JobMessage {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .welcome
        case 1: .refused(Bool.random(using: &random) ? .full : .malformed)
        case 2: .signal(Bool.random(using: &random) ? 9 : 15)
        case 3: .started
        case 4: .notStarted(.random(in: .min ... .max, using: &random))
        case 5: .ended(status: .random(in: .min ... .max, using: &random), signal: .random(in: 0...64, using: &random))
        default: .order(try order(&random))
        }
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let message = try Self.message(&random)
            let octets = message.serialised
            let read = try JobMessage(parsing: octets)
            #expect(read == message)
            // Texts that are equal by Unicode's rules may differ in their octets.
            #expect(read.serialised == octets)
        }
    }

    @Test func whateverComesIsReadOrRefused() throws {
        var random = SystemRandomNumberGenerator()
        var understood = 0
        for round in 0..<9_000 {
            var octets: [UInt8]
            if round % 3 == 0 {
                octets = (0..<Int.random(in: 0...120, using: &random)).map { _ in .random(in: 0...255, using: &random) }
                if !octets.isEmpty { octets[0] = .random(in: 0...8, using: &random) }
            } else {
                octets = try Self.message(&random).serialised
                for _ in 0..<Int.random(in: 0...3, using: &random) where !octets.isEmpty {
                    let at = octets.indices.randomElement(using: &random) ?? 0
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: octets[at] = .random(in: 0...255, using: &random)
                    case 1: octets.remove(at: at)
                    case 2: octets.insert(.random(in: 0...255, using: &random), at: at)
                    default: octets.removeLast(octets.count - at)
                    }
                }
            }
            guard let message = try? JobMessage(parsing: octets) else { continue }
            understood += 1
            #expect(message.serialised == octets)
        }
        #expect(understood > 300)
    }

    @Test func lengthsThatLieAreRefused() {
        // An order whose program claims more than there is, and one with more arguments than are taken.
        let head: [UInt8] = [3, 0, 0, 0, 0, 0]
        for lie: [UInt8] in [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 2]] {
            #expect(throws: JobMessage.ParseFailure.cutShort) { try JobMessage(parsing: head + lie + [47]) }
        }
        let paths: [UInt8] = [0, 0, 0, 1, 47, 0, 0, 0, 1, 47]
        #expect(throws: JobMessage.ParseFailure.badValue) { try JobMessage(parsing: head + paths + [0, 0, 0x10, 1]) }
        #expect(throws: JobMessage.ParseFailure.tooLong) {
            try JobMessage(parsing: [UInt8](repeating: 2, count: JobMessage.longest + 1))
        }
        #expect(throws: JobMessage.ParseFailure.badValue) { try JobMessage(parsing: [4, 0, 0, 0, 19]) }
        #expect(throws: JobMessage.ParseFailure.trailing) { try JobMessage(parsing: [5, 5]) }
        #expect(throws: JobMessage.ParseFailure.empty) { try JobMessage(parsing: []) }
    }

    @Test func anOrderThatCannotBeWrittenIsNone() {
        func order(_ program: String, _ arguments: [String], bounds: JobOrder.Bounds? = nil) throws -> JobOrder {
            try JobOrder(
                program: program, arguments: arguments, environment: [], directory: "/", niceness: 0, bounds: bounds)
        }
        #expect(throws: JobOrder.Flaw.badValue) { try order("sh", []) }
        #expect(throws: JobOrder.Flaw.badValue) { try order("/bin/sh", ["a\0b"]) }
        #expect(throws: JobOrder.Flaw.badValue) {
            try order("/bin/sh", [], bounds: .init(processorSeconds: 0, fileOctets: 1, memoryOctets: 0))
        }
        #expect(throws: JobOrder.Flaw.tooLong) { try order("/bin/sh", [String(repeating: "x", count: 131_072)]) }
        #expect(throws: JobOrder.Flaw.tooLong) { try order("/bin/sh", [String](repeating: "", count: 4_097)) }
    }
}
