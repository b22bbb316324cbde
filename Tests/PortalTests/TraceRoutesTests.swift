import Foundation
import PortalAPI
import Synchronization
import Testing

@testable import Portal

/// Two calls, one of them into a secret meeting.
final class TracedCalls: CallTracing {
    let asked = Mutex<[String]>([])

    func calls() async -> [TracedCallSummary] { [Self.call("a@x", "ordinary"), Self.call("b@x", "secret")] }

    static func call(_ id: String, _ level: String) -> TracedCallSummary {
        var call = TracedCallSummary(
            id: "call-\(id.prefix(1))", callID: id, isOutgoing: false, username: "soyte", room: "giaoban",
            transport: "tls", remote: "192.0.2.7:5061", userAgent: nil, beganAt: Date(timeIntervalSince1970: 1),
            endedAt: nil, reason: nil)
        call.meeting = "m-\(level)"
        call.convening = LiveConvening(confidentiality: level)
        return call
    }

    func trace(_ name: String) async -> CallTrace? {
        let call = await calls().first { $0.callID == name }
        return call != nil || name == "register@x" ? CallTrace(call: call, messages: [], media: nil) : nil
    }

    func capture(_ callID: String?, without hidden: Set<String>, withKeys: Bool) async -> Data {
        let text = "\(callID ?? "all") without \(hidden.sorted()) keys \(withKeys)"
        asked.withLock { $0.append(text) }
        return Data(text.utf8)
    }
}

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct TraceRoutesTests {
    @Test func keysAreForAdministratorsWithANameAndOfOneCall() async throws {
        let calls = TracedCalls()
        try await PortalHarness.run({ $0.tracing = calls }) { portal in
            func status(_ path: String, _ role: Role?) async throws -> Int {
                let way = role.map { PortalHarness.Way.https(token: PortalHarness.token(of: $0)) } ?? .socket
                return try await portal.ask("/api/v1/trace\(path)", way).status
            }
            #expect(try await status("/calls", .technician) == 200)
            #expect(try await status("/calls", .auditor) == 403)
            #expect(try await status("?call=a@x", .technician) == 200)
            #expect(try await status("?call=z@x", .technician) == 404)
            #expect(try await status("", .technician) == 400)
            #expect(try await status("/capture?call=a@x&keys=1", .technician) == 403)
            #expect(try await status("/capture?call=a@x&keys=1", nil) == 403, "nobody knows who is on the socket")
            #expect(try await status("/capture?call=register@x&keys=1", .administrator) == 409)
            #expect(calls.asked.withLock { $0.isEmpty })
            #expect(try await status("/capture?keys=1", .administrator) == 200)
            #expect(try await status("/capture?call=a@x&keys=1", .administrator) == 200)
            #expect(calls.asked.withLock { $0.last } == "a@x without [] keys true")
            #expect(calls.asked.withLock { $0.first } == #"all without ["b@x"] keys false"#)
            let lines = try await portal.office.journal(limit: 20)
            #expect(lines.filter { $0.action == "trace call with keys" }.map(\.subject) == ["m-ordinary: call-a soyte"])
            #expect(lines.filter { $0.action == "trace call with keys" }.map(\.by) == ["administrator"])
            #expect(lines.contains { $0.action == "trace call" && $0.by == "technician" })
        }
    }

    @Test func callsIntoSecretMeetingsAreNotThereForOthers() async throws {
        try await PortalHarness.run({ $0.tracing = TracedCalls() }) { portal in
            let way = PortalHarness.Way.https(token: PortalHarness.token(of: .technician))
            let list = try await portal.ask("/api/v1/trace/calls", way).decoded([TracedCallSummary].self)
            #expect(list.map(\.callID) == ["a@x"])
            #expect(try await portal.ask("/api/v1/trace?call=b@x", way).status == 404)
            #expect(try await portal.ask("/api/v1/trace/capture?call=b@x", way).status == 404)
        }
    }
}
