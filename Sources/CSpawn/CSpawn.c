#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int describe(
    posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, const char *directory, int input, int output,
    int errors) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failure = 0;
    if (!failure)
        failure = input < 0 ? posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0)
                            : posix_spawn_file_actions_adddup2(actions, input, 0);
    if (!failure) failure = posix_spawn_file_actions_adddup2(actions, output, 1);
    if (!failure) failure = posix_spawn_file_actions_adddup2(actions, errors, 2);
    if (!failure) failure = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    if (!failure && directory) failure = posix_spawn_file_actions_addchdir_np(actions, directory);
    if (!failure)
        failure = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    if (!failure) failure = posix_spawnattr_setsigmask(attributes, &none);
    if (!failure) failure = posix_spawnattr_setsigdefault(attributes, &all);
    if (!failure) failure = posix_spawnattr_setpgroup(attributes, 0);
    return failure;
}

int cs_spawn(
    const char *program, char *const *arguments, char *const *environment, const char *directory, int input, int output,
    int errors, int niceness, cs_child *child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure) return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure) {
        posix_spawn_file_actions_destroy(&actions);
        return failure;
    }
    failure = describe(&actions, &attributes, directory, input, output, errors);
    if (!failure) failure = posix_spawn(&child->pid, program, &actions, &attributes, arguments, environment ? environment : environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure) return failure;
    // It has hardly begun: posix_spawn returns as it executes. Where this is not allowed it goes on as it is.
    setpriority(PRIO_PROCESS, (id_t)child->pid, niceness);
    return cs_watch(child);
}

int cs_watch(cs_child *child) {
    // Sets FD_CLOEXEC by itself.
    child->end = (int)syscall(SYS_pidfd_open, child->pid, 0);
    return child->end < 0 ? cs_forget(child->pid, errno) : 0;
}

int cs_forget(pid_t pid, int failure) {
    kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    return failure;
}

int cs_reap(cs_child child, int *signal) {
    int status = 0;
    pid_t got;
    *signal = 0;
    do got = waitpid(child.pid, &status, 0);
    while (got < 0 && errno == EINTR);
    close(child.end);
    if (got < 0) return -1;
    if (WIFSIGNALED(status)) {
        *signal = WTERMSIG(status);
        return -1;
    }
    return WEXITSTATUS(status);
}

char *const *cs_environment(void) { return environ; }

int cs_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return errno;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
        int failure = errno;
        close(ends[0]);
        close(ends[1]);
        return failure;
    }
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}
