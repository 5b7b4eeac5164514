import Foundation

/// A wall clock for one process that a test sets.
enum ClockShift {
    /// The compiler that comes with Swift.
    private static let compiler = "clang"

    static var isPossible: Bool { Program.exists(compiler) }

    /// Makes the library; a process that it is loaded into (`LD_PRELOAD`) adds the seconds in the file `CLOCK_SHIFT` to its wall clock.
    ///
    /// Gives the library's path.
    static func build(in folder: URL) throws -> String {
        let source = folder.appending(path: "shift.c")
        let library = folder.appending(path: "shift.so").path
        try text.write(to: source, atomically: true, encoding: .utf8)
        let finished = try Program.run(
            "/usr/bin/env",
            [compiler, "-shared", "-fPIC", "-O1", "-o", library, source.path]
        )
        guard finished.status == 0 else {
            throw CocoaError(.executableLoad, userInfo: [NSDebugDescriptionErrorKey: finished.errors])
        }
        return library
    }

    private static let text = #"""
        // Adds the seconds that the file $CLOCK_SHIFT holds to the wall clock of the process that it is loaded into.
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static long shift(void) {
            const char *path = getenv("CLOCK_SHIFT");
            char text[32] = {0};
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return 0;
            ssize_t count = read(file, text, sizeof text - 1);
            close(file);
            return count > 0 ? strtol(text, NULL, 10) : 0;
        }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            long result = syscall(SYS_clock_gettime, clock, time);
            if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift();
            return (int)result;
        }

        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            (void)zone;
            struct timespec now;
            int result = clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return result;
        }

        time_t time(time_t *place) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (place) *place = now.tv_sec;
            return now.tv_sec;
        }
        """#
}
