import Foundation
import Hummingbird
import OfficeStore
import PortalAPI

/// Calls for those who look for faults: `/trace/calls`, `/trace`, `/trace/capture`.
struct TraceRoutes: Sendable {
    let tracing: (any CallTracing)?
    let office: OfficeStore
    let discretion: Discretion

    func add(to group: RouterGroup<PortalContext>) {
        group.get("trace/calls") { _, context in
            let visitor = try context.require(.traceCalls)
            let calls = try await desk().calls()
            let hidden = try await hidden(calls, from: visitor)
            return try Response.json(calls.filter { !hidden.contains($0.callID) })
        }
        group.get("trace") { request, context in
            let visitor = try context.require(.traceCalls)
            let trace = try await trace(try Self.call(request), for: visitor)
            try await office.note("trace call", of: Self.subject(trace), by: visitor.signature)
            return try Response.json(trace)
        }
        group.get("trace/capture") { request, context in
            let visitor = try context.require(.traceCalls)
            let callID = request.uri.queryParameters.get("call")
            guard let callID else {
                let hidden = try await hidden(try await desk().calls(), from: visitor)
                try await office.note("trace call", of: "- all messages", by: visitor.signature)
                return Self.file(try await desk().capture(nil, without: hidden, withKeys: false))
            }
            let trace = try await trace(callID, for: visitor)
            let id = trace.call?.callID ?? callID
            return Self.file(
                try await desk().capture(id, without: [], withKeys: try await keys(request, trace, context)))
        }
    }

    /// Whether keys are given out: to an administrator with a name, of one call, when that is written down.
    private func keys(_ request: Request, _ trace: CallTrace, _ context: PortalContext) async throws -> Bool {
        let visitor = try context.require(.traceCalls)
        guard request.uri.queryParameters.get("keys") == "1" else {
            try await office.note("trace call", of: Self.subject(trace), by: visitor.signature)
            return false
        }
        try context.require(.traceKeys)
        guard !visitor.isLocal else {
            throw Refusal(
                .forbidden,
                "Who takes keys signs in, or uses a token: on the machine's own socket nobody knows who it is.",
                hint: "Use --server with the token of an administrator.")
        }
        guard trace.call != nil else {
            throw Refusal(.conflict, "Keys are given out of a call alone.", hint: "Name a call of the list.")
        }
        try await office.note("trace call with keys", of: Self.subject(trace), by: visitor.signature)
        context.logger.warning(
            "a call is traced with its keys",
            metadata: ["call": "\(trace.call?.id ?? "")", "by": "\(visitor.signature)"])
        return true
    }

    private func trace(_ call: String, for visitor: Visitor) async throws -> CallTrace {
        guard let trace = try await desk().trace(call),
            try await hidden([trace.call].compactMap { $0 }, from: visitor).isEmpty
        else {
            throw Refusal(
                .notFound, "Nothing is kept of this call.",
                hint: "List the calls; sip.traceOctets says how much is kept.")
        }
        return trace
    }

    /// Call-IDs of calls into meetings that the visitor may not know.
    private func hidden(_ calls: [TracedCallSummary], from visitor: Visitor) async throws -> Set<String> {
        let convened = calls.compactMap { call in call.convening.map { Traced(callID: call.callID, convening: $0) } }
        let visible = Set(try await discretion.visible(convened, to: visitor).map(\.callID))
        return Set(convened.map(\.callID)).subtracting(visible)
    }

    private struct Traced: Convened {
        var callID: String
        var convening: LiveConvening
        var conveningSitting: String? { convening.sitting }
        var conveningConfidentiality: String? { convening.confidentiality }
    }

    private func desk() throws(Refusal) -> any CallTracing {
        guard let tracing else {
            throw Refusal(.notFound, "This daemon traces no calls.", hint: "Set sip.traceOctets.")
        }
        return tracing
    }

    private static func call(_ request: Request) throws(Refusal) -> String {
        guard let call = request.uri.queryParameters.get("call"), !call.isEmpty, call.utf8.count <= 512 else {
            throw Refusal(.badRequest, "No call is named.", hint: "Send call, a Call-ID or a name as call-12.")
        }
        return call
    }

    /// The meeting first, by which the journal knows who may be told of it.
    private static func subject(_ trace: CallTrace) -> String {
        guard let call = trace.call else { return "- messages of no call" }
        return "\(call.meeting ?? "-"): \(call.id) \(call.point ?? call.username)"
    }

    private static func file(_ data: Data) -> Response {
        DocumentAnswer.file(data, "application/vnd.tcpdump.pcap", "causeway-sip.pcapng")
    }
}
