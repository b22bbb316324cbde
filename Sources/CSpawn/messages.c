#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int address_of(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address->sun_path) return ENAMETOOLONG;
    memcpy(address->sun_path, path, length);
    return 0;
}

static int socket_of(int *made) {
    *made = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return *made < 0 ? errno : 0;
}

int cs_connect(const char *path, int *made) {
    struct sockaddr_un address;
    int failure = address_of(path, &address);
    if (failure || (failure = socket_of(made))) return failure;
    int done;
    // A full backlog is no reason to sleep: EAGAIN says that nobody takes connections.
    if (fcntl(*made, F_SETFL, O_NONBLOCK) < 0) done = -1;
    else do done = connect(*made, (struct sockaddr *)&address, sizeof address);
    while (done < 0 && errno == EINTR);
    if (done == 0) return 0;
    failure = errno;
    close(*made);
    return failure;
}

int cs_listen(const char *path, int *made) {
    struct sockaddr_un address;
    int failure = address_of(path, &address);
    if (failure || (failure = socket_of(made))) return failure;
    mode_t before = umask(0177);
    int done = bind(*made, (struct sockaddr *)&address, sizeof address);
    failure = done < 0 ? errno : 0;
    umask(before);
    if (!failure && listen(*made, 128) < 0) failure = errno;
    if (failure) close(*made);
    return failure;
}

int cs_accept(int listener, int *made, uid_t *peer) {
    *made = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (*made < 0) return errno;
    struct ucred who;
    socklen_t size = sizeof who;
    if (getsockopt(*made, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0) {
        int failure = errno;
        close(*made);
        return failure;
    }
    *peer = who.uid;
    return 0;
}

int cs_send(int to, const void *message, size_t length, const int *descriptors, int count) {
    if (count < 0 || count > CS_MOST_DESCRIPTORS) return EINVAL;
    struct iovec part = {(void *)(uintptr_t)message, length};
    union {
        char octets[CMSG_SPACE(CS_MOST_DESCRIPTORS * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        memset(&control, 0, sizeof control);
        header.msg_control = control.octets;
        header.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *first = CMSG_FIRSTHDR(&header);
        first->cmsg_level = SOL_SOCKET;
        first->cmsg_type = SCM_RIGHTS;
        first->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(first), descriptors, (size_t)count * sizeof(int));
    }
    ssize_t sent;
    do sent = sendmsg(to, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

int cs_receive(int from, void *room, size_t most, size_t *length, int *descriptors, int *count) {
    struct iovec part = {room, most};
    // More than are taken, so that too many are told from few that were cut.
    union {
        char octets[CMSG_SPACE(2 * CS_MOST_DESCRIPTORS * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.octets, .msg_controllen = sizeof control.octets};
    *count = 0;
    *length = 0;
    ssize_t got;
    do got = recvmsg(from, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) return errno;
    int failure = header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? EMSGSIZE : 0;
    for (struct cmsghdr *each = CMSG_FIRSTHDR(&header); each; each = CMSG_NXTHDR(&header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
        size_t many = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t at = 0; at < many; at++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(each) + at * sizeof(int), sizeof descriptor);
            if (*count < CS_MOST_DESCRIPTORS) descriptors[(*count)++] = descriptor;
            else {
                close(descriptor);
                failure = EMSGSIZE;
            }
        }
    }
    if (failure) {
        for (int at = 0; at < *count; at++) close(descriptors[at]);
        *count = 0;
        return failure;
    }
    *length = (size_t)got;
    return 0;
}

int cs_hear_termination(int *made) {
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGTERM);
    sigaddset(&both, SIGINT);
    if (sigprocmask(SIG_BLOCK, &both, NULL) < 0) return errno;
    *made = signalfd(-1, &both, SFD_CLOEXEC | SFD_NONBLOCK);
    return *made < 0 ? errno : 0;
}
