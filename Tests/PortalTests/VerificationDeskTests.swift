import Archive
import Foundation
import HTTPTypes
import Hummingbird
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct VerificationDeskTests {
    private func request(_ accept: String) -> Request {
        Request(
            head: HTTPRequest(
                method: .post, scheme: "https", authority: "x", path: "/", headerFields: [.accept: accept]),
            body: RequestBody(buffer: ByteBuffer()))
    }

    @Test func clientsThatAreGoneBeforeTheAnswerBeginsTakeNoPlace() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed(masterBytes: 1000)
            let desk = VerificationDesk(archive: portal.archive)
            for _ in 0..<VerificationDesk.maximumAtOnce * 2 {
                // Never written: its client has left.
                _ = try await desk.response(to: request("application/x-ndjson"), recording: meeting.id)
            }
            let answer = try await desk.response(to: request("application/json"), recording: meeting.id)
            #expect(answer.status == .ok)
        }
    }
}
