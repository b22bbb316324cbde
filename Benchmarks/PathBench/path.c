// What the ways into and out of the kernel cost that a relay could take: CPU time of one thread on core 0 for each packet,
// its peer on core 1. Every way carries the same packets over loopback, in the order of a relay's work.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_peers = 200, batch = 64, packet_room = 2048, run_room = 65536, ring_entries = 4096 };

/// A load: so many peers, each with bursts of so many packets of so many bytes.
struct shape {
    const char *name;
    unsigned peers, burst, bytes, rounds;
    uint64_t period;
};

static const struct shape sending[] = {
    {"to 20 peers, 8 × 1,100 bytes", 20, 8, 1100, 400, 5000000},
    {"to 200 peers, 1 × 172 bytes", 200, 1, 172, 400, 5000000},
};
static const struct shape video = {"from 20 peers, 8 × 1,100 bytes", 20, 8, 1100, 100, 20000000};
static const struct shape sound = {"from 200 peers, 1 × 172 bytes", 200, 1, 172, 100, 20000000};

static int ours[most_peers], theirs[most_peers];
static struct sockaddr_in our_address[most_peers], their_address[most_peers];
static uint8_t payload[most_peers * 8][packet_room];
static atomic_bool peer_runs;

// MARK: Small things

static void fail(const char *what) {
    fprintf(stderr, "path-bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t spent(void) { return now(CLOCK_THREAD_CPUTIME_ID); }

static void sleep_until(uint64_t due) {
    struct timespec time = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL)) {}
}

static void pin(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    if (pthread_setaffinity_np(pthread_self(), sizeof cores, &cores)) fail("two cores are needed");
}

static int open_socket(struct sockaddr_in *address) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), size = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof *address;
    if (fd < 0 || bind(fd, (struct sockaddr *)address, length) ||
        getsockname(fd, (struct sockaddr *)address, &length))
        fail("a socket");
    return fd;
}

static void open_sockets(unsigned peers) {
    for (unsigned i = 0; i < peers; i++) {
        ours[i] = open_socket(&our_address[i]);
        theirs[i] = open_socket(&their_address[i]);
    }
}

static void close_sockets(unsigned peers) {
    for (unsigned i = 0; i < peers; i++) {
        close(ours[i]);
        close(theirs[i]);
    }
}

struct segment_control {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
    };
};

/// A message of `count` packets, segmented by the kernel where there is more than one.
static void compose(struct msghdr *message, struct iovec *vectors, struct segment_control *control,
                    struct sockaddr_in *to, uint8_t (*packets)[packet_room], unsigned count, unsigned bytes) {
    for (unsigned i = 0; i < count; i++) vectors[i] = (struct iovec){packets[i], bytes};
    *message = (struct msghdr){.msg_name = to, .msg_namelen = sizeof *to, .msg_iov = vectors, .msg_iovlen = count};
    if (count < 2) return;
    message->msg_control = control->bytes;
    message->msg_controllen = sizeof control->bytes;
    uint16_t segment = (uint16_t)bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    *header = (struct cmsghdr){CMSG_LEN(sizeof segment), IPPROTO_UDP, UDP_SEGMENT};
    memcpy(CMSG_DATA(header), &segment, sizeof segment);
}

// MARK: Sending

static struct mmsghdr messages[most_peers * 8];
static struct iovec vectors[most_peers * 8];
static struct segment_control controls[most_peers];
static struct io_uring uring;

/// One message a packet (`segmented` false) or one a peer.
static unsigned compose_all(const struct shape *shape, bool segmented) {
    unsigned count = 0, step = segmented ? shape->burst : 1;
    for (unsigned p = 0; p < shape->peers; p++)
        for (unsigned i = 0; i < shape->burst; i += step) {
            unsigned at = p * shape->burst + i;
            compose(&messages[count++].msg_hdr, &vectors[at], &controls[p], &their_address[p], &payload[at], step,
                    shape->bytes);
        }
    return count;
}

static void send_each(const struct shape *shape) {
    for (unsigned p = 0; p < shape->peers; p++)
        for (unsigned i = 0; i < shape->burst; i++)
            sendto(ours[p], payload[p * shape->burst + i], shape->bytes, 0, (struct sockaddr *)&their_address[p],
                   sizeof their_address[p]);
}

static void send_bursts(const struct shape *shape) {
    compose_all(shape, false);
    for (unsigned p = 0; p < shape->peers; p++) sendmmsg(ours[p], messages + p * shape->burst, shape->burst, 0);
}

static void send_segmented(const struct shape *shape) {
    unsigned count = compose_all(shape, true);
    for (unsigned p = 0; p < count; p++) sendmsg(ours[p], &messages[p].msg_hdr, 0);
}

static void send_all(unsigned count) {
    for (unsigned sent = 0; sent < count;) {
        int n = sendmmsg(ours[0], messages + sent, count - sent, 0);
        if (n <= 0) break;
        sent += (unsigned)n;
    }
}

static void send_from_one(const struct shape *shape) { send_all(compose_all(shape, false)); }
static void send_from_one_segmented(const struct shape *shape) { send_all(compose_all(shape, true)); }

static void submit(const struct shape *shape, bool segmented) {
    unsigned count = compose_all(shape, segmented);
    for (unsigned i = 0; i < count; i++) {
        struct io_uring_sqe *entry = io_uring_get_sqe(&uring);
        io_uring_prep_sendmsg(entry, ours[segmented ? i : i / shape->burst], &messages[i].msg_hdr, 0);
    }
    io_uring_submit_and_wait(&uring, count);
    io_uring_cq_advance(&uring, count);
}

static void send_uring(const struct shape *shape) { submit(shape, false); }
static void send_uring_segmented(const struct shape *shape) { submit(shape, true); }

/// Empties the peers' sockets.
static void *drain(void *argument) {
    const struct shape *shape = argument;
    pin(1);
    static uint8_t bytes[batch][packet_room];
    struct mmsghdr into[batch];
    struct iovec where[batch];
    for (unsigned i = 0; i < batch; i++) where[i] = (struct iovec){bytes[i], packet_room};
    while (atomic_load(&peer_runs)) {
        for (unsigned p = 0; p < shape->peers; p++) {
            for (unsigned i = 0; i < batch; i++)
                into[i].msg_hdr = (struct msghdr){.msg_iov = &where[i], .msg_iovlen = 1};
            recvmmsg(theirs[p], into, batch, MSG_DONTWAIT, NULL);
        }
        usleep(500);
    }
    return NULL;
}

static double measure_sending(const struct shape *shape, void (*way)(const struct shape *)) {
    open_sockets(shape->peers);
    pthread_t peer;
    atomic_store(&peer_runs, true);
    pthread_create(&peer, NULL, drain, (void *)shape);
    uint64_t cost = 0, due = now(CLOCK_MONOTONIC);
    for (unsigned round = 0; round < shape->rounds; round++) {
        sleep_until(due += shape->period);
        uint64_t before = spent();
        way(shape);
        cost += spent() - before;
    }
    atomic_store(&peer_runs, false);
    pthread_join(peer, NULL);
    close_sockets(shape->peers);
    return (double)cost / shape->rounds / shape->peers / shape->burst;
}

// MARK: Receiving

static unsigned received;

/// Sends what the measured thread receives, a peer's burst at a time, evenly over the period.
static void *feed(void *argument) {
    const struct shape *shape = argument;
    pin(1);
    uint64_t due = now(CLOCK_MONOTONIC) + 50000000, gap = shape->period / shape->peers;
    struct iovec where[8];
    struct segment_control control;
    for (unsigned round = 0; round < shape->rounds; round++)
        for (unsigned p = 0; p < shape->peers; p++) {
            sleep_until(due += gap);
            struct msghdr message;
            bool toOne = !atomic_load(&peer_runs);
            compose(&message, where, &control, &our_address[toOne ? 0 : p], &payload[p * shape->burst], shape->burst,
                    shape->bytes);
            sendmsg(theirs[p], &message, 0);
        }
    return NULL;
}

static uint8_t arriving[batch][run_room];
static struct mmsghdr in_messages[batch];
static struct iovec in_vectors[batch];
static char in_controls[batch][CMSG_SPACE(sizeof(int))];
static struct sockaddr_in sources[batch];

static void prepare(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        in_vectors[i] = (struct iovec){arriving[i], run_room};
        in_messages[i].msg_hdr = (struct msghdr){
            .msg_name = &sources[i], .msg_namelen = sizeof sources[i], .msg_iov = &in_vectors[i], .msg_iovlen = 1,
            .msg_control = in_controls[i], .msg_controllen = sizeof in_controls[i]};
    }
}

static void count_packets(const struct shape *shape, int messages) {
    for (int i = 0; i < messages; i++) received += (in_messages[i].msg_len + shape->bytes - 1) / shape->bytes;
}

static bool take_one(const struct shape *shape, int fd) {
    prepare(1);
    ssize_t n = recvmsg(fd, &in_messages[0].msg_hdr, MSG_DONTWAIT);
    if (n <= 0) return false;
    in_messages[0].msg_len = (unsigned)n;
    count_packets(shape, 1);
    return true;
}

static bool take_many(const struct shape *shape, int fd) {
    enum { at_once = 16 };
    prepare(at_once);
    int n = recvmmsg(fd, in_messages, at_once, MSG_DONTWAIT, NULL);
    if (n > 0) count_packets(shape, n);
    return n == at_once;
}

struct way {
    const char *name;
    bool (*take)(const struct shape *, int);
    bool joined, busy_poll, ticks, one_socket, asks_poller;
};

static double measure_receiving(const struct shape *shape, const struct way *way) {
    open_sockets(shape->peers);
    unsigned sockets = way->one_socket ? 1 : shape->peers;
    int poller = epoll_create1(0), one = 1, microseconds = 50;
    for (unsigned p = 0; p < sockets; p++) {
        if (way->joined) setsockopt(ours[p], IPPROTO_UDP, UDP_GRO, &one, sizeof one);
        if (way->busy_poll) setsockopt(ours[p], SOL_SOCKET, SO_BUSY_POLL, &microseconds, sizeof microseconds);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = ours[p]};
        if (!way->ticks || way->asks_poller) epoll_ctl(poller, EPOLL_CTL_ADD, ours[p], &event);
    }
    atomic_store(&peer_runs, !way->one_socket);
    pthread_t peer;
    received = 0;
    pthread_create(&peer, NULL, feed, (void *)shape);
    unsigned total = shape->rounds * shape->peers * shape->burst;
    uint64_t start = now(CLOCK_MONOTONIC), due = start, before = spent();
    uint64_t end = start + shape->period * shape->rounds + 300000000;
    struct epoll_event events[256];
    while (received < total && now(CLOCK_MONOTONIC) < end) {
        if (way->ticks) sleep_until(due += shape->period);
        if (way->ticks && !way->asks_poller) {
            for (unsigned p = 0; p < sockets; p++)
                while (way->take(shape, ours[p])) {}
            continue;
        }
        int ready = epoll_wait(poller, events, 256, way->ticks ? 0 : 100);
        for (int i = 0; i < ready; i++)
            while (way->take(shape, events[i].data.fd)) {}
    }
    double cost = (double)(spent() - before) / (received ? received : 1);
    if (received < total * 95ull / 100) fprintf(stderr, "path-bench: %s: %u of %u packets came\n", way->name, received, total);
    pthread_join(peer, NULL);
    close(poller);
    close_sockets(shape->peers);
    return cost;
}

/// Multishot receives into a ring of buffers, waited for or looked at once in a period.
static double measure_uring_receiving(const struct shape *shape, bool ticks) {
    enum { buffers = 512, buffer_bytes = 16384 };
    open_sockets(shape->peers);
    struct io_uring ring;
    if (io_uring_queue_init(1024, &ring, 0)) fail("io_uring");
    int one = 1;
    struct io_uring_buf_ring *pool = NULL;
    uint8_t *bytes = malloc((size_t)buffers * buffer_bytes);
    if (posix_memalign((void **)&pool, 4096, buffers * sizeof(struct io_uring_buf)) || !bytes) fail("memory");
    io_uring_buf_ring_init(pool);
    struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)pool, .ring_entries = buffers, .bgid = 0};
    if (io_uring_register_buf_ring(&ring, &registration, 0)) fail("a ring of buffers");
    for (int i = 0; i < buffers; i++)
        io_uring_buf_ring_add(pool, bytes + (size_t)i * buffer_bytes, buffer_bytes, (unsigned short)i,
                              io_uring_buf_ring_mask(buffers), i);
    io_uring_buf_ring_advance(pool, buffers);
    static struct msghdr header;
    header = (struct msghdr){.msg_namelen = sizeof(struct sockaddr_in), .msg_controllen = CMSG_SPACE(sizeof(int))};
    for (unsigned p = 0; p < shape->peers; p++) {
        setsockopt(ours[p], IPPROTO_UDP, UDP_GRO, &one, sizeof one);
        struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
        io_uring_prep_recvmsg_multishot(entry, ours[p], &header, 0);
        entry->flags |= IOSQE_BUFFER_SELECT;
        entry->buf_group = 0;
        io_uring_sqe_set_data64(entry, p);
    }
    io_uring_submit(&ring);
    atomic_store(&peer_runs, true);
    pthread_t peer;
    received = 0;
    pthread_create(&peer, NULL, feed, (void *)shape);
    unsigned total = shape->rounds * shape->peers * shape->burst;
    uint64_t start = now(CLOCK_MONOTONIC), due = start, before = spent();
    uint64_t end = start + shape->period * shape->rounds + 300000000;
    while (received < total && now(CLOCK_MONOTONIC) < end) {
        struct io_uring_cqe *entry;
        if (ticks) {
            sleep_until(due += shape->period);
            io_uring_get_events(&ring);
        } else {
            struct __kernel_timespec patience = {.tv_nsec = 100000000};
            if (io_uring_wait_cqe_timeout(&ring, &entry, &patience)) continue;
        }
        unsigned head, seen = 0;
        io_uring_for_each_cqe(&ring, head, entry) {
            seen++;
            if (entry->res > 0 && entry->flags & IORING_CQE_F_BUFFER) {
                unsigned short id = (unsigned short)(entry->flags >> IORING_CQE_BUFFER_SHIFT);
                uint8_t *buffer = bytes + (size_t)id * buffer_bytes;
                struct io_uring_recvmsg_out *out = io_uring_recvmsg_validate(buffer, entry->res, &header);
                if (out) received += (out->payloadlen + shape->bytes - 1) / shape->bytes;
                io_uring_buf_ring_add(pool, buffer, buffer_bytes, id, io_uring_buf_ring_mask(buffers), 0);
                io_uring_buf_ring_advance(pool, 1);
            }
            if (!(entry->flags & IORING_CQE_F_MORE)) {
                unsigned p = (unsigned)entry->user_data;
                struct io_uring_sqe *again = io_uring_get_sqe(&ring);
                io_uring_prep_recvmsg_multishot(again, ours[p], &header, 0);
                again->flags |= IOSQE_BUFFER_SELECT;
                io_uring_sqe_set_data64(again, p);
            }
        }
        io_uring_cq_advance(&ring, seen);
        if (io_uring_sq_ready(&ring)) io_uring_submit(&ring);
    }
    double cost = (double)(spent() - before) / (received ? received : 1);
    if (received < total * 95ull / 100) fprintf(stderr, "path-bench: io_uring: %u of %u packets came\n", received, total);
    pthread_join(peer, NULL);
    io_uring_queue_exit(&ring);
    free(pool);
    free(bytes);
    close_sockets(shape->peers);
    return cost;
}

// MARK: The tables

static double first;

static void begin(const char *name) {
    printf("\n%-48s ns/packet  × the first\n", name);
    first = 0;
}

static int by_value(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

enum { repetitions = 5 };

static void print(const char *name, double *costs) {
    qsort(costs, repetitions, sizeof *costs, by_value);
    double median = costs[repetitions / 2];
    if (first == 0) first = median;
    printf("  %-46s %9.0f  %11.2f\n", name, median, median / first);
    fflush(stdout);
}

int main(void) {
    struct rlimit limit = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &limit);
    pin(0);
    for (unsigned i = 0; i < sizeof payload / sizeof payload[0]; i++) memset(payload[i], (int)i, packet_room);
    if (io_uring_queue_init(ring_entries, &uring, 0)) fail("io_uring");
    double costs[repetitions];

    struct {
        const char *name;
        void (*way)(const struct shape *);
    } outs[] = {
        {"sendto, a socket each", send_each},
        {"sendmmsg, a socket each", send_bursts},
        {"sendmsg with UDP_SEGMENT, a socket each", send_segmented},
        {"sendmmsg, one socket", send_from_one},
        {"sendmmsg with UDP_SEGMENT, one socket", send_from_one_segmented},
        {"io_uring, a socket each", send_uring},
        {"io_uring with UDP_SEGMENT, a socket each", send_uring_segmented},
    };
    for (unsigned s = 0; s < sizeof sending / sizeof sending[0]; s++) {
        begin(sending[s].name);
        for (unsigned w = 0; w < sizeof outs / sizeof outs[0]; w++) {
            for (unsigned r = 0; r < repetitions; r++) costs[r] = measure_sending(&sending[s], outs[w].way);
            print(outs[w].name, costs);
        }
    }

    struct way video_ways[] = {
        {"epoll, recvmsg", take_one},
        {"epoll, recvmmsg", take_many},
        {"epoll, recvmsg, UDP_GRO", take_one, .joined = true},
        {"epoll, recvmmsg, UDP_GRO", take_many, .joined = true},
        {"epoll, recvmmsg, UDP_GRO, SO_BUSY_POLL", take_many, .joined = true, .busy_poll = true},
        {"epoll, recvmmsg, UDP_GRO, one socket", take_many, .joined = true, .one_socket = true},
    };
    begin(video.name);
    for (unsigned w = 0; w < sizeof video_ways / sizeof video_ways[0]; w++) {
        for (unsigned r = 0; r < repetitions; r++) costs[r] = measure_receiving(&video, &video_ways[w]);
        print(video_ways[w].name, costs);
    }
    for (unsigned r = 0; r < repetitions; r++) costs[r] = measure_uring_receiving(&video, false);
    print("io_uring, multishot, UDP_GRO", costs);

    struct way sound_ways[] = {
        {"epoll, recvmsg, as it comes", take_one},
        {"epoll, recvmmsg, UDP_GRO, as it comes", take_many, .joined = true},
        {"recvmmsg, once in 20 ms", take_many, .joined = true, .ticks = true},
        {"epoll, recvmmsg, once in 20 ms", take_many, .joined = true, .ticks = true, .asks_poller = true},
        {"recvmmsg, once in 20 ms, one socket", take_many, .joined = true, .ticks = true, .one_socket = true},
    };
    begin(sound.name);
    for (unsigned w = 0; w < sizeof sound_ways / sizeof sound_ways[0]; w++) {
        for (unsigned r = 0; r < repetitions; r++) costs[r] = measure_receiving(&sound, &sound_ways[w]);
        print(sound_ways[w].name, costs);
    }
    for (unsigned r = 0; r < repetitions; r++) costs[r] = measure_uring_receiving(&sound, false);
    print("io_uring, multishot, as it comes", costs);
    for (unsigned r = 0; r < repetitions; r++) costs[r] = measure_uring_receiving(&sound, true);
    print("io_uring, multishot, once in 20 ms", costs);
    return 0;
}
