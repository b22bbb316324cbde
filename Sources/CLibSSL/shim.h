#pragma once
// What libssl offers only as macros and variadic functions.
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <sys/time.h>

static inline EVP_PKEY *causeway_ec_p256_key(void) { return EVP_EC_gen("P-256"); }

/// DTLS 1.2 and nothing else.
static inline int causeway_dtls_only_1_2(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) &&
           SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
}
/// No renegotiation, no resumption, no compression, no certificate chains above `longest_chain` octets; buffers are given
/// back while nothing is read, and the BIO is not asked for the MTU.
static inline void causeway_dtls_restrict(SSL_CTX *context, long longest_chain) {
    SSL_CTX_set_options(context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_cert_list(context, longest_chain);
}
/// A server sends a HelloVerifyRequest before anything else.
static inline void causeway_dtls_ask_for_cookie(SSL *ssl) { SSL_set_options(ssl, SSL_OP_COOKIE_EXCHANGE); }
static inline void causeway_dtls_set_mtu(SSL *ssl, long octets) { SSL_set_mtu(ssl, octets); }

/// Microseconds until the flight is to be sent again; -1 where none is waited for.
static inline int64_t causeway_dtls_timeout(SSL *ssl) {
    struct timeval left;
    return DTLSv1_get_timeout(ssl, &left) ? (int64_t)left.tv_sec * 1000000 + left.tv_usec : -1;
}
static inline long causeway_dtls_handle_timeout(SSL *ssl) { return DTLSv1_handle_timeout(ssl); }

static inline void causeway_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void causeway_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline int causeway_error_reason(unsigned long error) { return ERR_GET_REASON(error); }
