// Tells the thread sanitizer what Swift's Mutex does where it waits.
//
// A Mutex that nobody else wants is taken and given by an atomic operation that is compiled into whoever uses it, and seen by the
// sanitizer there. One that somebody wants goes through libswiftSynchronization and the kernel (a futex that inherits priority),
// which it does not see: it would report whatever the Mutex guards. These stand before the library's own for whoever is linked
// with them, call those, and say what they have done, of the same address as the atomic operations. Nothing is suppressed.
//
// Signatures: Synchronization.swiftinterface of Swift 6.3, extension _MutexHandle. Where one has gone, a test that needs it says so.
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#define HIDDEN __attribute__((no_sanitize("thread"), visibility("default")))

// Found before anything else runs: dlsym locks, and a Mutex may be waited for anywhere.
static SWIFT void (*swift_lock)(uint32_t, SELF void *);
static SWIFT bool (*swift_try_lock)(SELF void *);
static SWIFT void (*swift_unlock)(SELF void *);

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) {
        fprintf(stderr, "Swift's Mutex has no %s any more: see Tests/ThreadSanitizerSupport\n", name);
        abort();
    }
    return found;
}

__attribute__((constructor(101))) static void find(void) {
    swift_lock = next("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    swift_try_lock = next("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
    swift_unlock = next("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
}

HIDDEN SWIFT void causeway_lock(uint32_t thread, SELF void *handle)
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
HIDDEN SWIFT bool causeway_try_lock(SELF void *handle) __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
HIDDEN SWIFT void causeway_unlock(SELF void *handle) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

SWIFT void causeway_lock(uint32_t thread, SELF void *handle) {
    swift_lock(thread, handle);
    __tsan_acquire(handle);
}

SWIFT bool causeway_try_lock(SELF void *handle) {
    bool locked = swift_try_lock(handle);
    if (locked) __tsan_acquire(handle);
    return locked;
}

SWIFT void causeway_unlock(SELF void *handle) {
    __tsan_release(handle);
    swift_unlock(handle);
}
#endif
