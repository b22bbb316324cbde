// What Swift cannot express of starting a child process and waiting for it.
#ifndef CSPAWN_H
#define CSPAWN_H

#include <stddef.h>
#include <sys/types.h>

/// A child that was started; it leads a process group of its own.
typedef struct {
    pid_t pid;
    /// Readable when it has ended (pidfd_open(2)), and until then it is not another's number.
    int end;
} cs_child;

/// Starts a program (an absolute path) with `input` as its standard input (-1 for none), with `output` and `errors` as its standard
/// output and error, and with no other descriptor of ours. It blocks no signal and ignores none, whatever the calling thread does. `directory` and
/// `environment` may be NULL for our own, `niceness` is its own, not one that is added. Returns 0 or an errno.
int cs_spawn(
    const char *program, char *const *arguments, char *const *environment, const char *directory, int input, int output,
    int errors, int niceness, cs_child *child);
/// What a child may use up.
typedef struct {
    long processor_seconds;
    /// Of each file that it writes.
    long file_octets;
    /// Of address space; 0 for any.
    long memory_octets;
} cs_bounds;

/// The same, with `input` as its standard input, and confined before it executes: by `bounds`; by a filter of system calls
/// (seccomp(2)), so that it has no sockets and reaches no other process; and, where the kernel has Landlock, to files of installed
/// programs and to `directory`. Needs neither privileges nor namespaces. Where it cannot be confined it is not started.
int cs_spawn_confined(
    const char *program, char *const *arguments, char *const *environment, const char *directory, int input, int output,
    int errors, int niceness, const cs_bounds *bounds, cs_child *child);
/// Whether the kernel has Landlock and it is turned on.
int cs_has_landlock(void);
/// Begins to watch one that was started; returns 0 or an errno, and then has ended it.
int cs_watch(cs_child *child);
/// Ends one that was started, and returns `failure`.
int cs_forget(pid_t pid, int failure);
/// Waits for its end and forgets it. `signal` gets the one that killed it, or 0; returns its exit status, or -1.
int cs_reap(cs_child child, int *signal);
/// This process's own environment, as a list that ends with NULL.
char *const *cs_environment(void);
/// A pipe whose ends no other child inherits, and of which reading does not block. Returns 0 or an errno.
int cs_pipe(int *reading, int *writing);

// Messages over Unix sockets that keep their bounds (SOCK_SEQPACKET), with descriptors (SCM_RIGHTS). Each returns 0 or an errno, and
// sleeps never, but for cs_send on a socket that blocks; what is received or made no child inherits.

enum { CS_MOST_DESCRIPTORS = 3 };
/// Connects to a listener at `path`; the socket does not block.
int cs_connect(const char *path, int *made);
/// Listens at `path`, which is not there yet and which its owner alone may connect to.
int cs_listen(const char *path, int *made);
/// Takes a connection, which does not block, and tells whose it is (SO_PEERCRED).
int cs_accept(int listener, int *made, uid_t *peer);
/// Sends one message.
int cs_send(int to, const void *message, size_t length, const int *descriptors, int count);
/// Receives one message. `descriptors` has room for CS_MOST_DESCRIPTORS. EMSGSIZE where it or its descriptors are more than there is room for:
/// then it is lost, and its descriptors are closed. At the end of the connection `length` is 0.
int cs_receive(int from, void *room, size_t most, size_t *length, int *descriptors, int *count);
/// From now on SIGTERM and SIGINT are told by a descriptor, and end this process no more.
int cs_hear_termination(int *made);
#endif
