// OpenSSL 3, its macros as functions, and a BIO that reads and writes a socket.
#pragma once
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

// What a socket BIO works on. It lives as long as the BIO; `is_drained` is set once the socket gave less than was asked
// for, and while it is set no system call is made, so that an empty socket costs none. Once the peer has finished, only
// reading shows where its bytes end, so it is not set any more.
struct copenssl_stream {
    int descriptor;
    bool is_drained;
    bool peer_finished;
    bool has_ended;
    bool has_failed;
};

static inline int copenssl_stream_read(BIO *bio, char *bytes, size_t count, size_t *done) {
    struct copenssl_stream *stream = (struct copenssl_stream *)BIO_get_data(bio);
    ssize_t result;
    BIO_clear_retry_flags(bio);
    *done = 0;
    if (stream->is_drained) {
        BIO_set_retry_read(bio);
        return 0;
    }
    do result = recv(stream->descriptor, bytes, count, 0);
    while (result < 0 && errno == EINTR);
    if (result > 0) {
        *done = (size_t)result;
        if ((size_t)result < count && !stream->peer_finished) stream->is_drained = true;
        return 1;
    }
    if (result < 0 && errno == EAGAIN) {
        stream->is_drained = true;
        BIO_set_retry_read(bio);
        return 0;
    }
    if (result == 0) stream->has_ended = true;
    else stream->has_failed = true;
    return 0;
}

static inline int copenssl_stream_write(BIO *bio, const char *bytes, size_t count, size_t *done) {
    struct copenssl_stream *stream = (struct copenssl_stream *)BIO_get_data(bio);
    ssize_t result;
    BIO_clear_retry_flags(bio);
    *done = 0;
    do result = send(stream->descriptor, bytes, count, MSG_NOSIGNAL);
    while (result < 0 && errno == EINTR);
    if (result >= 0) {
        *done = (size_t)result;
        return 1;
    }
    if (errno == EAGAIN) BIO_set_retry_write(bio);
    else stream->has_failed = true;
    return 0;
}

static inline long copenssl_stream_control(BIO *bio, int command, long number, void *pointer) {
    struct copenssl_stream *stream = (struct copenssl_stream *)BIO_get_data(bio);
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return stream != NULL && stream->has_ended;
    default: return 0;
    }
}

// One method for the whole process, never freed; NULL when memory is out.
static inline BIO_METHOD *copenssl_stream_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    if (!method) return NULL;
    BIO_meth_set_read_ex(method, copenssl_stream_read);
    BIO_meth_set_write_ex(method, copenssl_stream_write);
    BIO_meth_set_ctrl(method, copenssl_stream_control);
    return method;
}

// Gives `ssl` a BIO over `stream`; the SSL object owns the BIO, the caller the stream. False when memory is out.
static inline bool copenssl_attach(SSL *ssl, const BIO_METHOD *method, struct copenssl_stream *stream) {
    BIO *bio = BIO_new(method);
    if (!bio) return false;
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return true;
}

static inline bool copenssl_set_versions(SSL_CTX *context, int lowest, int highest) {
    return SSL_CTX_set_min_proto_version(context, lowest) == 1 && SSL_CTX_set_max_proto_version(context, highest) == 1;
}

static inline bool copenssl_set_groups(SSL_CTX *context, const char *names) {
    return SSL_CTX_set1_groups_list(context, names) == 1;
}

static inline bool copenssl_set_server_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name) == 1;
}

static inline void copenssl_disable_session_cache(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void copenssl_enable_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }

// A fresh EC P-256 key; NULL on failure.
static inline EVP_PKEY *copenssl_make_p256_key(void) { return EVP_EC_gen("P-256"); }

// A public key of this type out of its parameters; NULL on failure.
static inline EVP_PKEY *copenssl_public_key(const char *type, OSSL_PARAM_BLD *builder) {
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = parameters ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
    EVP_PKEY *key = NULL;
    if (context && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

// An RSA key of modulus and public exponent, both big-endian; NULL on failure. A builder keeps the pointers to the names
// and the numbers until it has been turned into parameters, so that this is done here, where the names are constants.
static inline EVP_PKEY *copenssl_rsa_key(const uint8_t *modulus, size_t modulus_count, const uint8_t *exponent,
                                         size_t exponent_count) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_count, NULL), *e = BN_bin2bn(exponent, (int)exponent_count, NULL);
    EVP_PKEY *key = NULL;
    if (builder && n && e && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = copenssl_public_key("RSA", builder);
    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

// An EC key of an uncompressed point on P-256; NULL on failure, as for a point that is not on the curve.
static inline EVP_PKEY *copenssl_p256_key(const uint8_t *point, size_t count) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, count) == 1)
        key = copenssl_public_key("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

// RSASSA-PSS with MGF1 of the same digest and a salt as long as it (RFC 7518 §3.5).
static inline bool copenssl_use_pss(EVP_PKEY_CTX *context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

// An ECDSA signature in DER out of r and s, 32 bytes each; the length, or 0 on failure. 72 bytes are always enough.
static inline size_t copenssl_ecdsa_der(const uint8_t *numbers, uint8_t *der) {
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(numbers, 32, NULL), *s = BN_bin2bn(numbers + 32, 32, NULL);
    int count = 0;
    if (signature && r && s && ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL;
        count = i2d_ECDSA_SIG(signature, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return count > 0 ? (size_t)count : 0;
}

// The content of a memory BIO, which stays its owner.
static inline long copenssl_memory(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

static inline bool copenssl_is_key_mismatch(unsigned long code) {
    return ERR_GET_LIB(code) == ERR_LIB_X509 &&
           (ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH || ERR_GET_REASON(code) == X509_R_KEY_TYPE_MISMATCH);
}

static inline int copenssl_no_passphrase(char *bytes, int size, int writes, void *context) { return -1; }

// The first private key of a PEM text, which may not be encrypted; NULL without one.
static inline EVP_PKEY *copenssl_read_key(BIO *bio) {
    return PEM_read_bio_PrivateKey(bio, NULL, copenssl_no_passphrase, NULL);
}

// Without this, OpenSSL would ask for the passphrase of an encrypted key on the terminal.
static inline void copenssl_ask_for_no_passphrase(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, copenssl_no_passphrase);
}

// Everything old or optional off; buffers are given back while a connection is idle.
static inline void copenssl_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

// Picks http/1.1 from a client's list; the result points into a constant, which lives for ever.
static inline int copenssl_select_http11(const unsigned char **selected, unsigned char *length,
                                         const unsigned char *offered, unsigned int offered_length) {
    static const unsigned char supported[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char *choice;
    if (SSL_select_next_proto(&choice, length, supported, sizeof supported, offered, offered_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *selected = choice;
    return SSL_TLSEXT_ERR_OK;
}

// When a certificate ends, in seconds since 1970; -1 if it says nothing that can be understood.
static inline int64_t copenssl_not_after(const X509 *certificate) {
    struct tm time;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return -1;
    return (int64_t)timegm(&time);
}

// The serial number in hexadecimal, which OPENSSL_free gives back; NULL on failure.
static inline char *copenssl_serial_number(const X509 *certificate) {
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *text = number ? BN_bn2hex(number) : NULL;
    BN_free(number);
    return text;
}

static inline void copenssl_free(void *bytes) { OPENSSL_free(bytes); }
