// The floor of bench-relay: what receiving, decrypting, encrypting and sending cost with no protocol around them.
#ifndef FLOOR_H
#define FLOOR_H

#include <intel-ipsec-mb.h>
#include <netinet/in.h>
#include <stdint.h>

enum { packet_room = 2048, most_sinks = 256, most_rooms = 256 };

enum suite { in_the_clear, aes_cm_sha1_80, aead_gcm };

/// The session keys of one direction (RFC 3711 §4.3).
struct keys {
    struct gcm_key_data gcm;
    uint8_t rounds[16 * 15] __attribute__((aligned(16)));
    uint8_t inner[20], outer[20], salt[16];
};

struct sink {
    int fd;
    struct sockaddr_in peer;
    struct keys keys;
};

struct room {
    int fd;
    unsigned sink_count;
    struct keys keys;
    // The highest sequence number and the rollover counter, which the index of a packet is made of.
    uint16_t newest;
    uint32_t rollover;
    struct sink *sinks[most_sinks];
};

/// A packet on its way through the ciphers: from `from` to `to`, which are the same for counter mode.
struct item {
    const struct keys *keys;
    uint8_t *from, *to;
    uint32_t length, rollover;
};

extern IMB_MGR *manager;
extern enum suite suite;

void derive(struct keys *keys, const uint8_t *master);
/// Encrypts and appends tags. At most `burst` items.
void protect(struct item *items, unsigned count);
/// Decrypts those that authenticate, the others get length 0.
void unprotect(struct item *items, unsigned count);
enum { burst = 128 };
#endif
