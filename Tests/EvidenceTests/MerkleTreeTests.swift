import Crypto
import Evidence
import Testing

@Suite struct MerkleTreeTests {
    /// The definition, word for word (RFC 9162 §2.1.1).
    private func root(_ entries: ArraySlice<[UInt8]>) -> [UInt8] {
        func hash(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
        guard let first = entries.first else { return hash([]) }
        guard entries.count > 1 else { return hash([0] + first) }
        var split = 1
        while split * 2 < entries.count { split *= 2 }
        return hash([1] + root(entries.prefix(split)) + root(entries.dropFirst(split)))
    }

    private func entries(_ count: Int) -> [[UInt8]] { (0..<count).map { Array("entry \($0)".utf8) } }

    @Test func theRootIsThatOfTheDefinition() {
        for count in 0..<70 { #expect(MerkleTree(entries(count)).root == root(entries(count)[...]), "\(count)") }
    }

    @Test func theKnownRootOfEightEntries() {
        // The test tree of certificate-transparency-go and of RFC 6962's reference implementation.
        let leaves: [[UInt8]] = [
            [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
            [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            [0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ]
        #expect(
            Hex.text(MerkleTree(leaves).root) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
    }

    @Test func anyChangeOfOneEntryChangesTheRoot() {
        var random = SystemRandomNumberGenerator()
        for count in 1..<40 {
            let before = entries(count)
            var after = before
            let index = Int.random(in: 0..<count, using: &random)
            let place = Int.random(in: 0..<after[index].count, using: &random)
            after[index][place] ^= UInt8.random(in: 1...255, using: &random)
            #expect(MerkleTree(after).root != MerkleTree(before).root)
            if count > 1 {
                after = before
                after.swapAt(index, (index + 1) % count)
                #expect(MerkleTree(after).root != MerkleTree(before).root)
                after = before
                after.remove(at: index)
                #expect(MerkleTree(after).root != MerkleTree(before).root)
            }
        }
    }

    @Test func aNodeCannotBePassedOffAsAnEntry() {
        let pair = entries(2)
        let joined = pair.flatMap { Array(SHA256.hash(data: [0] + $0)) }
        #expect(MerkleTree([joined]).root != MerkleTree(pair).root)
    }
}
