import CLinux
import Testing

@testable import MediaPlane

/// Where the packet path's state lies.
struct HotMemoryTests {
    @Test func blocksBeginLinesAndDoNotOverlap() throws {
        let sizes = [1, 8, 63, 64, 65, 128, 1_000, 3_000, 8_192, 8_193, 70_000, 500_000]
        var blocks: [(start: UInt, size: Int, block: UnsafeMutableRawPointer)] = []
        for size in sizes + sizes.reversed() {
            let block = try #require(cl_hot_allocate(size))
            block.initializeMemory(as: UInt8.self, repeating: UInt8(blocks.count), count: size)
            blocks.append((UInt(bitPattern: block), size, block))
        }
        for (index, block) in blocks.enumerated() {
            #expect(block.start % 64 == 0)
            let bytes = UnsafeRawBufferPointer(start: block.block, count: block.size)
            #expect(bytes.allSatisfy { $0 == UInt8(index) }, "\(block.size) bytes were written to by others")
        }
        for block in blocks { cl_hot_free(block.block, block.size) }
    }

    @Test func whatIsGivenBackIsUsedAgain() throws {
        // A size that nobody else here has.
        let size = 64 * 101 - 5
        let first = try #require(cl_hot_allocate(size))
        let second = try #require(cl_hot_allocate(size))
        cl_hot_free(first, size)
        cl_hot_free(second, size)
        let again = [try #require(cl_hot_allocate(size)), try #require(cl_hot_allocate(size - 20))]
        #expect(Set(again) == [first, second])
        for block in again { cl_hot_free(block, size) }
    }

    @Test func aPortFillsALine() { #expect(MemoryLayout<EgressPort>.size <= 64) }
}
