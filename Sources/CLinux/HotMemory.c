#define _GNU_SOURCE
#include <malloc.h>
#include "CLinux.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// A line of the cache, and what a huge page of x86-64 and most others holds.
#define LINE 64u
#define REGION (2u << 20)
#define MOST_LINES 128u
// From here on a block gets huge pages of its own.
#define LARGE (128u << 10)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/// Blocks that were given back, by their number of lines, each with the address of the next at its beginning.
static void *returned[MOST_LINES + 1];
static uint8_t *next, *end;

static size_t lines_of(size_t size) { return size > LINE ? (size + LINE - 1) / LINE : 1; }

/// Begins another region; the rest of the one before is left, which is less than a block.
static int begin_region(void) {
    uint8_t *mapped = mmap(NULL, 2 * REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return 0;
    const size_t before = (REGION - ((uintptr_t)mapped & (REGION - 1))) & (REGION - 1);
    if (before) munmap(mapped, before);
    next = mapped + before;
    end = next + REGION;
    munmap(end, REGION - before);
    // Where it is refused, the blocks still lie close together.
    madvise(next, REGION, MADV_HUGEPAGE);
    return 1;
}

/// Pages of its own.
static void *large(size_t size) {
    const size_t whole = (size + REGION - 1) / REGION * REGION;
    void *block = aligned_alloc(REGION, whole);
    if (block) madvise(block, whole, MADV_HUGEPAGE);
    return block;
}

void *cl_hot_allocate(size_t size) {
    const size_t lines = lines_of(size);
    if (lines > MOST_LINES) return size < LARGE ? aligned_alloc(LINE, lines * LINE) : large(size);
    pthread_mutex_lock(&mutex);
    void *block = returned[lines];
    if (block) {
        memcpy(&returned[lines], block, sizeof block);
    } else if ((size_t)(end - next) >= lines * LINE || begin_region()) {
        block = next;
        next += lines * LINE;
    }
    pthread_mutex_unlock(&mutex);
    return block;
}

void cl_hot_free(void *block, size_t size) {
    const size_t lines = lines_of(size);
    if (!block) return;
    if (lines > MOST_LINES) {
        free(block);
        return;
    }
    pthread_mutex_lock(&mutex);
    memcpy(block, &returned[lines], sizeof block);
    returned[lines] = block;
    pthread_mutex_unlock(&mutex);
}

cl_heap_usage cl_heap(void) {
    const struct mallinfo2 info = mallinfo2();
    // Large blocks are the kernel's own mappings, and in no arena.
    return (cl_heap_usage){.in_use = info.uordblks + info.hblkhd, .held = info.arena + info.hblkhd};
}
