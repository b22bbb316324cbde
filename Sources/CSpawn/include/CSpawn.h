// What Swift cannot express of starting a child process and waiting for it.
#ifndef CSPAWN_H
#define CSPAWN_H

#include <sys/types.h>

/// A child that was started; it leads a process group of its own.
typedef struct {
    pid_t pid;
    /// Readable when it has ended (pidfd_open(2)), and until then it is not another's number.
    int end;
} cs_child;

/// Starts a program (an absolute path) with no input, with `output` and `errors` as its standard output and error, and with no
/// other descriptor of ours. It blocks no signal and ignores none, whatever the calling thread does. `directory` and
/// `environment` may be NULL for our own, `niceness` is its own, not one that is added. Returns 0 or an errno.
int cs_spawn(
    const char *program, char *const *arguments, char *const *environment, const char *directory, int output, int errors,
    int niceness, cs_child *child);
/// Waits for its end and forgets it. `signal` gets the one that killed it, or 0; returns its exit status, or -1.
int cs_reap(cs_child child, int *signal);
/// A pipe whose ends no other child inherits, and of which reading does not block. Returns 0 or an errno.
int cs_pipe(int *reading, int *writing);
#endif
