import Glibc

/// Runs `body` on a thread of its own, which nobody joins. Returns 0, or an errno where there is no thread, and then `body` is not run.
func detachThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
    var attributes = pthread_attr_t()
    var failure = pthread_attr_init(&attributes)
    guard failure == 0 else { return failure }
    defer { pthread_attr_destroy(&attributes) }
    failure = pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    guard failure == 0 else { return failure }
    let errand = Unmanaged.passRetained(Errand(body))
    var thread = pthread_t()
    failure = pthread_create(
        &thread, &attributes,
        { given in
            if let given { Unmanaged<Errand>.fromOpaque(given).takeRetainedValue().body() }
            return nil
        }, errand.toOpaque())
    if failure != 0 { errand.release() }
    return failure
}

private final class Errand: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
