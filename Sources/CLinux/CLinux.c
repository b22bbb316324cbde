#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

// Sound must leave every 20 ms, whatever else the machine has to do; signalling gives way.
#define MEDIA_NICE (-10)
// The longest run that the kernel joins: what an IP datagram can hold.
#define RUN_BYTES 65536u
// Buffers that lie a multiple of a page apart would share the same few lines of the cache.
#define BUFFER_STRIDE (RUN_BYTES + 5 * 64)

typedef union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct timespec))];
} run_control;

struct cl_receive_ring {
    unsigned count;
    struct mmsghdr *messages;
    struct iovec *vectors;
    cl_address *sources;
    run_control *controls;
    uint8_t *bytes;
};

cl_receive_ring *cl_receive_ring_make(unsigned count) {
    cl_receive_ring *ring = calloc(1, sizeof *ring);
    if (!ring) return NULL;
    ring->count = count;
    ring->messages = calloc(count, sizeof *ring->messages);
    ring->vectors = calloc(count, sizeof *ring->vectors);
    ring->sources = calloc(count, sizeof *ring->sources);
    ring->controls = calloc(count, sizeof *ring->controls);
    ring->bytes = aligned_alloc(64, (size_t)count * BUFFER_STRIDE);
    if (!ring->messages || !ring->vectors || !ring->sources || !ring->controls || !ring->bytes) {
        cl_receive_ring_free(ring);
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        ring->vectors[i] = (struct iovec){ring->bytes + (size_t)i * BUFFER_STRIDE, RUN_BYTES};
        struct msghdr *header = &ring->messages[i].msg_hdr;
        header->msg_iov = &ring->vectors[i];
        header->msg_iovlen = 1;
        header->msg_name = &ring->sources[i].any;
        header->msg_control = ring->controls[i].bytes;
    }
    return ring;
}

void cl_receive_ring_free(cl_receive_ring *ring) {
    if (!ring) return;
    free(ring->messages);
    free(ring->vectors);
    free(ring->sources);
    free(ring->controls);
    free(ring->bytes);
    free(ring);
}

// What a packet needs goes past the C library, whose calls are points of cancellation: in a process of many threads that costs two
// atomic exchanges each. Nobody cancels a worker.

static int receive_into(struct mmsghdr *messages, int fd, unsigned most) {
    return (int)syscall(SYS_recvmmsg, fd, messages, most, MSG_DONTWAIT, NULL);
}

int cl_receive(cl_receive_ring *ring, int fd, unsigned first, unsigned most) {
    if (first >= ring->count) return 0;
    if (most > ring->count - first) most = ring->count - first;
    for (unsigned i = first; i < first + most; i++) {
        ring->messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in6);
        ring->messages[i].msg_hdr.msg_controllen = sizeof(run_control);
    }
    int n = receive_into(ring->messages + first, fd, most);
    // A connected socket tells so, once, that a packet was refused (RFC 1122 §4.1.3.3), before it gives what came.
    if (n < 0 && errno == ECONNREFUSED) n = receive_into(ring->messages + first, fd, most);
    return n < 0 ? -errno : n;
}

void cl_discard(int fd) {
    // A peer that sends faster than this is not waited for.
    for (int left = 4096; left > 0 && recv(fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) >= 0; left--) {
    }
}

cl_received cl_received_at(const cl_receive_ring *ring, unsigned index) {
    struct mmsghdr *message = &ring->messages[index];
    struct msghdr *header = &message->msg_hdr;
    ring->sources[index].length = header->msg_namelen;
    cl_received received = {
        .bytes = ring->vectors[index].iov_base,
        .length = header->msg_flags & MSG_TRUNC ? 0 : message->msg_len,
        .source = &ring->sources[index]};
    received.segment = received.length;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item; item = CMSG_NXTHDR(header, item)) {
        if (item->cmsg_level == IPPROTO_UDP && item->cmsg_type == UDP_GRO) {
            int segment = 0;
            memcpy(&segment, CMSG_DATA(item), sizeof segment);
            if (segment > 0) received.segment = (uint32_t)segment;
        } else if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(item), sizeof time);
            received.arrival = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
        }
    }
    return received;
}

static long send_to(int fd, const cl_address *to, struct iovec *packets, unsigned count, uint16_t segment) {
    const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    // Without a header of a message that the kernel has to fetch and check.
    if (count == 1 && !segment) {
        return syscall(
            SYS_sendto, fd, packets->iov_base, packets->iov_len, flags, to->length ? &to->any : NULL, to->length);
    }
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
    } control;
    struct msghdr message = {
        .msg_name = (void *)&to->any, .msg_namelen = to->length, .msg_iov = packets, .msg_iovlen = count};
    if (segment) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = IPPROTO_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(header), &segment, sizeof segment);
    }
    return syscall(SYS_sendmsg, fd, &message, flags);
}

int cl_send_segments(int fd, const cl_address *to, struct iovec *packets, unsigned count, uint16_t segment) {
    long sent = send_to(fd, to, packets, count, segment);
    // Of an earlier packet; this one was not sent yet.
    if (sent < 0 && errno == ECONNREFUSED) sent = send_to(fd, to, packets, count, segment);
    return sent < 0 ? -errno : 0;
}

int cl_share_port(int fd) {
    cl_address local = {.length = sizeof(struct sockaddr_in6)};
    if (getsockname(fd, &local.any, &local.length) < 0) return -errno;
    int beside = socket(local.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (beside < 0) return -errno;
    int yes = 1, no = 0, result = 0;
    if (local.any.sa_family == AF_INET6) setsockopt(beside, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    // Looked at while a socket is bound, and then alone: nobody else gets the port.
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(beside, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(beside, &local.any, local.length) < 0) result = -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &no, sizeof no);
    setsockopt(beside, SOL_SOCKET, SO_REUSEADDR, &no, sizeof no);
    if (result == 0) return beside;
    close(beside);
    return result;
}

int cl_connect(int fd, const cl_address *peer) { return connect(fd, &peer->any, peer->length) < 0 ? -errno : 0; }

int cl_bind_udp(const cl_address *local, int receive_buffer, int send_buffer, int traffic_class) {
    int family = local->any.sa_family;
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    if (family == AF_INET6) {
        int one = 1;
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &traffic_class, sizeof traffic_class);
    } else {
        setsockopt(fd, IPPROTO_IP, IP_TOS, &traffic_class, sizeof traffic_class);
    }
    if (bind(fd, &local->any, local->length) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int cl_write_all(int fd, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t written = write(fd, at, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -errno;
        at += written;
        count -= (size_t)written;
    }
    return 0;
}

void cl_join_runs(int fd) {
    int one = 1;
    // A kernel that cannot hands over one datagram at a time, as before.
    setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, sizeof one);
}

void cl_stamp_arrivals(int fd) {
    int one = 1;
    // Where it is refused, what arrives counts as having arrived when it was taken.
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
}

int cl_parse_address(const char *host, uint16_t port, cl_address *out) {
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        out->length = sizeof out->v4;
        return 0;
    }
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        out->length = sizeof out->v6;
        return 0;
    }
    return -EINVAL;
}

int cl_same_address(const cl_address *a, const cl_address *b) {
    if (a->any.sa_family != b->any.sa_family) return 0;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return a->v6.sin6_port == b->v6.sin6_port && !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr);
}

int cl_epoll(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cl_event(void) {
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cl_epoll_add(int epoll, int fd, uint64_t tag) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void cl_epoll_remove(int epoll, int fd) { epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

int cl_timer_every(uint64_t nanoseconds) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) return -errno;
    int result = cl_timer_set(fd, nanoseconds);
    if (result == 0) return fd;
    close(fd);
    return result;
}

int cl_timer_set(int timer, uint64_t nanoseconds) {
    struct timespec period = {(time_t)(nanoseconds / 1000000000u), (long)(nanoseconds % 1000000000u)};
    struct itimerspec every = {.it_interval = period, .it_value = period};
    return timerfd_settime(timer, 0, &every, NULL) < 0 ? -errno : 0;
}

void cl_name_thread(const char *name) {
    char bounded[16] = {0};
    strncpy(bounded, name, sizeof bounded - 1);
    pthread_setname_np(pthread_self(), bounded);
}

void cl_enter_worker_thread(const char *name, int core) {
    cl_name_thread(name);
    if (core >= 0) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(core, &cores);
        pthread_setaffinity_np(pthread_self(), sizeof cores, &cores);
    }
    // Refused where LimitNICE does not allow it.
    setpriority(PRIO_PROCESS, (id_t)gettid(), MEDIA_NICE);
}

int cl_run_in_real_time(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameters) == 0 ? 0 : errno;
}

int64_t cl_clock_error(void) {
    struct timex state = {0};
    int result = adjtimex(&state);
    if (result < 0) return -errno;
    return result == TIME_ERROR ? -ENODATA : state.maxerror;
}
