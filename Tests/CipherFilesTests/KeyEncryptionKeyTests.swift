import Foundation
import Testing

@testable import CipherFiles

@Suite struct KeyEncryptionKeyTests {
    @Test func aKeyIsUnwrappedByWhatWrappedItForItsMeetingAlone() throws {
        let kek = try KeyEncryptionKey(CipherShelf.octets(32))
        let content = ContentKey()
        let wrapped = try kek.wrap(content, of: "a")
        #expect(wrapped.count == KeyEncryptionKey.wrappedOctets)
        #expect(try kek.unwrap(wrapped, of: "a").key == content.key)
        #expect(try kek.wrap(content, of: "a") != wrapped)
        #expect(throws: CipherFileError.notUnwrapped) { try kek.unwrap(wrapped, of: "b") }
        let other = try KeyEncryptionKey(CipherShelf.octets(32).reversed().reduce(into: Data()) { $0.append($1) })
        #expect(other.id != kek.id)
        #expect(throws: CipherFileError.notUnwrapped) { try other.unwrap(wrapped, of: "a") }
        for index in [0, 12, 59] {
            var changed = wrapped
            changed[index] ^= 1
            #expect(throws: CipherFileError.notUnwrapped) { try kek.unwrap(changed, of: "a") }
        }
        for count in [0, 1, 59] {
            #expect(throws: CipherFileError.notUnwrapped) { try kek.unwrap(wrapped.prefix(count), of: "a") }
        }
        #expect(throws: CipherFileError.notUnwrapped) { try kek.unwrap(wrapped + [0], of: "a") }
    }

    @Test func hexadecimalDigitsAreTheSameKey() throws {
        let octets = CipherShelf.octets(32)
        let digits = octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let id = try KeyEncryptionKey(octets).id
        #expect(id.count == 16)
        for text in [digits, digits + "\n", digits + "\r\n", digits.uppercased()] {
            #expect(try KeyEncryptionKey(Data(text.utf8)).id == id)
        }
    }

    @Test func whatIsNoKeyIsRefused() {
        let digits = String(repeating: "0f", count: 32)
        for data in [
            Data(), Data(count: 31), Data(count: 33), Data(count: 32), Data(digits.dropLast().utf8),
            Data((digits.dropLast() + "g").utf8), Data((digits + "\n\n").utf8), Data(count: 100_000),
        ] {
            #expect(throws: CipherFileError.self) { try KeyEncryptionKey(data) }
        }
    }
}
