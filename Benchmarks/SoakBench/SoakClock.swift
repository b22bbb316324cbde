import Foundation
import InteropSupport

/// The daemon's clock of the day, which can be stepped. The kernel lets nobody do that for one process, and libfaketime 0.9.10 moves timers of
/// the monotonic clocks too: so a few lines of C, loaded before the C library, add to the time of the day and to nothing else.
struct SoakClock: Sendable {
    private let file: String
    let environment: [String: String]

    private static let source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static volatile const long *offset;

        __attribute__((constructor)) static void begin(void) {
            const char *path = getenv("SOAK_CLOCK");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *map = mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
            if (map != MAP_FAILED) offset = map;
            close(file);
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int result = syscall(SYS_clock_gettime, clock, now);
            if (!result && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *offset;
            return result;
        }

        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec exact;
            (void)zone;
            if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
            now->tv_sec = exact.tv_sec;
            now->tv_usec = exact.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *at) {
            struct timespec exact;
            if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
            if (at) *at = exact.tv_sec;
            return exact.tv_sec;
        }

        """

    /// Nil where there is no C compiler.
    init?(in folder: String) async throws {
        guard Tool.areInstalled("gcc") else { return nil }
        file = folder + "/clock"
        let library = folder + "/clock.so"
        try Self.source.write(toFile: folder + "/clock.c", atomically: true, encoding: .utf8)
        do {
            try await Tool.run(
                "gcc", ["-shared", "-fPIC", "-O2", "-o", library, folder + "/clock.c"], standardError: true)
        } catch { return nil }
        environment = ["LD_PRELOAD": library, "SOAK_CLOCK": file]
        try step(toSeconds: 0)
    }

    /// So far from the true time. The file stays the same one, for it is mapped.
    func step(toSeconds offset: Int) throws {
        let octets = withUnsafeBytes(of: offset) { Data($0) }
        if !FileManager.default.fileExists(atPath: file) {
            _ = FileManager.default.createFile(atPath: file, contents: octets)
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.write(contentsOf: octets)
        try handle.close()
    }
}
