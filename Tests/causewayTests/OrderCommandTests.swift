import Foundation
import PortalAPI
import Testing

@testable import causeway

/// Leading a meeting from the command line.
@Suite struct OrderCommandTests {
    @Test(arguments: [
        (["open", "live-1"], MeetingOrder(.open)),
        (["mute-all", "live-1"], MeetingOrder(.muteAll)),
        (["mute", "live-1", "so-tc"], MeetingOrder(.mute, point: "so-tc")),
        (["remove", "live-1", "so-tc", "--reason", "gây ồn"], MeetingOrder(.remove, point: "so-tc", reason: "gây ồn")),
        (["speak", "live-1", "so-tc", "--for", "5m"], MeetingOrder(.speak, point: "so-tc", seconds: 300)),
        (["spotlight", "live-1"], MeetingOrder(.spotlight)),
        (["aside", "live-1", "so-tc", "riêng"], MeetingOrder(.moveAside, point: "so-tc", name: "riêng")),
        (["message", "live-1", "Nghỉ 10 phút"], MeetingOrder(.message, text: "Nghỉ 10 phút")),
        (["layout", "live-1", "gallery", "--point", "so-tc"], MeetingOrder(.layout, point: "so-tc", name: "gallery")),
        (
            ["record", "start", "live-1", "--reason", "biên bản", "--document", "7/TB"],
            MeetingOrder(.record, reason: "biên bản", document: "7/TB")
        ),
        (["record", "pause", "live-1", "--reason", "giải lao"], MeetingOrder(.pauseRecording, reason: "giải lao")),
        (
            ["vote", "open", "live-1", "Thông qua?", "--secret", "--for", "60s"],
            MeetingOrder(.openVote, text: "Thông qua?", seconds: 60, isSecret: true)
        ),
        (["vote", "close", "live-1"], MeetingOrder(.closeVote)),
    ])
    func anOrderIsGivenAsItWasWritten(_ arguments: [String], _ order: MeetingOrder) async throws {
        try await CommandHarness.run { harness in
            let answer = await harness.meetings(arguments)
            #expect(answer.status == .success, "\(answer.errors)")
            #expect(await harness.bridge.orders == [order])
            #expect(await harness.bridge.givers.map(\.authority) == [.administrator])
        }
    }

    @Test func whatIsRefusedOrMakesNoSenseIsSaid() async throws {
        try await CommandHarness.run { harness in
            let unknown = await harness.meetings(["lock", "none"])
            #expect(unknown.status == .refused && !unknown.errors.isEmpty)
            #expect(
                await harness.meetings(["mute", "live-1", "khach"]).status == .refused)
            #expect(
                await harness.meetings(["speak", "live-1", "so-tc", "--for", "lâu"]).status == .usage
            )
            #expect(
                await harness.meetings(["remove", "live-1", "so-tc"]).status == .usage)
            #expect(await harness.bridge.orders.isEmpty)
        }
    }

    @Test func theRollNamesWhoIsMissingAndWhoAsksForTheWord() async throws {
        try await CommandHarness.run { harness in
            let roll = await harness.meetings(["roll", "live-1"])
            #expect(roll.status == .success)
            let missing = roll.output.split(separator: "\n").first { $0.contains("so-yt") }
            #expect(missing?.contains("MISSING") == true)
            #expect(!roll.output.contains("\u{1B}"), "a point's name steers the terminal")
            #expect(roll.output.contains("1. so-tc"))
            let json = await harness.meetings(["queue", "live-1", "--json"])
            #expect(json.status == .success, "\(json.errors) \(json.output)")
            let queue = try PortalJSON.decode([MeetingControl.Hand].self, from: Data(json.output.utf8))
            #expect(queue.map(\.point) == ["so-tc"])
        }
    }
}

extension CommandHarness {
    fileprivate func meetings(_ arguments: [String]) async -> Outcome {
        await Self.causeway(["meetings"] + arguments + ["--socket", socket])
    }
}
