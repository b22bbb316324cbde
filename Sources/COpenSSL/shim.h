#pragma once
// SHA-1 is called through its own functions: they are what a precomputed HMAC state can be copied from without
// allocating, and OpenSSL 3 marks them deprecated in favour of EVP_MAC, which costs several times the hash itself.
#ifndef OPENSSL_SUPPRESS_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED
#endif
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

/// HMAC-SHA1 (RFC 2104) with both key blocks already hashed.
typedef struct {
    SHA_CTX inner, outer;
} causeway_hmac_sha1;

/// Takes a key of at most 64 bytes.
static inline void causeway_hmac_sha1_init(causeway_hmac_sha1 *hmac, const uint8_t *key, size_t length) {
    uint8_t block[SHA_CBLOCK];
    for (size_t i = 0; i < sizeof block; i++) block[i] = (i < length ? key[i] : 0) ^ 0x36;
    SHA1_Init(&hmac->inner);
    SHA1_Update(&hmac->inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++) block[i] ^= 0x36 ^ 0x5c;
    SHA1_Init(&hmac->outer);
    SHA1_Update(&hmac->outer, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
}

/// The whole tag over `message` followed by `suffix`.
static inline void causeway_hmac_sha1_tag(const causeway_hmac_sha1 *hmac, const uint8_t *message, size_t length,
                                          const uint8_t *suffix, size_t suffix_length, uint8_t tag[20]) {
    SHA_CTX state = hmac->inner;
    SHA1_Update(&state, message, length);
    SHA1_Update(&state, suffix, suffix_length);
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA1_Final(digest, &state);
    state = hmac->outer;
    SHA1_Update(&state, digest, sizeof digest);
    SHA1_Final(tag, &state);
}
