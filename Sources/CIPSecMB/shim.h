#pragma once
#include <intel-ipsec-mb.h>
#include <stddef.h>
#include <stdint.h>

// The library's calls are macros over function pointers in its manager, and its jobs are unions: neither is for Swift.

static inline uint64_t causeway_imb_features(const IMB_MGR *manager) { return manager->features; }

static inline int causeway_imb_has_aes(const IMB_MGR *manager) {
    const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SSE4_2;
    return (manager->features & needed) == needed;
}

/// Fills `keys`, aligned to 64 bytes, for GCM. `wide` is for 32-byte keys.
static inline void causeway_imb_gcm_keys(IMB_MGR *manager, int wide, const uint8_t *key, struct gcm_key_data *keys) {
    if (wide)
        IMB_AES256_GCM_PRE(manager, key, keys);
    else
        IMB_AES128_GCM_PRE(manager, key, keys);
}

static inline void causeway_imb_gcm_seal(IMB_MGR *manager, int wide, const struct gcm_key_data *keys,
                                         struct gcm_context_data *context, const uint8_t *nonce, const uint8_t *header,
                                         uint64_t header_length, uint8_t *data, uint64_t length, uint8_t *tag) {
    if (wide)
        IMB_AES256_GCM_ENC(manager, keys, context, data, data, length, nonce, header, header_length, tag, 16);
    else
        IMB_AES128_GCM_ENC(manager, keys, context, data, data, length, nonce, header, header_length, tag, 16);
}

/// Decrypts and writes the tag that the data should have carried; the caller compares.
static inline void causeway_imb_gcm_open(IMB_MGR *manager, int wide, const struct gcm_key_data *keys,
                                         struct gcm_context_data *context, const uint8_t *nonce, const uint8_t *header,
                                         uint64_t header_length, uint8_t *data, uint64_t length, uint8_t *tag) {
    if (wide)
        IMB_AES256_GCM_DEC(manager, keys, context, data, data, length, nonce, header, header_length, tag, 16);
    else
        IMB_AES128_GCM_DEC(manager, keys, context, data, data, length, nonce, header, header_length, tag, 16);
}

/// Has a line of the cache fetched without waiting for it.
static inline void causeway_prefetch(const void *at) { __builtin_prefetch(at, 0, 3); }

/// Fills `keys`, 240 bytes aligned to 16, with the round keys of AES encryption; `scratch` is of the same size.
static inline void causeway_imb_round_keys(IMB_MGR *manager, int wide, const uint8_t *key, void *keys, void *scratch) {
    if (wide)
        IMB_AES_KEYEXP_256(manager, key, keys, scratch);
    else
        IMB_AES_KEYEXP_128(manager, key, keys, scratch);
}

/// The state of SHA-1 after one 64-byte block, 20 bytes.
static inline void causeway_imb_sha1_block(IMB_MGR *manager, const uint8_t *block, void *state) {
    IMB_SHA1_ONE_BLOCK(manager, block, state);
}

/// What is the same in every job of counter mode and of HMAC-SHA1.
static inline void causeway_imb_prepare_job(IMB_JOB *job, int wide) {
    *job = (IMB_JOB){0};
    job->cipher_mode = IMB_CIPHER_CNTR;
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->hash_alg = IMB_AUTH_HMAC_SHA_1;
    job->chain_order = IMB_ORDER_CIPHER_HASH;
    job->key_len_in_bytes = wide ? 32 : 16;
    job->iv_len_in_bytes = 16;
    job->auth_tag_output_len_in_bytes = 20;
}

static inline void causeway_imb_set_cipher(IMB_JOB *job, const void *round_keys, const uint8_t *vector, uint8_t *data,
                                           uint64_t length) {
    job->enc_keys = round_keys;
    job->dec_keys = round_keys;
    job->src = data;
    job->dst = data;
    job->iv = vector;
    job->msg_len_to_cipher_in_bytes = length;
}

static inline void causeway_imb_set_hash(IMB_JOB *job, const uint8_t *inner, const uint8_t *outer,
                                         const uint8_t *message, uint64_t length, uint8_t *tag) {
    job->u.HMAC._hashed_auth_key_xor_ipad = inner;
    job->u.HMAC._hashed_auth_key_xor_opad = outer;
    job->src = message;
    job->msg_len_to_hash_in_bytes = length;
    job->auth_tag_output = tag;
}

static inline uint32_t causeway_imb_cipher_burst(IMB_MGR *manager, IMB_JOB *jobs, uint32_t count, int wide) {
    return IMB_SUBMIT_CIPHER_BURST_NOCHECK(manager, jobs, count, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                           wide ? IMB_KEY_256_BYTES : IMB_KEY_128_BYTES);
}

static inline uint32_t causeway_imb_hash_burst(IMB_MGR *manager, IMB_JOB *jobs, uint32_t count) {
    return IMB_SUBMIT_HASH_BURST_NOCHECK(manager, jobs, count, IMB_AUTH_HMAC_SHA_1);
}
