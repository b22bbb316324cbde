import Testing

@testable import Conference

/// Nothing is recorded without an order.
@Suite struct RecordingOrderTests {
    @Test func theChairOrdersPausesResumesAndStopsEachWithItsReason() throws {
        var bench = Bench.sitting()
        #expect(bench.order(.pauseRecording(reason: "x")).refusal == .notRecording)
        #expect(bench.order(.startRecording(document: "", reason: "")).refusal == .badText, "a reason is needed")
        let start = bench.order(.startRecording(document: "7/TB", reason: "biên bản"))
        #expect(start.deeds == ["record"])
        #expect(start.said == ["recordingOn p1 p2 p3 p4"])
        #expect(bench.order(.startRecording(document: "", reason: "x")).refusal == .alreadySo)
        #expect(bench.order(.pauseRecording(reason: "")).refusal == .badText)
        #expect(bench.order(.pauseRecording(reason: "giải lao")).deeds == ["pause"])
        #expect(bench.status?.recording == .paused)
        #expect(bench.order(.pauseRecording(reason: "x")).refusal == .alreadySo)
        #expect(bench.order(.resumeRecording(reason: "tiếp")).deeds == ["resume"])
        #expect(bench.order(.stopRecording(reason: "xong")).deeds == ["stop"])
        // Ordered once more.
        #expect(bench.order(.startRecording(document: "", reason: "thêm")).deeds == ["record"])
        let close = bench.order(.close, at: 60)
        #expect(close.deeds.contains("stop"))
        guard case .recorded(let order)? = close.summaries.first?.recording else {
            Issue.record("not recorded")
            return
        }
        #expect(order.orderedBy == "Bà Chủ tọa")
    }

    @Test func aFailedRecordingCannotBeOrderedAgain() {
        var bench = Bench.sitting()
        bench.order(.startRecording(document: "", reason: "x"))
        bench.order(.pauseRecording(reason: "x"))
        #expect(bench.send(.recordingFailed(bench.id, text: "full"), at: at(11)).deeds == ["stop"])
        #expect(bench.order(.startRecording(document: "", reason: "x")).refusal == .recordingFailed)
        #expect(bench.order(.resumeRecording(reason: "x")).refusal == .notRecording)
    }

    @Test(arguments: Convening.Confidentiality.allCases)
    func confidentialityDecidesWhatAStandingOrderIsWorth(_ confidentiality: Convening.Confidentiality) {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening("ghi", confidentiality: confidentiality)), at: at(0))
        bench.arrive(1, "chutoa", "ghi", at: 1)
        #expect(!bench.actions.deeds.contains("record"), "a rehearsal is not recorded")
        #expect(bench.order(.startRecording(document: "", reason: "x")).refusal == .notOpen)
        let opening = bench.order(.open)
        #expect(opening.deeds.contains("record") == !confidentiality.isStateSecret)
        let outcome = bench.order(.startRecording(document: "", reason: "x"), at: 20)
        switch confidentiality {
        case .ordinary, .restricted: #expect(outcome.refusal == .alreadySo)
        case .secret: #expect(outcome.deeds == ["record"])
        case .highlySecret, .topSecret: #expect(outcome.refusal == .tooSecretToRecord)
        }
    }
}
