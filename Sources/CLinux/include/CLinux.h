// System calls that Swift cannot express, those of the packet path above all: their structures are built by macros.
#ifndef CLINUX_H
#define CLINUX_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// An IPv4 or IPv6 address with its port.
typedef struct {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t length;
} cl_address;

/// Buffers and message headers for one recvmmsg call after another.
typedef struct cl_receive_ring cl_receive_ring;

/// What one buffer received: one datagram, or a run of datagrams from one source that the kernel joined
/// (generic receive offload). All are `segment` bytes long but the last, which may be shorter.
typedef struct {
    uint8_t *bytes;
    /// Of all together; 0 when what came was longer than the buffer.
    uint32_t length;
    uint32_t segment;
    const cl_address *source;
    /// When the kernel got it, on the wall clock in nanoseconds; 0 where the socket does not stamp.
    uint64_t arrival;
} cl_received;

/// `count` buffers, each large enough for any run; NULL when memory is short.
cl_receive_ring *cl_receive_ring_make(unsigned count);
void cl_receive_ring_free(cl_receive_ring *ring);
/// Receives into at most `most` of the buffers from `first` on, without waiting. Returns how many it filled, or a
/// negative errno.
int cl_receive(cl_receive_ring *ring, int fd, unsigned first, unsigned most);
/// Drops what a socket holds.
void cl_discard(int fd);
/// What a filled buffer holds, until it is filled again.
cl_received cl_received_at(const cl_receive_ring *ring, unsigned index);

/// Sends `count` datagrams to one address, or to where the socket is connected if that has no length. Where `segment` is
/// not 0 they are one generic segmentation offload send: all but the last are `segment` bytes long. Returns 0 or a negative
/// errno.
int cl_send_segments(int fd, const cl_address *to, struct iovec *packets, unsigned count, uint16_t segment);

/// Writes everything, however often that takes; 0 or -errno. Foundation's FileHandle ends the process where this fails.
int cl_write_all(int fd, const void *bytes, size_t count);

/// A bound, non-blocking UDP socket, or a negative errno. `traffic_class` is the DSCP value shifted left by two.
int cl_bind_udp(const cl_address *local, int receive_buffer, int send_buffer, int traffic_class);
/// One more non-blocking socket bound where a UDP socket is, or a negative errno. Once that one is connected, this gets what
/// comes from anybody but its peer.
int cl_share_port(int fd);
/// Connects a UDP socket, again where it is; 0 or a negative errno.
int cl_connect(int fd, const cl_address *peer);
/// Lets the kernel hand over runs of datagrams joined (UDP_GRO); `cl_received` tells them apart again.
void cl_join_runs(int fd);
/// Has the kernel stamp each datagram with its arrival.
void cl_stamp_arrivals(int fd);
/// Reads a numeric address; 0 or -EINVAL.
int cl_parse_address(const char *host, uint16_t port, cl_address *out);
/// Equal family, address and port.
int cl_same_address(const cl_address *a, const cl_address *b);
/// Memory for what the packet path goes through: at the beginning of a line of the cache, and together with other such
/// blocks in huge pages, so that going through many of them misses few translations of addresses, which are dearest on a
/// virtual machine. NULL when memory is short. Any thread may call these.
void *cl_hot_allocate(size_t size);
/// Gives a block of `size` bytes back, to be used again for one of this size.
void cl_hot_free(void *block, size_t size);
/// Has the line of the cache at an address fetched, to be written, without waiting for it.
static inline void cl_prefetch(const void *at) { __builtin_prefetch(at, 1, 3); }
/// An epoll instance, or a negative errno.
int cl_epoll(void);
/// Watches for input under a tag; 0 or a negative errno.
int cl_epoll_add(int epoll, int fd, uint64_t tag);
/// Watches no longer.
void cl_epoll_remove(int epoll, int fd);
/// A non-blocking eventfd that counts from 0, or a negative errno.
int cl_event(void);
/// A non-blocking monotonic timer, or a negative errno.
int cl_timer_every(uint64_t nanoseconds);
/// Has a timer begin anew, with another period; 0 or a negative errno.
int cl_timer_set(int timer, uint64_t nanoseconds);
/// Pins the calling thread to a core, names it, and puts it before other threads where that is allowed.
void cl_enter_worker_thread(const char *name, int core);
/// Has the calling thread, and no child of it, run before all that is not real-time (SCHED_RR, 1 to 99); 0 or an errno.
int cl_run_in_real_time(int priority);
/// Names the calling thread.
void cl_name_thread(const char *name);
/// By how much the wall clock may be wrong, in microseconds (adjtimex(2)); -ENODATA where it follows nothing, or a negative errno.
int64_t cl_clock_error(void);

/// Of malloc's memory, in octets: what the program has of it, and what malloc has of the kernel's for that.
typedef struct {
    size_t in_use;
    size_t held;
} cl_heap_usage;
/// Looks through all arenas, each locked meanwhile: milliseconds for a heap of 100 MB with holes.
cl_heap_usage cl_heap(void);

#endif
