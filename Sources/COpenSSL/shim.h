// OpenSSL 3, its macros as functions, and a BIO that reads and writes a socket.
#pragma once
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
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

static inline void copenssl_disable_session_cache(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void copenssl_enable_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }

// A fresh EC P-256 key; NULL on failure.
static inline EVP_PKEY *copenssl_make_p256_key(void) { return EVP_EC_gen("P-256"); }

// The content of a memory BIO, which stays its owner.
static inline long copenssl_memory(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

static inline bool copenssl_is_key_mismatch(unsigned long code) {
    return ERR_GET_LIB(code) == ERR_LIB_X509 &&
           (ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH || ERR_GET_REASON(code) == X509_R_KEY_TYPE_MISMATCH);
}

static inline int copenssl_no_passphrase(char *bytes, int size, int writes, void *context) { return -1; }

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
