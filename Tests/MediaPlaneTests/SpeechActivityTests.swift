import Testing

@testable import MediaPlane

@Suite struct SpeechActivityTests {
    @Test func aToneIsAudibleAtOnceAndSpeechAfterFourFrames() {
        var activity = SpeechActivity()
        activity.update(level: -20)
        #expect(activity.isAudible)
        #expect(!activity.isSpeaking)
        for _ in 0..<3 { activity.update(level: -20) }
        #expect(activity.isSpeaking)
    }

    @Test func steadyNoiseIsNoSpeech() {
        var activity = SpeechActivity()
        for _ in 0..<500 { activity.update(level: -55) }
        #expect(!activity.isAudible)
    }

    @Test func aPauseBetweenWordsKeepsTheFloorAndAlongOneLosesIt() {
        var activity = SpeechActivity()
        for _ in 0..<20 { activity.update(level: -20) }
        for _ in 0..<10 { activity.silence() }
        #expect(activity.isSpeaking)
        for _ in 0..<20 { activity.silence() }
        #expect(!activity.isSpeaking)
        #expect(!activity.isAudible)
    }

    @Test func anHourLongToneIsStillHeard() {
        var activity = SpeechActivity()
        for _ in 0..<(50 * 3600) { activity.update(level: -15) }
        #expect(activity.isSpeaking)
    }
}

@Suite struct ActiveSpeakerTests {
    @Test func theFirstToSpeakIsTheSpeaker() {
        var speaker = ActiveSpeaker<Int>()
        let changed = speaker.tick([(key: 1, level: -20)])
        #expect(changed)
        #expect(speaker.current == 1)
    }

    @Test func anInterjectionDoesNotTakeTheFloor() {
        var speaker = ActiveSpeaker<Int>()
        _ = speaker.tick([(key: 1, level: -20)])
        for _ in 0..<10 { _ = speaker.tick([(key: 1, level: -20), (key: 2, level: -10)]) }
        for _ in 0..<100 { _ = speaker.tick([(key: 1, level: -20)]) }
        #expect(speaker.current == 1)
    }

    @Test func whoeverSpeaksOnAfterTheSpeakerFellSilentTakesTheFloorWithin300Milliseconds() {
        var speaker = ActiveSpeaker<Int>()
        _ = speaker.tick([(key: 1, level: -20)])
        var frames = 0
        while speaker.current != 2, frames < 100 {
            _ = speaker.tick([(key: 2, level: -30)])
            frames += 1
        }
        #expect(frames == 15)
    }

    @Test func aRoomFallsSilentAfterThreeSeconds() {
        var speaker = ActiveSpeaker<Int>()
        _ = speaker.tick([(key: 1, level: -20)])
        var changes = 0
        for _ in 0..<151 { if speaker.tick([]) { changes += 1 } }
        #expect(speaker.current == nil)
        #expect(changes == 1)
    }
}
