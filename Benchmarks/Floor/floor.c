#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { batch = 64 };

static struct room *rooms[most_rooms];
static unsigned room_count;
static uint8_t arriving[batch][packet_room], leaving[burst][packet_room];
static struct item queue[burst];
static struct run { struct sink *sink; unsigned first, count; } runs[burst];
static unsigned queued, run_count;

/// Packets of one size leave as one segmented send.
static void transmit(struct sink *sink, struct item *items, unsigned count) {
    for (unsigned first = 0; first < count;) {
        struct iovec vectors[batch];
        unsigned n = 0, total = 0;
        while (first + n < count && items[first + n].length == items[first].length &&
               (total += items[first].length) < 65000) {
            vectors[n] = (struct iovec){items[first + n].to, items[first + n].length};
            n++;
        }
        union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(uint16_t))]; } control = {0};
        struct msghdr message = {.msg_name = &sink->peer, .msg_namelen = sizeof sink->peer,
                                 .msg_iov = vectors, .msg_iovlen = n};
        if (n > 1) {
            uint16_t segment = (uint16_t)items[first].length;
            message.msg_control = control.bytes;
            message.msg_controllen = sizeof control.bytes;
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            *header = (struct cmsghdr){CMSG_LEN(sizeof segment), IPPROTO_UDP, UDP_SEGMENT};
            memcpy(CMSG_DATA(header), &segment, sizeof segment);
        }
        sendmsg(sink->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        first += n;
    }
}

static void flush(void) {
    protect(queue, queued);
    for (unsigned i = 0; i < run_count; i++) transmit(runs[i].sink, queue + runs[i].first, runs[i].count);
    queued = run_count = 0;
}

/// One batch of one source, to all its sinks.
static void relay(struct room *room) {
    struct mmsghdr messages[batch];
    struct iovec vectors[batch];
    struct item packets[batch];
    for (unsigned i = 0; i < batch; i++) {
        vectors[i] = (struct iovec){arriving[i], packet_room - 16};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int received = recvmmsg(room->fd, messages, batch, MSG_DONTWAIT, NULL);
    if (received <= 0) return;
    unsigned count = 0;
    for (int i = 0; i < received; i++) {
        if (messages[i].msg_len <= 12) continue;
        uint16_t sequence = (uint16_t)(arriving[i][2] << 8 | arriving[i][3]);
        if (sequence < room->newest && room->newest - sequence > 0x8000) room->rollover++;
        room->newest = sequence;
        packets[count++] = (struct item){&room->keys, arriving[i], arriving[i], messages[i].msg_len, room->rollover};
    }
    unprotect(packets, count);
    unsigned authentic = 0;
    for (unsigned i = 0; i < count; i++)
        if (packets[i].length) packets[authentic++] = packets[i];
    count = authentic;
    if (!count) return;
    for (unsigned s = 0; s < room->sink_count; s++) {
        if (queued + count > burst) flush();
        runs[run_count++] = (struct run){room->sinks[s], queued, count};
        for (unsigned i = 0; i < count; i++) {
            struct item *item = &queue[queued];
            *item = packets[i];
            item->keys = &room->sinks[s]->keys;
            if (suite != in_the_clear) item->to = leaving[queued];
            if (suite == aes_cm_sha1_80) memcpy(item->to, item->from, item->length);
            queued++;
        }
    }
    flush();
}

static int bind_socket(unsigned *port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), size = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || getsockname(fd, (struct sockaddr *)&address, &length))
        exit(2);
    *port = ntohs(address.sin_port);
    return fd;
}

static void *allocate(size_t size) {
    void *block = aligned_alloc(64, (size + 63) & ~(size_t)63);
    if (!block) exit(3);
    return memset(block, 0, size);
}

static void read_key(const char *hex, uint8_t *master) {
    for (unsigned i = 0, byte; i < 30 && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++) master[i] = (uint8_t)byte;
}

/// Takes `source` and `sink` lines (suite, the peer's key, the relay's key, the peer's port), answers each with a port.
int main(void) {
    manager = alloc_mb_mgr(0);
    if (!manager) return 1;
    init_mb_mgr_auto(manager, NULL);
    int poller = epoll_create1(EPOLL_CLOEXEC);
    char line[512], what[16], name[64], theirs[128], ours[128];
    unsigned peer, port;
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) &&
           sscanf(line, "%15s %63s %127s %127s %u", what, name, theirs, ours, &peer) == 5) {
        uint8_t master[30] = {0};
        int fd = bind_socket(&port);
        suite = !strcmp(name, "clear") ? in_the_clear : strstr(name, "GCM") ? aead_gcm : aes_cm_sha1_80;
        if (!strcmp(what, "source") && room_count < most_rooms) {
            struct room *room = rooms[room_count++] = allocate(sizeof *room);
            room->fd = fd;
            read_key(theirs, master);
            derive(&room->keys, master);
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = room};
            if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) return 2;
        } else {
            struct room *room = room_count ? rooms[room_count - 1] : NULL;
            if (!room || room->sink_count == most_sinks) return 4;
            struct sink *sink = room->sinks[room->sink_count++] = allocate(sizeof *sink);
            sink->fd = fd;
            sink->peer = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)peer),
                                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
            read_key(ours, master);
            derive(&sink->keys, master);
        }
        printf("%u\n", port);
        fflush(stdout);
    }
    struct epoll_event events[batch];
    for (;;) {
        int ready = epoll_wait(poller, events, batch, -1);
        if (ready < 0 && errno != EINTR) return 5;
        for (int i = 0; i < ready; i++) relay(events[i].data.ptr);
    }
}
