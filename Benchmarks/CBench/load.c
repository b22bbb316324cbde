#define _GNU_SOURCE
#include "CBench.h"

#include <errno.h>
#include <netinet/udp.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#define MEMINFO_DROPS 8

enum { most_at_once = 64, control_size = 64 };

int cb_open_socket(uint16_t *port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int size = 4 << 20;
    // Beyond net.core.rmem_max where the benchmark runs as root: what is measured is the bridge, not this buffer.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, length) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int cb_receive(int fd, cb_datagram *into, unsigned most, unsigned size) {
    struct mmsghdr messages[most_at_once];
    struct iovec vectors[most_at_once];
    char controls[most_at_once][control_size] __attribute__((aligned(8)));
    if (most > most_at_once) most = most_at_once;
    if (size > sizeof into->bytes) size = sizeof into->bytes;
    for (unsigned i = 0; i < most; i++) {
        vectors[i] = (struct iovec){into[i].bytes, size};
        messages[i].msg_hdr = (struct msghdr){
            .msg_iov = &vectors[i], .msg_iovlen = 1, .msg_control = controls[i], .msg_controllen = control_size};
    }
    int count = recvmmsg(fd, messages, most, MSG_DONTWAIT | MSG_TRUNC, NULL);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        into[i].length = messages[i].msg_len;
        into[i].arrival_nanoseconds = 0;
        struct msghdr *header = &messages[i].msg_hdr;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
            struct timespec time;
            memcpy(&time, CMSG_DATA(c), sizeof time);
            into[i].arrival_nanoseconds = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
        }
    }
    return count;
}

int cb_send(int fd, uint16_t port, const uint8_t *bytes, unsigned count, unsigned stride, unsigned length) {
    struct iovec vectors[most_at_once];
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
    } control;
    if (count > most_at_once) return -EINVAL;
    for (unsigned i = 0; i < count; i++) vectors[i] = (struct iovec){(void *)(bytes + (size_t)i * stride), length};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = vectors, .msg_iovlen = count};
    if (count > 1) {
        uint16_t segment = (uint16_t)length;
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = IPPROTO_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(header), &segment, sizeof segment);
    }
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int cb_want_arrival_times(int fd, int on) {
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0 ? -errno : 0;
}

uint32_t cb_drops(int fd) {
    uint32_t values[16] = {0};
    socklen_t length = sizeof values;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &length) < 0) return 0;
    return length > MEMINFO_DROPS * sizeof values[0] ? values[MEMINFO_DROPS] : 0;
}

uint64_t cb_thread_cpu(pid_t thread) {
    // The kernel's encoding of a thread's CPU clock (CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED).
    struct timespec time;
    if (clock_gettime((clockid_t)((~(unsigned)thread) << 3 | 6), &time) < 0) return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void cb_pin(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    sched_setaffinity(0, sizeof cores, &cores);
}
