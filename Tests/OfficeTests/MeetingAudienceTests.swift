import Conference
import Foundation
import Testing

@testable import Office

@Suite struct MeetingAudienceTests {
    private static let people = ["lan", "binh", "hoa", "(máy chủ)"]

    @Test func aStateSecretIsKnownToItsListAloneWhateverTheRoles() {
        var random = SplitMix(state: 2026)
        func some<Value>(_ all: [Value]) -> [Value] { all.filter { _ in Bool.random(using: &random) } }
        for _ in 0..<2_000 {
            var meeting = Samples.meeting()
            meeting.confidentiality = .allCases.randomElement(using: &random) ?? .secret
            meeting.createdBy = Self.people.randomElement(using: &random) ?? ""
            meeting.chair?.person = some(Self.people).first
            meeting.staff = Set(some(Self.people))
            let roles = Set(some(Role.allCases))
            for visitor in Self.people + ["khach"] {
                let isListed =
                    meeting.createdBy == visitor || meeting.chair?.person == visitor || meeting.staff.contains(visitor)
                let admits = meeting.audience.admits(visitor, roles: roles)
                if meeting.confidentiality.isStateSecret {
                    #expect(admits == isListed)
                } else {
                    // The list always knows, and what is ordinary everybody.
                    #expect(admits || !isListed)
                    #expect(admits || meeting.confidentiality == .restricted)
                }
                // More roles never show less.
                #expect(!admits || meeting.audience.admits(visitor, roles: Set(Role.allCases)))
            }
        }
    }

    @Test func whatIsRestrictedIsNotForAgenciesThatReadAndForAuditors() {
        let audience = MeetingAudience(confidentiality: .restricted, list: [])
        let admitted = Role.allCases.filter { audience.admits("x", roles: [$0]) }
        #expect(admitted == [.administrator, .convener, .chair, .technician, .archivist])
        #expect(!audience.admits("x", roles: []))
    }

    @Test func ofAClashWithASecretNothingIsToldButThatThePlaceIsTaken() throws {
        var secret = Samples.meeting("mat-k3f9")
        secret.title = "Kế hoạch X"
        secret.confidentiality = .highlySecret
        let clash = try #require(Samples.meeting("m2").clashes(with: [secret]).first)
        #expect(clash.otherTitle == "—" && clash.other.meeting == "" && clash.other.id == "")
        #expect(clash.other.starts == secret.starts)
        // The secret's own people see what is in its way.
        #expect(try #require(secret.clashes(with: [Samples.meeting("m2")]).first).other.meeting == "m2")
    }
}
