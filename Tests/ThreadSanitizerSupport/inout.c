// Keeps from the thread sanitizer accesses that are to no memory.
//
// Swift tells it of whatever is passed as `inout`, and of what has no size too, as SystemRandomNumberGenerator: its address is
// whatever a register held, and the sanitizer dies where it keeps no account of that. The linker has this called in the place of
// the sanitizer's own (--wrap, in Package.swift); all else goes on to it.
#include <stdbool.h>
#include <stdint.h>

#if __has_feature(thread_sanitizer)
#define UNSEEN __attribute__((no_sanitize("thread"), disable_sanitizer_instrumentation))

void __real___tsan_external_write(void *address, void *caller, void *tag);

/// The sanitizer keeps account of the programs', the heap's, and the libraries' and stacks' parts of memory
/// (LLVM, tsan_platform.h).
static inline UNSEEN bool is_accounted(uintptr_t address) {
#if defined(__x86_64__)
    const uintptr_t part = address >> 40;
    return (part >= 0x55 && part < 0x5a) || part == 0x72 || (part >= 0x7a && part < 0x80);
#else
    return true;
#endif
}

UNSEEN void __wrap___tsan_external_write(void *address, void *caller, void *tag) {
    if (!is_accounted((uintptr_t)address)) return;
    // The sanitizer takes the place of the access from who called it: a call would be this place.
    __attribute__((musttail)) return __real___tsan_external_write(address, caller, tag);
}
#endif
