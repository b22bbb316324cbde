import Testing

@testable import SDP

/// m-lines for further cameras' pictures, which browsers offer beside the one for the camera.
@Suite struct PaneTests {
    /// Chromium's offer of sound and a camera, with panes, and a bundle of these.
    private func offer(panes: Int, bundle: String) throws -> SessionDescription {
        var offer = try RecordedOffers.description("chromium-plain")
        let left = ["mid", "content", "ssrc", "ssrc-group", "msid", "rid", "simulcast"]
        for number in 0..<panes {
            var pane = offer.media[1]
            pane.attributes.removeAll {
                left.contains($0.name) || $0.value == nil && MediaDirection(rawValue: $0.name) != nil
            }
            pane.attributes += [
                SDPAttribute("mid", "p\(number)"), SDPAttribute("content", "alt"), SDPAttribute("recvonly"),
            ]
            offer.media.append(pane)
        }
        offer.attributes.removeAll { $0.name == "group" }
        offer.attributes.append(SDPAttribute("group", "BUNDLE \(bundle)"))
        return offer
    }

    private func rehearsal(most: Int = 2) -> Rehearsal {
        var capabilities = MediaCapabilities.browsers
        capabilities.maximumPanes = most
        var local = LocalMedia.bridge()
        local.panes = (0..<most).map { number in
            var pane = LocalStream(address: "203.0.113.1", port: local.video?.port ?? 0, direction: .sendOnly)
            pane.source = LocalSource(
                ssrc: UInt32(900 + number), cname: "causeway", streamID: "pane", trackID: "pane\(number)")
            return pane
        }
        return Rehearsal(capabilities, local: local)
    }

    @Test func panesJoinTheTransportAndAreOnlySent() throws {
        var call = rehearsal()
        let result = try call.answer(offer(panes: 3, bundle: "0 1 p0 p1 p2"))
        #expect(result.local.media.map(\.port) == [20_000, 20_000, 20_000, 20_000, 0], "no more than there may be")
        #expect(result.transports.map(\.mediaIndexes) == [[0, 1, 2, 3]])
        #expect(result.panes.map(\.pane) == [0, 1] && result.panes.map(\.identification) == ["p0", "p1"])
        #expect(result.panes.allSatisfy { $0.direction == .sendOnly && $0.usesDTLS && $0.simulcast.isEmpty })
        #expect(result.video?.index == 1 && result.audio?.index == 0 && result.slides == nil)
        for (number, line) in result.local.media[2...3].enumerated() {
            #expect(line.content == ["alt"] && line.direction == .sendOnly)
            #expect(line.sources == [UInt32(900 + number)])
        }
        // They stay through the next offer.
        let again = try call.answer(offer(panes: 3, bundle: "0 1 p0 p1 p2"))
        #expect(again.panes.map(\.pane) == [0, 1])
    }

    @Test(arguments: ["0 1", "p0 0 1", ""])
    func aPaneWithoutAnothersTransportIsTurnedDown(bundle: String) throws {
        var call = rehearsal()
        let result = try call.answer(offer(panes: 1, bundle: bundle))
        #expect(result.local.media[2].port == 0 && result.panes.isEmpty)
        #expect(result.audio != nil && result.video != nil)
    }

    @Test func whoeverTakesPartInNoneTurnsThemDown() throws {
        var call = rehearsal(most: 0)
        let result = try call.answer(offer(panes: 2, bundle: "0 1 p0 p1"))
        #expect(
            result.panes.isEmpty && result.video?.index == 1 && result.local.media[2...].allSatisfy { $0.port == 0 })
    }
}
