#define _GNU_SOURCE
#include "CSeal.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void cs_free(void *out) { OPENSSL_free(out); }

static int refuse(char *reason, const char *what) {
    unsigned long code = ERR_peek_last_error();
    const char *why = code ? ERR_reason_error_string(code) : NULL;
    snprintf(reason, CS_REASON_SIZE, why ? "%s: %s" : "%s", what, why);
    ERR_clear_error();
    return -1;
}

static BIO *reading(const void *bytes, size_t length) { return length > INT32_MAX ? NULL : BIO_new_mem_buf(bytes, (int)length); }

// The certificates of a PEM text; NULL where memory ends.
static STACK_OF(X509) *certificates_in(const char *text, size_t length) {
    STACK_OF(X509) *found = sk_X509_new_null();
    BIO *bio = reading(text, length);
    X509 *certificate;
    while (found && bio && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
        if (!sk_X509_push(found, certificate)) X509_free(certificate);
    ERR_clear_error();
    BIO_free(bio);
    return found;
}

int cs_cms_sign(const uint8_t *data, size_t length, const char *certificates, size_t certificates_length, const char *key,
                size_t key_length, uint8_t **out, size_t *out_length, char reason[CS_REASON_SIZE]) {
    int result = -1;
    STACK_OF(X509) *chain = certificates_in(certificates, certificates_length);
    X509 *signer = chain ? sk_X509_shift(chain) : NULL;
    BIO *key_text = reading(key, key_length), *content = reading(data, length);
    EVP_PKEY *private_key = key_text ? PEM_read_bio_PrivateKey(key_text, NULL, NULL, (void *)"") : NULL;
    CMS_ContentInfo *cms = NULL;
    uint8_t *bytes = NULL;
    if (!signer) {
        refuse(reason, "no certificate");
    } else if (!private_key) {
        refuse(reason, "no private key without a passphrase");
    } else if (X509_check_private_key(signer, private_key) != 1) {
        refuse(reason, "the key is not the first certificate's");
    } else {
        cms = content ? CMS_sign(signer, private_key, chain, content, CMS_BINARY | CMS_DETACHED) : NULL;
        int size = cms ? i2d_CMS_ContentInfo(cms, &bytes) : -1;
        if (size <= 0) {
            refuse(reason, "cannot sign");
        } else {
            *out = bytes;
            *out_length = (size_t)size;
            result = 0;
        }
    }
    CMS_ContentInfo_free(cms);
    EVP_PKEY_free(private_key);
    BIO_free(key_text);
    BIO_free(content);
    X509_free(signer);
    sk_X509_pop_free(chain, X509_free);
    return result;
}

// Whether every signer's key is one of the public keys of a PEM text.
static int are_pinned(CMS_ContentInfo *cms, const char *text, size_t length) {
    STACK_OF(X509) *signers = CMS_get0_signers(cms);
    int pinned = signers && sk_X509_num(signers) > 0;
    for (int i = 0; pinned && i < sk_X509_num(signers); i++) {
        int found = 0;
        EVP_PKEY *wanted = X509_get0_pubkey(sk_X509_value(signers, i)), *candidate;
        BIO *bio = reading(text, length);
        while (bio && !found && (candidate = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL))) {
            found = wanted && EVP_PKEY_eq(wanted, candidate) == 1;
            EVP_PKEY_free(candidate);
        }
        BIO_free(bio);
        pinned = found;
    }
    sk_X509_free(signers);
    ERR_clear_error();
    return pinned;
}

// Whom a PEM text trusts: authorities, and certificates for themselves.
static X509_STORE *store_of(const char *text, size_t length, int64_t at, int purpose) {
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *certificates = certificates_in(text, length);
    for (int i = 0; store && certificates && i < sk_X509_num(certificates); i++)
        X509_STORE_add_cert(store, sk_X509_value(certificates, i));
    sk_X509_pop_free(certificates, X509_free);
    X509_VERIFY_PARAM *parameters = X509_VERIFY_PARAM_new();
    if (store && parameters) {
        X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_purpose(parameters, purpose);
        if (at) X509_VERIFY_PARAM_set_time(parameters, (time_t)at);
        X509_STORE_set1_param(store, parameters);
    }
    X509_VERIFY_PARAM_free(parameters);
    ERR_clear_error();
    return store;
}

int cs_cms_verify(const uint8_t *data, size_t length, const uint8_t *signature, size_t signature_length, const char *trusted,
                  size_t trusted_length, int64_t at, char reason[CS_REASON_SIZE]) {
    const uint8_t *rest = signature;
    CMS_ContentInfo *cms = signature_length > INT32_MAX ? NULL : d2i_CMS_ContentInfo(NULL, &rest, (long)signature_length);
    if (!cms || rest != signature + signature_length || !CMS_is_detached(cms)) {
        CMS_ContentInfo_free(cms);
        return refuse(reason, "not a detached signature");
    }
    BIO *content = reading(data, length);
    X509_STORE *store = store_of(trusted, trusted_length, at, X509_PURPOSE_ANY);
    int result = 0;
    // Without the certificates first: only then the signers are known whose keys may be trusted themselves.
    if (!content || !store || CMS_verify(cms, NULL, NULL, content, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1) {
        result = refuse(reason, "the signature is not of these bytes");
    } else if (!are_pinned(cms, trusted, trusted_length)) {
        BIO_free(content);
        content = reading(data, length);
        if (!content || CMS_verify(cms, NULL, store, content, NULL, CMS_BINARY) != 1)
            result = refuse(reason, "the signer is not trusted");
    }
    ERR_clear_error();
    BIO_free(content);
    X509_STORE_free(store);
    CMS_ContentInfo_free(cms);
    return result;
}

int cs_certificate_subject(const char *pem, size_t length, uint8_t **out, size_t *out_length, char reason[CS_REASON_SIZE]) {
    BIO *input = reading((const uint8_t *)pem, length);
    BIO *text = BIO_new(BIO_s_mem());
    X509 *certificate = input ? PEM_read_bio_X509(input, NULL, NULL, NULL) : NULL;
    char *bytes = NULL;
    int result = 0;
    if (!certificate || !text ||
        X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0,
                           (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | ASN1_STRFLGS_UTF8_CONVERT) < 0) {
        result = refuse(reason, "not a certificate");
    } else {
        long size = BIO_get_mem_data(text, &bytes);
        *out = size >= 0 ? OPENSSL_memdup(bytes, size > 0 ? (size_t)size : 1) : NULL;
        *out_length = size > 0 ? (size_t)size : 0;
        if (!*out) result = refuse(reason, "no memory");
    }
    ERR_clear_error();
    X509_free(certificate);
    BIO_free(text);
    BIO_free(input);
    return result;
}

int cs_stamp_request(const uint8_t *data, size_t length, uint64_t nonce, uint8_t **out, size_t *out_length, char reason[CS_REASON_SIZE]) {
    uint8_t digest[32];
    unsigned int digest_length = sizeof digest;
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    uint8_t *bytes = NULL;
    int size = -1;
    if (request && imprint && algorithm && number && EVP_Digest(data, length, digest, &digest_length, EVP_sha256(), NULL) &&
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) && TS_REQ_set_version(request, 1) &&
        TS_MSG_IMPRINT_set_algo(imprint, algorithm) && TS_MSG_IMPRINT_set_msg(imprint, digest, (int)digest_length) &&
        TS_REQ_set_msg_imprint(request, imprint) && ASN1_INTEGER_set_uint64(number, nonce) && TS_REQ_set_nonce(request, number) &&
        TS_REQ_set_cert_req(request, 1))
        size = i2d_TS_REQ(request, &bytes);
    TS_REQ_free(request);
    TS_MSG_IMPRINT_free(imprint);
    X509_ALGOR_free(algorithm);
    ASN1_INTEGER_free(number);
    if (size <= 0) return refuse(reason, "cannot write a request for a time stamp");
    *out = bytes;
    *out_length = (size_t)size;
    return 0;
}

static int time_of(TS_RESP *response, int64_t *time) {
    struct tm parts = {0};
    TS_TST_INFO *info = TS_RESP_get_tst_info(response);
    if (!info || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) return 0;
    *time = (int64_t)timegm(&parts);
    return 1;
}

int cs_stamp_verify(const uint8_t *data, size_t length, const uint8_t *response, size_t response_length, uint64_t nonce,
                    const char *authorities, size_t authorities_length, int64_t *time, char reason[CS_REASON_SIZE]) {
    const uint8_t *rest = response;
    TS_RESP *parsed = response_length > INT32_MAX ? NULL : d2i_TS_RESP(NULL, &rest, (long)response_length);
    if (!parsed) return refuse(reason, "not a time stamp response");
    long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(parsed)));
    if ((status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) || !time_of(parsed, time)) {
        TS_RESP_free(parsed);
        ERR_clear_error();
        snprintf(reason, CS_REASON_SIZE, "the authority refused (status %ld)", status);
        return -1;
    }
    uint64_t answered = 0;
    const ASN1_INTEGER *echoed = TS_TST_INFO_get_nonce(TS_RESP_get_tst_info(parsed));
    if (nonce && (!echoed || ASN1_INTEGER_get_uint64(&answered, echoed) != 1 || answered != nonce)) {
        TS_RESP_free(parsed);
        return refuse(reason, "the time stamp answers another request");
    }
    TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
    int flags = TS_VFY_VERSION | TS_VFY_DATA;
    int result = -1;
    if (context) {
        TS_VERIFY_CTX_set_data(context, reading(data, length));
        if (authorities_length > 0) {
            flags |= TS_VFY_SIGNATURE;
            TS_VERIFY_CTX_set_store(context, store_of(authorities, authorities_length, *time, X509_PURPOSE_TIMESTAMP_SIGN));
        }
        TS_VERIFY_CTX_set_flags(context, flags);
        result = TS_RESP_verify_response(context, parsed) == 1 ? 0 : refuse(reason, "the time stamp is not of these bytes or not trusted");
    } else {
        refuse(reason, "no memory");
    }
    ERR_clear_error();
    TS_VERIFY_CTX_free(context);
    TS_RESP_free(parsed);
    return result;
}
