import Crypto
import Foundation
import NIOCore
import NIOPosix
import Placement
import Testing

@testable import Cluster

@Suite struct ControlPortTests {
    private let secret = SymmetricKey(data: Data("only the bridges know".utf8))
    private let one = BridgeLife(bridge: "cau-1", life: "a")

    @Test func aLifeAnswersForItselfAndForNoOther() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let port = try await ControlPort(ControlAddress(host: "127.0.0.1", port: 0), one, secret, on: loop)
        let address = ControlAddress(host: "127.0.0.1", port: port.port)
        #expect(await ControlPort.probe(one, at: address, secret, on: loop) == .alive)
        // The machine has another life of it now.
        let former = BridgeLife(bridge: "cau-1", life: "before")
        #expect(await ControlPort.probe(former, at: address, secret, on: loop) == .dead)
        // Another bridge has its address: nothing is proven. Nor by one who does not know the secret.
        let other = BridgeLife(bridge: "cau-2", life: "a")
        #expect(await ControlPort.probe(other, at: address, secret, on: loop) == .silent)
        let wrong = SymmetricKey(data: Data("something else".utf8))
        #expect(await ControlPort.probe(former, at: address, wrong, on: loop) == .silent)
        await port.close()
        #expect(await ControlPort.probe(one, at: address, secret, on: loop) == .dead)
    }

    @Test func whoListensAndSaysNothingIsNotDead() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let mute = try await ServerBootstrap(group: loop).bind(host: "127.0.0.1", port: 0).get()
        let address = ControlAddress(host: "127.0.0.1", port: try #require(mute.localAddress?.port))
        #expect(await ControlPort.probe(one, at: address, secret, on: loop) == .silent)
        try await mute.close()
    }

    @Test(arguments: [
        "", "causeway-control 1 ", "causeway-control 1 a b", "causeway-control 1 a b c", "x", " ",
        "causeway-control 1 cau-1 a \(String(repeating: "0", count: 64))",
        "causeway-control 1 ../.. a \(String(repeating: "z", count: 64))",
    ])
    func whatIsNoAnswerIsNone(line: String) {
        #expect(ControlWords.life(in: line, to: "0123456789abcdef", secret) == nil)
        #expect(ControlWords.nonce(of: line) == nil)
    }

    @Test func anAnswerIsGoodForItsQuestionAlone() throws {
        let nonce = try #require(
            ControlWords.nonce(of: ControlWords.question(ControlWords.nonce()).dropLast().description))
        let answer = String(ControlWords.answer(to: nonce, one, secret).dropLast())
        #expect(ControlWords.life(in: answer, to: nonce, secret) == one)
        #expect(ControlWords.life(in: answer, to: ControlWords.nonce(), secret) == nil)
        #expect(answer.utf8.count < ControlWords.longestLine)
    }
}
