import Archive
import Foundation
import Testing

/// A small file system in memory, to be filled and made read-only; needs root.
private struct SmallDisk {
    static let isPossible: Bool = {
        guard geteuid() == 0, let disk = try? SmallDisk(kibibytes: 64) else { return false }
        disk.remove()
        return true
    }()

    let path: String

    init(kibibytes: Int) throws {
        path = try Workshop().root
        try Self.mount(["-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path])
    }

    func makeReadOnly(_ isReadOnly: Bool) throws {
        try Self.mount(["-o", "remount," + (isReadOnly ? "ro" : "rw"), path])
    }

    /// Takes every byte that is free, but for `spare`.
    func fill(sparing spare: Int = 0) throws {
        let file = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) > 0 {}
        var status = stat()
        fstat(file, &status)
        ftruncate(file, max(0, status.st_size - off_t(spare)))
    }

    func empty() { unlink(path + "/filler") }
    func remove() { umount2(path, Int32(MNT_DETACH)) }

    private static func mount(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/mount")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

@Suite(.enabled(if: SmallDisk.isPossible)) struct DiskFaultTests {
    @Test func aFullDiskIsNamedAndNothingIsTorn() async throws {
        let disk = try SmallDisk(kibibytes: 4096)
        defer { disk.remove() }
        let archive = try Archive(root: disk.path)
        let meeting = try await archive.openMeeting(.sample())
        let log = archive.paths(of: meeting).events
        try disk.fill(sparing: 8192)
        var failure: ArchiveError?
        var written = 0
        for index in 0..<2000 where failure == nil {
            do throws(ArchiveError) {
                try archive.append(
                    EventRecord(at: morning, name: "speaker", fields: ["point": "điểm \(index)"]), to: meeting)
                written += 1
            } catch {
                failure = error
            }
        }
        #expect(failure == .diskFull(path: log))
        #expect(failure?.description.hasPrefix("The disk is full at ") == true)
        #expect(try archive.events(of: meeting).count == written)
        #expect(try Data(contentsOf: URL(fileURLWithPath: log)).last == UInt8(ascii: "\n"))
        let second = await #expect(throws: ArchiveError.self) { try await archive.openMeeting(.sample("zzzz")) }
        guard case .diskFull? = second else {
            Issue.record("\(String(describing: second))")
            return
        }
        #expect(try await archive.list(MeetingQuery()).meetings.count == 1)
        disk.empty()
        try archive.append(EventRecord(at: morning, name: "after"), to: meeting)
        #expect(try archive.events(of: meeting).last?.name == "after")
        _ = try await archive.openMeeting(.sample("zzzz"))
    }

    @Test func aCatalogueThatCannotGrowSaysSoAndStaysWhole() async throws {
        let disk = try SmallDisk(kibibytes: 4096)
        defer { disk.remove() }
        let archive = try Archive(root: disk.path)
        let meeting = try await archive.openMeeting(.sample())
        try disk.fill()
        var failure: ArchiveError?
        for _ in 0..<500 where failure == nil {
            do throws(ArchiveError) {
                try await archive.addNote(meeting.id, .warning, String(repeating: "đĩa đầy ", count: 200))
            } catch {
                failure = error
            }
        }
        guard case .diskFull? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        disk.empty()
        try await archive.addNote(meeting.id, .warning, "recording stopped: disk full")
        #expect(try await archive.details(of: meeting.id).notes.last?.text == "recording stopped: disk full")
    }

    @Test func aReadOnlyDiskIsNamedAndItsPackagesStillVerify() async throws {
        let disk = try SmallDisk(kibibytes: 16_384)
        defer { disk.remove() }
        let archive = try Archive(root: disk.path)
        let sealed = try await archive.sealedMeeting()
        let open = try await archive.openMeeting(.sample("open"))
        try archive.close()
        try disk.makeReadOnly(true)
        #expect(throws: ArchiveError.readOnly(path: disk.path + "/lock")) { try Archive(root: disk.path) }
        try disk.makeReadOnly(false)
        let again = try Archive(root: disk.path)
        #expect(try await again.unfinishedMeetings().map(\.id) == [open.id])
        #expect(try await again.verify(sealed.id).isIntact)
    }
}
