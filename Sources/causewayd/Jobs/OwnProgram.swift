import Foundation

/// This binary, which composes and merges as a child of its own, so that a decoder that crashes on a hostile stream ends a job and not
/// a meeting. By its path, for `/proc/self/exe` is another program to the runner of jobs.
enum OwnProgram {
    /// What an upgrade put in its place is as good.
    static let path: String = {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let gone = " (deleted)"
        return path.hasSuffix(gone) ? String(path.dropLast(gone.count)) : path
    }()
}
