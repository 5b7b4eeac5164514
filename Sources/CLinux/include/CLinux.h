// What the Glibc module does not give: epoll, eventfd, signalfd and timerfd, and the calls for sockets and files that need GNU
// extensions.
#pragma once
#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>

/// A socket address of any family this package uses, with its length.
struct clinux_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    } storage;
    socklen_t length;
};

/// Longest text of an address, with its final zero.
enum { CLINUX_ADDRESS_TEXT_MAX = 46 };

/// Fills in a numeric IPv4 or IPv6 address; 0, or EINVAL when `host` is none.
int clinux_address_ip(const char *host, uint16_t port, struct clinux_address *address);

/// Fills in an IPv6 address, or an IPv4 address that is mapped into IPv6, from its bytes.
void clinux_address_bytes(const uint8_t bytes[16], uint16_t port, struct clinux_address *address);

/// Fills in the address of a path; 0, or ENAMETOOLONG.
int clinux_address_local(const char *path, struct clinux_address *address);

/// Writes the numeric address without port (IPv4-mapped IPv6 as IPv4), its bytes (IPv4 as IPv4-mapped IPv6) and the number under which connections of one
/// origin are counted (IPv4 address, or IPv6 /64 prefix). Returns the length, 0 for a family without text.
int clinux_address_describe(const struct clinux_address *address, char *text, uint8_t bytes[16], uint64_t *origin,
                            uint16_t *port, int *is_loopback);

/// Has malloc give memory back to the system once it is freed: large blocks at once, the end of the heap beyond a MiB.
void clinux_return_freed_memory(void);

/// Opens a new file without a name in a folder, for its owner to read and write; -1 with errno.
int clinux_open_unnamed(const char *folder);

/// Lets two files or folders of one file system have each other's name, at once; -1 with errno, EINVAL where no file system can.
int clinux_exchange(const char *path, const char *other);

/// Writes at a place of a file, and returns when the bytes are on the disk: how many, which may be fewer than asked for; -1 with errno.
ssize_t clinux_write_durably(int descriptor, const void *bytes, size_t count, off_t offset);

/// Opens a file for writes past the system's cache, of aligned memory at aligned places (open(2), O_DIRECT); -1 with errno.
int clinux_open_directly(const char *path);

/// Takes room on the disk for a file of so many bytes, which read as zero; -1 with errno, EOPNOTSUPP where no file system can.
int clinux_allocate(int descriptor, off_t bytes);

/// Continues a checksum (CRC-32C, RFC 9260 appendix A) over more bytes, with the processor's own instruction where it has one; begin
/// with 0.
uint32_t clinux_crc32c(uint32_t checksum, const uint8_t *bytes, size_t count);

/// The socket's own address; 0 or -1 with errno.
int clinux_local_address(int descriptor, struct clinux_address *address);

/// A bound, listening, non-blocking socket; -1 with errno. `backlog` is clipped by the kernel.
int clinux_listen(const struct clinux_address *address, int backlog);

/// Accepts one connection, non-blocking and close-on-exec; -1 with errno.
int clinux_accept(int descriptor, struct clinux_address *peer);

/// A connecting or connected non-blocking stream socket; -1 with errno.
int clinux_connect(const struct clinux_address *address);

/// Fills in up to `most` stream addresses of a DNS name or numeric address, best first (RFC 6724), and their number. Blocks for
/// as long as the name service lets it (resolv.conf(5)). 0, or an error for `gai_strerror`; for EAI_SYSTEM errno tells more.
int clinux_resolve(const char *host, uint16_t port, struct clinux_address *addresses, int most, int *count);

/// The error of a socket's connection attempt (SO_ERROR), 0 for none; -1 with errno.
int clinux_socket_error(int descriptor);

/// Makes a descriptor non-blocking and close-on-exec; 0 or -1 with errno.
int clinux_prepare(int descriptor);

/// Sets what connections accepted from a listening socket inherit: bounded buffers, and for TCP no delay, keep-alive
/// probes and a limit on the time without acknowledgement.
void clinux_tune_listener(int descriptor);

/// Sends a delayed acknowledgement at once (TCP_QUICKACK); does nothing for other families.
void clinux_acknowledge(int descriptor);

/// Closing the socket resets its connection.
void clinux_reset_when_closed(int descriptor);

/// User id of the process behind a Unix socket; 0 or -1 with errno.
int clinux_peer_user(int descriptor, uint32_t *user);

/// CLOCK_MONOTONIC in nanoseconds.
int64_t clinux_monotonic(void);

/// CLOCK_REALTIME_COARSE in whole seconds since 1970.
int64_t clinux_wall_seconds(void);

/// How many processors the process may run on; 0 if the kernel does not tell.
int clinux_allowed_processors(void);

/// Where the calling thread keeps a value of its own, NULL at first.
void *clinux_thread_value(void);
void clinux_set_thread_value(void *value);

/// On whose account the calling thread works, 0 at first.
uint32_t clinux_thread_account(void);
void clinux_set_thread_account(uint32_t account);

/// What scripts/build has told the compiler of the program's sources and of the compiler itself; empty where it was built otherwise.
const char *clinux_build_commit(void);
/// The day of the commit, as RFC 3339 has it.
const char *clinux_build_date(void);
const char *clinux_build_swift(void);

/// Names the calling thread, at most 15 bytes.
void clinux_name_thread(const char *name);
