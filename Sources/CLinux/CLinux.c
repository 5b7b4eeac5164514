#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int clinux_address_ip(const char *host, uint16_t port, struct clinux_address *address) {
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &address->storage.v4.sin_addr) == 1) {
        address->storage.v4.sin_family = AF_INET;
        address->storage.v4.sin_port = htons(port);
        address->length = sizeof address->storage.v4;
        return 0;
    }
    if (inet_pton(AF_INET6, host, &address->storage.v6.sin6_addr) == 1) {
        address->storage.v6.sin6_family = AF_INET6;
        address->storage.v6.sin6_port = htons(port);
        address->length = sizeof address->storage.v6;
        return 0;
    }
    return EINVAL;
}

int clinux_address_local(const char *path, struct clinux_address *address) {
    size_t length = strlen(path);
    memset(address, 0, sizeof *address);
    if (length == 0 || length >= sizeof address->storage.local.sun_path) return ENAMETOOLONG;
    address->storage.local.sun_family = AF_UNIX;
    memcpy(address->storage.local.sun_path, path, length + 1);
    address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    return 0;
}

void clinux_address_bytes(const uint8_t bytes[16], uint16_t port, struct clinux_address *address) {
    memset(address, 0, sizeof *address);
    memcpy(address->storage.v6.sin6_addr.s6_addr, bytes, 16);
    address->storage.v6.sin6_family = AF_INET6;
    address->storage.v6.sin6_port = htons(port);
    address->length = sizeof address->storage.v6;
}

int clinux_address_describe(const struct clinux_address *address, char *text, uint8_t bytes[16], uint64_t *origin,
                            uint16_t *port, int *is_loopback) {
    const struct sockaddr_in6 *v6 = &address->storage.v6;
    struct in_addr v4;
    memset(bytes, 0, 16);
    *origin = 0;
    *port = 0;
    *is_loopback = 0;
    text[0] = 0;
    if (address->storage.any.sa_family == AF_INET) {
        v4 = address->storage.v4.sin_addr;
        *port = ntohs(address->storage.v4.sin_port);
    } else if (address->storage.any.sa_family == AF_INET6) {
        *port = ntohs(v6->sin6_port);
        if (!IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
            if (!inet_ntop(AF_INET6, &v6->sin6_addr, text, CLINUX_ADDRESS_TEXT_MAX)) return 0;
            memcpy(bytes, v6->sin6_addr.s6_addr, 16);
            memcpy(origin, v6->sin6_addr.s6_addr, sizeof *origin);
            *is_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
            return (int)strlen(text);
        }
        memcpy(&v4, v6->sin6_addr.s6_addr + 12, sizeof v4);
    } else {
        return 0;
    }
    if (!inet_ntop(AF_INET, &v4, text, CLINUX_ADDRESS_TEXT_MAX)) return 0;
    memset(bytes + 10, 0xff, 2);
    memcpy(bytes + 12, &v4, sizeof v4);
    // No /64 prefix in use begins with sixteen zero bits and ends in ones, so the families never share a number.
    *origin = ((uint64_t)v4.s_addr << 32) | 0xffffffffu;
    *is_loopback = (ntohl(v4.s_addr) >> 24) == 127;
    return (int)strlen(text);
}

int clinux_local_address(int descriptor, struct clinux_address *address) {
    memset(address, 0, sizeof *address);
    address->length = sizeof address->storage;
    return getsockname(descriptor, &address->storage.any, &address->length);
}

static int fail(int descriptor) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

int clinux_listen(const struct clinux_address *address, int backlog) {
    int family = address->storage.any.sa_family, on = 1, off = 0;
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (family != AF_UNIX && setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)) return fail(descriptor);
    if (family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    clinux_tune_listener(descriptor);
    if (bind(descriptor, &address->storage.any, address->length)) return fail(descriptor);
    if (listen(descriptor, backlog)) return fail(descriptor);
    return descriptor;
}

int clinux_accept(int descriptor, struct clinux_address *peer) {
    memset(peer, 0, sizeof *peer);
    peer->length = sizeof peer->storage;
    return accept4(descriptor, &peer->storage.any, &peer->length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_connect(const struct clinux_address *address) {
    int descriptor = socket(address->storage.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, &address->storage.any, address->length) && errno != EINPROGRESS) return fail(descriptor);
    return descriptor;
}

int clinux_resolve(const char *host, uint16_t port, struct clinux_address *addresses, int most, int *count) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *found;
    *count = 0;
    int error = getaddrinfo(host, NULL, &hints, &found);
    if (error) return error;
    for (struct addrinfo *next = found; next && *count < most; next = next->ai_next) {
        struct clinux_address *address = &addresses[*count];
        if (next->ai_family != AF_INET && next->ai_family != AF_INET6) continue;
        memset(address, 0, sizeof *address);
        memcpy(&address->storage, next->ai_addr, next->ai_addrlen);
        address->length = next->ai_addrlen;
        if (next->ai_family == AF_INET) address->storage.v4.sin_port = htons(port);
        else address->storage.v6.sin6_port = htons(port);
        ++*count;
    }
    freeaddrinfo(found);
    return *count ? 0 : EAI_NONAME;
}

int clinux_socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)) return -1;
    return error;
}

int clinux_prepare(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -1;
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

void clinux_tune_listener(int descriptor) {
    // The kernel doubles these and would otherwise let each client that does not read cost it 4 MiB.
    int buffer = 128 * 1024, on = 1, idle = 60, interval = 15, probes = 4;
    unsigned int unacknowledged = 30 * 1000;
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    // Fails on a Unix socket, where none of the rest means anything.
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on)) return;
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
}

void clinux_reset_when_closed(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void clinux_acknowledge(int descriptor) {
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

int clinux_peer_user(int descriptor, uint32_t *user) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length)) return -1;
    *user = credentials.uid;
    return 0;
}

int64_t clinux_monotonic(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t clinux_wall_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME_COARSE, &time);
    return time.tv_sec;
}

int clinux_allowed_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

static _Thread_local void *thread_value;

void *clinux_thread_value(void) { return thread_value; }

void clinux_set_thread_value(void *value) { thread_value = value; }

static _Thread_local uint32_t thread_account;

uint32_t clinux_thread_account(void) { return thread_account; }

void clinux_set_thread_account(uint32_t account) { thread_account = account; }

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int clinux_open_unnamed(const char *folder) { return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

void clinux_return_freed_memory(void) {
    // By default the threshold rises with each large block that is freed, up to 32 MiB, and blocks below it stay.
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

int clinux_exchange(const char *path, const char *other) {
    return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
}

ssize_t clinux_write_durably(int descriptor, const void *bytes, size_t count, off_t offset) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    ssize_t written = pwritev2(descriptor, &part, 1, offset, RWF_DSYNC);
    if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)) return written;
    // An old kernel, or a file system that knows no such flag: two calls do the same.
    written = pwrite(descriptor, bytes, count, offset);
    if (written >= 0 && fdatasync(descriptor) != 0) return -1;
    return written;
}

int clinux_open_directly(const char *path) { return open(path, O_WRONLY | O_DIRECT | O_CLOEXEC); }

int clinux_allocate(int descriptor, off_t bytes) { return fallocate(descriptor, 0, 0, bytes); }

static uint32_t crc32c_by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
    // The checksums of half a byte.
    static const uint32_t table[16] = {
        0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
        0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
    };
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
    uint64_t wide = crc;
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; count > 0; bytes++, count--) crc = __builtin_ia32_crc32qi(crc, *bytes);
    return crc;
}
#endif

uint32_t clinux_crc32c(uint32_t checksum, const uint8_t *bytes, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crc32c_by_instruction(~checksum, bytes, count);
#endif
    return ~crc32c_by_table(~checksum, bytes, count);
}

#ifndef PHAROS_BUILD_COMMIT
#define PHAROS_BUILD_COMMIT ""
#endif
#ifndef PHAROS_BUILD_DATE
#define PHAROS_BUILD_DATE ""
#endif
#ifndef PHAROS_BUILD_SWIFT
#define PHAROS_BUILD_SWIFT ""
#endif

const char *clinux_build_commit(void) { return PHAROS_BUILD_COMMIT; }
const char *clinux_build_date(void) { return PHAROS_BUILD_DATE; }
const char *clinux_build_swift(void) { return PHAROS_BUILD_SWIFT; }
