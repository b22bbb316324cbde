import Dispatch
import Glibc
import Synchronization

/// Has what was written to a recording's files reach the disk, on a thread of its own: a recorder that waited for a slow disk
/// would let its ring overflow. While one sync runs the next is only wanted; so a disk that takes long for one is asked less
/// often, and what a power cut costs grows by twice that time.
final class DiskSync: Sendable {
    private struct State {
        var isWanted = false
        var isRunning = false
        /// The file that could not be written out, and why. The kernel tells it once, and forgets what it could not write.
        var failure: (path: String, errno: Int32)?
    }
    private struct File {
        var path: String
        var descriptor: Int32
    }

    private let files: [File]
    private let queue = DispatchQueue(label: "recorder.sync")
    private let state = Mutex(State())

    /// - Parameter paths: files of one directory, which has their names first.
    init(_ paths: [String]) {
        // Descriptors of its own: each learns of what could not be written since it was opened.
        files = paths.map { File(path: $0, descriptor: open($0, O_RDONLY | O_CLOEXEC)) }
        let directory = paths.first.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) } ?? ""
        queue.async {
            let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            fsync(descriptor)
            close(descriptor)
        }
        request()
    }

    deinit {
        for file in files where file.descriptor >= 0 { close(file.descriptor) }
    }

    var failure: (path: String, errno: Int32)? { state.withLock { $0.failure } }

    /// What was written by now is to be on the disk soon. Returns at once.
    func request() {
        let begins = state.withLock { state in
            defer { state.isRunning = true }
            state.isWanted = true
            return !state.isRunning
        }
        if begins { queue.async { self.run() } }
    }

    private func run() {
        while state.withLock({ state in
            defer { state.isWanted = false }
            state.isRunning = state.isWanted
            return state.isWanted
        }) {
            for file in files where file.descriptor >= 0 {
                if fdatasync(file.descriptor) == 0 {
                    // What is on the disk need not be in memory: a day's recording leaves the cache to others.
                    _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
                } else {
                    let reason = errno
                    state.withLock { $0.failure = $0.failure ?? (file.path, reason) }
                }
            }
        }
    }
}
