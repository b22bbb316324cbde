import DTLS
import ICE
import STUN
import Testing

/// The agent before a peer that checks it as RFC 8445 says, and one that does not.
@Suite struct ICELiteAgentTests {
    private let wifi = TransportAddress(ipv4: 0xC633_6407, port: 50_000)
    private let cellular = TransportAddress(ipv6: 0x2001_0db8_0000_0001, 0x42, port: 50_001)
    private var agent: ICELiteAgent<HMACSHA1Key>
    private var peer: CheckingPeer

    init() {
        var random = SystemRandomNumberGenerator()
        let credentials = ICECredentials.random(using: &random)
        agent = ICELiteAgent(credentials)
        peer = CheckingPeer(to: credentials)
        agent.setRemote(usernameFragment: "peer")
    }

    @Test mutating func aCheckIsAnsweredWithItsAddressAndNominatesNothing() {
        let (event, answer) = agent.handle(peer.check(), from: cellular, at: 5)
        #expect(event == .validated)
        #expect(
            peer.read(answer)
                == .init(
                    messageClass: .success, code: nil, mapped: cellular, isAuthentic: true, hasFingerprint: true,
                    matchesRequest: true))
        #expect(agent.isValidated(cellular) && !agent.isValidated(wifi))
        #expect(agent.selected == nil && agent.lastConsentNanoseconds == nil)
        #expect(agent.lastCheckNanoseconds == 5)
        #expect(agent.handle(peer.check(), from: cellular, at: 6).event == .checked)
    }

    @Test mutating func aLaterNominationMovesThePath() {
        #expect(agent.handle(peer.check(nominates: true), from: wifi, at: 1).event == .selected)
        #expect(agent.handle(peer.check(nominates: true), from: wifi, at: 2).event == .checked)
        #expect(agent.selected == wifi)
        #expect(agent.handle(peer.check(), from: cellular, at: 3).event == .validated)
        #expect(agent.selected == wifi && agent.lastConsentNanoseconds == 2)
        #expect(agent.handle(peer.check(nominates: true), from: cellular, at: 4).event == .selected)
        #expect(agent.selected == cellular && agent.lastConsentNanoseconds == 4)
        #expect(agent.isValidated(wifi))
    }

    @Test mutating func whatIsNotProvedHasNoEffect() {
        let forged: [(octets: [UInt8], code: STUNErrorCode)] = [
            (peer.check(nominates: true, password: "not the password at all"), .unauthenticated),
            (peer.check(nominates: true, username: "\(peer.remote.usernameFragment):other"), .unauthenticated),
            (peer.check(nominates: true, username: "\(peer.remote.usernameFragment):pee"), .unauthenticated),
            (peer.check(nominates: true, username: "\(peer.remote.usernameFragment):peers"), .unauthenticated),
            (peer.check(nominates: true, username: peer.remote.usernameFragment), .unauthenticated),
            (peer.check(nominates: true, username: "x\(peer.remote.usernameFragment):peer"), .unauthenticated),
            (peer.check(nominates: true, username: ""), .unauthenticated),
            (peer.check(nominates: true, signs: false), .badRequest),
        ]
        for (octets, code) in forged {
            let (event, answer) = agent.handle(octets, from: wifi)
            #expect(event == .refused(code))
            let read = peer.read(answer)
            #expect(read?.messageClass == .error)
            #expect(read?.code == code)
            #expect(read?.isAuthentic == false, "an error that nobody could prove is not signed")
            #expect(answer.count <= octets.count + 40)
        }
        #expect(agent.selected == nil && !agent.isValidated(wifi) && agent.lastCheckNanoseconds == nil)
    }

    @Test mutating func whatMustBeUnderstoodAndIsNotIsNamed() throws {
        let (event, answer) = agent.handle(peer.check(nominates: true, extra: .init(rawValue: 0x0031)), from: wifi)
        #expect(event == .refused(.unknownAttribute))
        #expect(peer.read(answer)?.isAuthentic == true)
        #expect(try #require(STUNMessage(parsing: answer))[.unknownAttributes] == [0x00, 0x31])
        #expect(agent.selected == nil && !agent.isValidated(wifi))
        // What need not be understood is passed over.
        #expect(
            agent.handle(peer.check(nominates: true, extra: .init(rawValue: 0xC057)), from: wifi).event == .selected)
    }

    @Test mutating func aPeerThatWantsToBeControlledIsToldOfTheConflict() {
        let (event, answer) = agent.handle(peer.check(controls: false), from: wifi)
        #expect(event == .refused(.roleConflict))
        #expect(peer.read(answer)?.code == .roleConflict)
        #expect(peer.read(answer)?.isAuthentic == true)
        #expect(!agent.isValidated(wifi))
        // It takes the other role (RFC 8445 §7.2.5.1).
        #expect(agent.handle(peer.check(nominates: true), from: wifi).event == .selected)
    }

    @Test mutating func otherMessagesAreIgnored() {
        let others = [
            peer.check(messageClass: .indication), peer.check(messageClass: .success),
            peer.check(messageClass: .error), peer.check(method: 3), [], [0], Array("OPTIONS sip:x".utf8),
            Array(peer.check().dropLast(4)),
        ]
        for octets in others {
            let (event, answer) = agent.handle(octets, from: wifi)
            #expect(event == .ignored)
            #expect(answer.isEmpty)
        }
    }

    @Test mutating func beforeThePeersDescriptionAnyFragmentOfItsIsTaken() {
        var agent = ICELiteAgent<HMACSHA1Key>(peer.remote)
        #expect(agent.handle(peer.check(), from: wifi).event == .validated)
        agent.setRemote(usernameFragment: "somebodyElse")
        #expect(agent.handle(peer.check(), from: wifi).event == .refused(.unauthenticated))
    }

    @Test mutating func afterARestartTheOldPathGoesOnUntilTheNewIsNominated() {
        var random = SystemRandomNumberGenerator()
        _ = agent.handle(peer.check(nominates: true), from: wifi, at: 1)
        let old = peer.remote
        agent.restart(.random(using: &random))
        #expect(agent.local != old)
        // Consent by the old credentials.
        #expect(agent.handle(peer.check(nominates: true), from: wifi, at: 2).event == .checked)
        #expect(agent.selected == wifi && agent.lastConsentNanoseconds == 2)
        // Checks by the new ones come before the peer's answer.
        peer.remote = agent.local
        peer.usernameFragment = "anew"
        let (event, answer) = agent.handle(peer.check(), from: cellular, at: 3)
        #expect(event == .validated)
        #expect(peer.read(answer)?.isAuthentic == true)
        #expect(agent.selected == wifi)
        agent.setRemote(usernameFragment: "anew")
        #expect(agent.handle(peer.check(nominates: true), from: cellular, at: 4).event == .selected)
        #expect(agent.selected == cellular)
        // Now the old ones are void.
        peer.remote = old
        peer.usernameFragment = "peer"
        #expect(agent.handle(peer.check(nominates: true), from: wifi, at: 5).event == .refused(.unauthenticated))
        #expect(agent.selected == cellular)
    }

    @Test mutating func aSecondRestartBeforeTheFirstIsDoneKeepsThePath() {
        var random = SystemRandomNumberGenerator()
        _ = agent.handle(peer.check(nominates: true), from: wifi, at: 1)
        agent.restart(.random(using: &random))
        agent.restart(.random(using: &random))
        #expect(agent.handle(peer.check(nominates: true), from: wifi, at: 2).event == .checked)
    }

    @Test mutating func ofManyAddressesTheSelectedAndTheLatestAreKept() {
        _ = agent.handle(peer.check(nominates: true), from: wifi, at: 0)
        let others = (1...40).map { TransportAddress(ipv4: 0x0A00_0000 + UInt32($0), port: 9) }
        for (index, address) in others.enumerated() {
            #expect(agent.handle(peer.check(), from: address, at: UInt64(index + 1)).event == .validated)
        }
        #expect(agent.isValidated(wifi) && agent.selected == wifi)
        #expect(others.suffix(15).allSatisfy { agent.isValidated($0) })
        #expect(!others.prefix(25).contains { agent.isValidated($0) })
    }

    @Test mutating func anAnswerWithoutRoomIsNotSent() {
        let octets = peer.check(nominates: true)
        let outcome = agent.handle(octets.span.bytes, from: wifi, at: 0, answer: .init(start: nil, count: 0))
        #expect(outcome.answerLength == 0)
    }

    @Test mutating func nothingTrapsItAndNothingForgedSelects() {
        var random = SystemRandomNumberGenerator()
        let valid = peer.check(nominates: true)
        for _ in 0..<30_000 {
            var octets = valid
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                // The octets of the FINGERPRINT may change back; all else is covered.
                octets[.random(in: 0..<(octets.count - 8), using: &random)] = .random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { octets.removeLast(.random(in: 0...octets.count, using: &random)) }
            guard octets != valid else { continue }
            let (event, answer) = agent.handle(octets, from: wifi)
            #expect(event != .selected && event != .validated)
            #expect(answer.isEmpty || STUNMessage(parsing: answer) != nil)
        }
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...200)
            _ = agent.handle((0..<count).map { _ in .random(in: 0...255, using: &random) }, from: wifi)
        }
        #expect(agent.selected == nil)
    }

    @Test func credentialsAreWhatDescriptionsMayHold() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let made = ICECredentials.random(using: &random)
            #expect(ICECredentials(usernameFragment: made.usernameFragment, password: made.password) == made)
            #expect(!"\(made) \(String(reflecting: made))".contains(made.password))
        }
        #expect(ICECredentials(usernameFragment: "abc", password: String(repeating: "x", count: 22)) == nil)
        #expect(ICECredentials(usernameFragment: "abcd", password: String(repeating: "x", count: 21)) == nil)
        #expect(ICECredentials(usernameFragment: "ab:d", password: String(repeating: "x", count: 22)) == nil)
    }

    @Test func candidatesAreAnnouncedInTheirOrder() {
        #expect(
            ICEHostCandidate(host: "203.0.113.5", port: 40_000).attribute
                == "1 1 UDP 2130706431 203.0.113.5 40000 typ host")
        #expect(
            ICEHostCandidate(host: "2001:db8::5", port: 40_000, rank: 1).attribute
                == "2 1 UDP 2130706175 2001:db8::5 40000 typ host")
    }
}
