// What the benchmark needs of C: a malloc that counts, and socket calls whose structures macros build.
#ifndef CBENCH_H
#define CBENCH_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

/// Counts heap requests (malloc, calloc, realloc, aligned ones) of threads whose name begins with `prefix`, from 0.
void cb_count_allocations(const char *prefix);
/// Requests counted since; counting goes on.
uint64_t cb_allocations(void);

/// One datagram taken from a socket.
typedef struct {
    /// Bytes of the datagram, of which only as many as fit are in `bytes`.
    uint32_t length;
    /// When the kernel put it into the socket, on the wall clock; 0 unless asked for with `cb_want_arrival_times`.
    uint64_t arrival_nanoseconds;
    uint8_t bytes[1536];
} cb_datagram;

/// A bound UDP socket on loopback that receives without waiting, or a negative errno; `port` is set.
int cb_open_socket(uint16_t *port);
/// Takes at most `most` (64 at most) datagrams, the first `size` bytes of each. Returns their number, 0 when none wait.
int cb_receive(int fd, cb_datagram *into, unsigned most, unsigned size);
/// Sends `count` datagrams of `length` bytes each, `stride` apart, to a port on loopback in one call. 0 or -errno.
int cb_send(int fd, uint16_t port, const uint8_t *bytes, unsigned count, unsigned stride, unsigned length);
int cb_want_arrival_times(int fd, int on);
/// Datagrams that the socket dropped because its buffer was full.
uint32_t cb_drops(int fd);
/// CPU time of a thread of this process in nanoseconds; 0 when it is gone.
uint64_t cb_thread_cpu(pid_t thread);
/// CPU time of all threads of a process, those that have ended too, in nanoseconds; 0 when it is gone.
uint64_t cb_process_cpu(pid_t process);
/// Starts a program on one core, its standard input and output joined to pipes, its errors thrown away unless wanted. It
/// is killed when this process ends. Returns its id, or a negative errno.
pid_t cb_spawn(char *const arguments[], int core, int wants_errors, int *input, int *output);
/// Pins the calling thread.
void cb_pin(int core);
#endif
