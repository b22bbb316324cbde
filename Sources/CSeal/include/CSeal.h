#pragma once
#include <stddef.h>
#include <stdint.h>

// Signatures and time stamps by OpenSSL, whose lists of certificates are macros that Swift cannot see.
//
// Every function returns 0, or -1 with one line of why in `reason`. What comes back in `out` is the caller's, to be given to `cs_free`.

enum { CS_REASON_SIZE = 256 };

void cs_free(void *out);

/// Signs `data`, detached, in DER (RFC 5652), by the first certificate of `certificates` (PEM) and its key; the others go into the signature.
int cs_cms_sign(const uint8_t *data, size_t length, const char *certificates, size_t certificates_length, const char *key,
                size_t key_length, uint8_t **out, size_t *out_length, char reason[CS_REASON_SIZE]);

/// Checks a detached signature. `trusted` is PEM: public keys of signers, their certificates, or authorities. Certificates have to be good at
/// `at`, in seconds since 1970.
int cs_cms_verify(const uint8_t *data, size_t length, const uint8_t *signature, size_t signature_length, const char *trusted,
                  size_t trusted_length, int64_t at, char reason[CS_REASON_SIZE]);

/// The subject of the first certificate in PEM, as RFC 4514 writes it, in UTF-8.
int cs_certificate_subject(const char *pem, size_t length, uint8_t **out, size_t *out_length, char reason[CS_REASON_SIZE]);

/// A request for a time stamp over `data` (RFC 3161 §2.4.1), by its SHA-256, that asks for the authority's certificate.
int cs_stamp_request(const uint8_t *data, size_t length, uint64_t nonce, uint8_t **out, size_t *out_length, char reason[CS_REASON_SIZE]);

/// Checks an authority's response (RFC 3161 §2.4.2) for `data`, and gives its time in seconds since 1970. Whose it is is checked where
/// `authorities` (PEM) is not empty; its nonce where `nonce` is not 0.
int cs_stamp_verify(const uint8_t *data, size_t length, const uint8_t *response, size_t response_length, uint64_t nonce,
                    const char *authorities, size_t authorities_length, int64_t *time, char reason[CS_REASON_SIZE]);
