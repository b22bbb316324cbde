import Announcements
import MediaPlane
import Testing

@testable import causewayd

/// What legs are told, and not told again.
@Suite struct SpokenClipsTests {
    private let one = LegID(rawValue: 1)
    private let other = LegID(rawValue: 2)
    private let begin = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { begin + .seconds(seconds) }

    @Test func newsIsToldAgainOnceItEndedAndAPauseIsOver() {
        var clips = SpokenClips()
        #expect(clips.isNew(.lateComer, to: one, at: begin))
        clips.began(PlaybackID(rawValue: 1), .lateComer, to: [one], at: begin)
        #expect(!clips.isNew(.lateComer, to: one, at: after(60)), "it plays still")
        clips.ended(PlaybackID(rawValue: 1), for: one)
        #expect(!clips.isNew(.lateComer, to: one, at: after(19)))
        #expect(clips.isNew(.lateComer, to: one, at: after(20)))
    }

    @Test func eachLegAndEachNewsIsForItself() {
        var clips = SpokenClips()
        clips.began(PlaybackID(rawValue: 1), .lateComer, to: [one], at: begin)
        #expect(clips.isNew(.lateComer, to: other, at: begin))
        #expect(clips.isNew(.pointWaits, to: one, at: begin))
        clips.began(PlaybackID(rawValue: 2), .pointWaits, to: [one, other], at: begin)
        clips.ended(PlaybackID(rawValue: 2), for: one)
        #expect(!clips.isNew(.pointWaits, to: other, at: after(60)), "to the other it plays still")
        #expect(clips.isNew(.pointWaits, to: one, at: after(60)))
    }

    @Test func theLastPlayingOfTwoIsWhatIsNotHeardYet() {
        var clips = SpokenClips()
        #expect(clips.unheard(.meetingEnds, by: one) == nil)
        clips.began(PlaybackID(rawValue: 1), .meetingEnds, to: [one], at: begin)
        clips.began(PlaybackID(rawValue: 2), .removed, to: [one], at: begin)
        clips.began(PlaybackID(rawValue: 3), .meetingEnds, to: [one], at: begin)
        #expect(clips.unheard(.meetingEnds, by: one) == PlaybackID(rawValue: 3))
        clips.ended(PlaybackID(rawValue: 3), for: one)
        #expect(clips.unheard(.meetingEnds, by: one) == PlaybackID(rawValue: 1))
        clips.ended(PlaybackID(rawValue: 1), for: one)
        #expect(clips.unheard(.meetingEnds, by: one) == nil)
        #expect(clips.unheard(.removed, by: one) == PlaybackID(rawValue: 2))
    }

    @Test func anEndThatIsNotKnownChangesNothing() {
        var clips = SpokenClips()
        clips.began(PlaybackID(rawValue: 1), .removed, to: [one], at: begin)
        clips.ended(PlaybackID(rawValue: 9), for: one)
        clips.ended(PlaybackID(rawValue: 1), for: other)
        #expect(clips.unheard(.removed, by: one) == PlaybackID(rawValue: 1))
    }

    @Test func aLegThatLeftIsForgotten() {
        var clips = SpokenClips()
        clips.began(PlaybackID(rawValue: 1), .lateComer, to: [one, other], at: begin)
        clips.forget(one)
        #expect(clips.isNew(.lateComer, to: one, at: begin), "its number may be another's now")
        #expect(clips.unheard(.lateComer, by: one) == nil)
        #expect(!clips.isNew(.lateComer, to: other, at: begin))
    }
}
