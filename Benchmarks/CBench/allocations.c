#include "CBench.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

// The C library's own allocator, under the names by which it may be reached when malloc itself is replaced.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic uint64_t counted;
static _Atomic unsigned epoch;
static char watched[16];
static __thread unsigned judged_in;
static __thread int is_watched;

static inline void note(void) {
    unsigned now = atomic_load_explicit(&epoch, memory_order_acquire);
    if (!now) return;
    if (judged_in != now) {
        char name[17] = {0};
        judged_in = now;
        is_watched = prctl(PR_GET_NAME, name) == 0 && !strncmp(name, watched, strlen(watched));
    }
    if (is_watched) atomic_fetch_add_explicit(&counted, 1, memory_order_relaxed);
}

void cb_count_allocations(const char *prefix) {
    strncpy(watched, prefix, sizeof watched - 1);
    atomic_store(&counted, 0);
    atomic_fetch_add(&epoch, 1);
}

uint64_t cb_allocations(void) { return atomic_load(&counted); }

// A sanitizer has an allocator of its own, which is asked before anything here may run: nothing is counted beside it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CB_LEAVES_ALLOCATOR
#endif
#endif

#ifndef CB_LEAVES_ALLOCATOR
void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note();
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    note();
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    note();
    void *block = __libc_memalign(alignment, size);
    if (!block) return ENOMEM;
    *out = block;
    return 0;
}
#endif
