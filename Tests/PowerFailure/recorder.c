// Records what a program writes below a folder, in the order in which the calls ended, so that replay.py can build what a power failure
// could leave. A library for LD_PRELOAD; it sees calls of libc, not stores through a mapping that can be written.
//
//   cc -O2 -fPIC -shared -o recorder.so recorder.c -ldl
//   RECORD=ops RECORD_BELOW=/folder/ LD_PRELOAD=$PWD/recorder.so PROGRAM
//
// One record: magic u32, kind u8, durable u8, length of the first path u16, length of the second u16, zero u16, clock before u64, clock
// after u64, offset u64, length of the data u64; then the paths and the data.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 4096 };
static struct { char *path; int durable; } files[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int output = -1;
static const char *below;

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define TRACKED(fd) ((fd) >= 0 && (fd) < FILES && files[fd].path)

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("RECORD");
    below = getenv("RECORD_BELOW");
    if (path && below) output = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void put(const void *bytes, size_t count) {
    while (count > 0) {
        long n = syscall(SYS_write, output, bytes, count);
        if (n <= 0) abort();
        bytes = (const char *)bytes + n;
        count -= (size_t)n;
    }
}

static void record(char kind, int durable, const char *path, const char *second, uint64_t before, uint64_t offset,
                   const struct iovec *parts, int count, uint64_t length) {
    struct __attribute__((packed)) {
        uint32_t magic; uint8_t kind, durable; uint16_t first, second, zero; uint64_t before, after, offset, length;
    } head = {0x50574552, (uint8_t)kind, (uint8_t)durable, (uint16_t)strlen(path), (uint16_t)(second ? strlen(second) : 0), 0,
              before, now(), offset, length};
    pthread_mutex_lock(&lock);
    put(&head, sizeof head);
    put(path, head.first);
    if (second) put(second, head.second);
    for (int i = 0; i < count && length > 0; i++) {
        size_t n = parts[i].iov_len < length ? parts[i].iov_len : length;
        put(parts[i].iov_base, n);
        length -= n;
    }
    pthread_mutex_unlock(&lock);
}

static char *tracked(const char *path) {
    // The program is given an absolute path, and makes all others of it.
    size_t n = below ? strlen(below) : 0;
    return output >= 0 && below && strncmp(path, below, n) == 0 ? strdup(path + n) : NULL;
}

static void opened(int fd, const char *path, int flags) {
    if (fd < 0 || fd >= FILES) return;
    free(files[fd].path);
    files[fd].path = tracked(path);
    files[fd].durable = (flags & (O_DSYNC | O_SYNC)) != 0;
    if (files[fd].path && (flags & (O_CREAT | O_TRUNC)) && !(flags & O_DIRECTORY))
        record(flags & O_TRUNC ? 'T' : 'C', 0, files[fd].path, NULL, now(), 0, NULL, 0, 0);
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); }
int open(const char *p, int flags, ...) { REAL(open); MODE int fd = real(p, flags, mode); opened(fd, p, flags); return fd; }
int open64(const char *p, int flags, ...) { REAL(open64); MODE int fd = real(p, flags, mode); opened(fd, p, flags); return fd; }
int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < FILES) { free(files[fd].path); files[fd].path = NULL; }
    return real(fd);
}

static void wrote(int fd, int durable, uint64_t before, off_t offset, const struct iovec *parts, int count, ssize_t n) {
    if (n > 0 && TRACKED(fd))
        record('W', durable || files[fd].durable, files[fd].path, NULL, before, (uint64_t)offset, parts, count, (uint64_t)n);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
    REAL(pwrite64); uint64_t t = now(); ssize_t r = real(fd, b, n, o); struct iovec v = {(void *)b, n}; wrote(fd, 0, t, o, &v, 1, r); return r;
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return pwrite64(fd, b, n, o); }
ssize_t pwritev64(int fd, const struct iovec *v, int c, off64_t o) {
    REAL(pwritev64); uint64_t t = now(); ssize_t r = real(fd, v, c, o); wrote(fd, 0, t, o, v, c, r); return r;
}
ssize_t pwritev(int fd, const struct iovec *v, int c, off_t o) { return pwritev64(fd, v, c, o); }
ssize_t pwritev64v2(int fd, const struct iovec *v, int c, off64_t o, int f) {
    REAL(pwritev64v2); uint64_t t = now(); ssize_t r = real(fd, v, c, o, f); wrote(fd, f & (RWF_DSYNC | RWF_SYNC), t, o, v, c, r); return r;
}
ssize_t pwritev2(int fd, const struct iovec *v, int c, off_t o, int f) { return pwritev64v2(fd, v, c, o, f); }
ssize_t write(int fd, const void *b, size_t n) {
    REAL(write);
    if (!TRACKED(fd)) return real(fd, b, n);
    off_t o = lseek(fd, 0, SEEK_CUR); uint64_t t = now(); ssize_t r = real(fd, b, n); struct iovec v = {(void *)b, n};
    wrote(fd, 0, t, o, &v, 1, r); return r;
}
ssize_t writev(int fd, const struct iovec *v, int c) {
    REAL(writev);
    if (!TRACKED(fd)) return real(fd, v, c);
    off_t o = lseek(fd, 0, SEEK_CUR); uint64_t t = now(); ssize_t r = real(fd, v, c); wrote(fd, 0, t, o, v, c, r); return r;
}
static int sized(int r, int fd, uint64_t t, off_t n, char kind) {
    if (r == 0 && TRACKED(fd)) record(kind, 0, files[fd].path, NULL, t, (uint64_t)n, NULL, 0, 0);
    return r;
}
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); uint64_t t = now(); return sized(real(fd, n), fd, t, n, 'L'); }
int ftruncate(int fd, off_t n) { return ftruncate64(fd, n); }
int fallocate64(int fd, int m, off64_t o, off64_t n) { REAL(fallocate64); uint64_t t = now(); return sized(real(fd, m, o, n), fd, t, o + n, 'A'); }
int fallocate(int fd, int m, off_t o, off_t n) { return fallocate64(fd, m, o, n); }
int fdatasync(int fd) { REAL(fdatasync); uint64_t t = now(); return sized(real(fd), fd, t, 0, 'S'); }
int fsync(int fd) { REAL(fsync); uint64_t t = now(); return sized(real(fd), fd, t, 0, 'S'); }
static int named(int r, char kind, const char *p, const char *q) {
    char *first = r == 0 ? tracked(p) : NULL, *second = r == 0 && q ? tracked(q) : NULL;
    if (first) record(kind, 0, first, second, now(), 0, NULL, 0, 0);
    free(first); free(second);
    return r;
}
int rename(const char *p, const char *q) { REAL(rename); return named(real(p, q), 'R', p, q); }
int unlink(const char *p) { REAL(unlink); return named(real(p), 'U', p, NULL); }
int mkdir(const char *p, mode_t m) { REAL(mkdir); return named(real(p, m), 'D', p, NULL); }
