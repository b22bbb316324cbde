#include "floor.h"

#include <string.h>

IMB_MGR *manager;
enum suite suite;

static IMB_JOB jobs[burst];
static uint8_t vectors[burst][16], tags[burst][20];

static void prepare(IMB_JOB *job) {
    *job = (IMB_JOB){.cipher_mode = IMB_CIPHER_CNTR, .cipher_direction = IMB_DIR_ENCRYPT,
                     .hash_alg = IMB_AUTH_HMAC_SHA_1, .chain_order = IMB_ORDER_CIPHER_HASH,
                     .key_len_in_bytes = 16, .iv_len_in_bytes = 16, .auth_tag_output_len_in_bytes = 20};
}

/// RFC 3711 §4.3.3: counter mode over zeros.
static void pseudo_random(const uint8_t *rounds, const uint8_t *salt, uint8_t label, uint8_t *out, unsigned count) {
    uint8_t vector[16] = {0};
    memcpy(vector, salt, 14);
    vector[7] ^= label;
    memset(out, 0, count);
    prepare(jobs);
    jobs->enc_keys = jobs->dec_keys = rounds;
    jobs->src = jobs->dst = out;
    jobs->iv = vector;
    jobs->msg_len_to_cipher_in_bytes = count;
    IMB_SUBMIT_CIPHER_BURST(manager, jobs, 1, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
}

void derive(struct keys *keys, const uint8_t *master) {
    uint8_t rounds[240] __attribute__((aligned(16))), unused[240] __attribute__((aligned(16)));
    uint8_t salt[14] = {0}, key[16], authentication[20], block[64];
    memcpy(salt, master + 16, suite == aead_gcm ? 12 : 14);
    IMB_AES_KEYEXP_128(manager, master, rounds, unused);
    pseudo_random(rounds, salt, 0, key, 16);
    pseudo_random(rounds, salt, 1, authentication, 20);
    memset(keys->salt, 0, sizeof keys->salt);
    pseudo_random(rounds, salt, 2, keys->salt, suite == aead_gcm ? 12 : 14);
    IMB_AES128_GCM_PRE(manager, key, &keys->gcm);
    IMB_AES_KEYEXP_128(manager, key, keys->rounds, unused);
    for (int outer = 0; outer < 2; outer++) {
        memset(block, outer ? 0x5c : 0x36, sizeof block);
        for (int i = 0; i < 20; i++) block[i] ^= authentication[i];
        IMB_SHA1_ONE_BLOCK(manager, block, outer ? keys->outer : keys->inner);
    }
}

static void put32(uint8_t *at, uint32_t value) {
    value = htonl(value);
    memcpy(at, &value, 4);
}

/// RFC 7714 §8.1.
static void gcm_vector(const struct item *item, uint8_t *vector) {
    memcpy(vector, item->keys->salt, 12);
    for (int i = 0; i < 4; i++) vector[2 + i] ^= item->from[8 + i];
    for (int i = 0; i < 4; i++) vector[6 + i] ^= (uint8_t)(item->rollover >> (24 - 8 * i));
    vector[10] ^= item->from[2];
    vector[11] ^= item->from[3];
}

/// RFC 3711 §4.1.1, in place over the payloads.
static void counter_mode(struct item *items, unsigned count) {
    unsigned used = 0;
    for (unsigned i = 0; i < count; i++) {
        if (!items[i].length) continue;
        uint8_t *vector = vectors[used];
        memcpy(vector, items[i].keys->salt, 16);
        for (int b = 0; b < 4; b++) vector[4 + b] ^= items[i].to[8 + b];
        for (int b = 0; b < 4; b++) vector[8 + b] ^= (uint8_t)(items[i].rollover >> (24 - 8 * b));
        vector[12] ^= items[i].to[2];
        vector[13] ^= items[i].to[3];
        IMB_JOB *job = &jobs[used++];
        prepare(job);
        job->enc_keys = job->dec_keys = items[i].keys->rounds;
        job->src = job->dst = items[i].to + 12;
        job->iv = vector;
        job->msg_len_to_cipher_in_bytes = items[i].length - 12;
    }
    if (used) IMB_SUBMIT_CIPHER_BURST_NOCHECK(manager, jobs, used, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
}

/// The tags of packets of `length` bytes, each with its rollover counter behind it (RFC 3711 §4.2).
static void authenticate(struct item *items, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        put32(items[i].to + items[i].length, items[i].rollover);
        prepare(&jobs[i]);
        jobs[i].u.HMAC._hashed_auth_key_xor_ipad = items[i].keys->inner;
        jobs[i].u.HMAC._hashed_auth_key_xor_opad = items[i].keys->outer;
        jobs[i].src = items[i].to;
        jobs[i].msg_len_to_hash_in_bytes = items[i].length + 4;
        jobs[i].auth_tag_output = tags[i];
    }
    IMB_SUBMIT_HASH_BURST_NOCHECK(manager, jobs, count, IMB_AUTH_HMAC_SHA_1);
}

void protect(struct item *items, unsigned count) {
    if (suite == in_the_clear) return;
    if (suite == aes_cm_sha1_80) {
        counter_mode(items, count);
        authenticate(items, count);
    }
    for (unsigned i = 0; i < count; i++) {
        struct item *item = &items[i];
        if (suite == aes_cm_sha1_80) {
            memcpy(item->to + item->length, tags[i], 10);
            item->length += 10;
            continue;
        }
        uint8_t vector[12];
        struct gcm_context_data context;
        gcm_vector(item, vector);
        memcpy(item->to, item->from, 12);
        IMB_AES128_GCM_ENC(manager, &item->keys->gcm, &context, item->to + 12, item->from + 12, item->length - 12,
                           vector, item->to, 12, item->to + item->length, 16);
        item->length += 16;
    }
}

void unprotect(struct item *items, unsigned count) {
    static uint8_t received[burst][10];
    const unsigned tag = suite == in_the_clear ? 0 : suite == aead_gcm ? 16 : 10;
    for (unsigned i = 0; i < count; i++) {
        items[i].length = items[i].length > 12 + tag ? items[i].length - tag : 12;
        if (suite == aes_cm_sha1_80) memcpy(received[i], items[i].to + items[i].length, 10);
    }
    if (suite == aes_cm_sha1_80) authenticate(items, count);
    for (unsigned i = 0; i < count; i++) {
        struct item *item = &items[i];
        if (suite == aes_cm_sha1_80 && memcmp(received[i], tags[i], 10)) item->length = 0;
        if (suite != aead_gcm) continue;
        uint8_t vector[12], computed[16];
        struct gcm_context_data context;
        gcm_vector(item, vector);
        IMB_AES128_GCM_DEC(manager, &item->keys->gcm, &context, item->to + 12, item->from + 12, item->length - 12,
                           vector, item->from, 12, computed, 16);
        if (memcmp(computed, item->from + item->length, 16)) item->length = 0;
    }
    if (suite == aes_cm_sha1_80) counter_mode(items, count);
}
