#define _GNU_SOURCE
#include "CBench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

uint64_t cb_process_cpu(pid_t process) {
    // The kernel's encoding of a process's CPU clock (CPUCLOCK_SCHED).
    struct timespec time;
    if (clock_gettime((clockid_t)((~(unsigned)process) << 3 | 2), &time) < 0) return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

pid_t cb_spawn(char *const arguments[], int core, int wants_errors, int *input, int *output) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) < 0) return -errno;
    if (pipe2(from, O_CLOEXEC) < 0) {
        int error = errno;
        close(to[0]);
        close(to[1]);
        return -error;
    }
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(core, &cores);
        sched_setaffinity(0, sizeof cores, &cores);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        dup2(to[0], 0);
        dup2(from[1], 1);
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (!wants_errors && nowhere >= 0) dup2(nowhere, 2);
        execvp(arguments[0], arguments);
        _exit(127);
    }
    int error = errno;
    close(to[0]);
    close(from[1]);
    if (child < 0) {
        close(to[1]);
        close(from[0]);
        return -error;
    }
    *input = to[1];
    *output = from[0];
    return child;
}
