import Synchronization

/// A value behind a lock, like the standard library's `Mutex`, whose order Thread Sanitizer can see.
///
/// On Linux a contended `Mutex` waits inside the runtime, which is not instrumented, so every use of one looks
/// like a race. The turn's two atomic accesses are compiled here, order nothing that the lock does not, and are
/// plain moves on x86.
///
/// Public, because the compiler specialises nothing of another target that is `package`: each lock then costs several
/// look-ups of type metadata, about 100 ns.
public struct Locked<Value: ~Copyable>: ~Copyable, Sendable {
    @usableFromInline let mutex: Mutex<Value>
    @usableFromInline let turn = Atomic(false)

    @inlinable
    public init(_ value: consuming sending Value) { mutex = Mutex(value) }

    /// Runs a body with the value locked; the body must be short and must not wait.
    @inlinable
    @inline(__always)
    public borrowing func withLock<R: ~Copyable, E: Error>(
        _ body: (inout sending Value) throws(E) -> sending R
    ) throws(E) -> sending R {
        try mutex.withLock { value throws(E) -> sending R in
            _ = turn.load(ordering: .acquiring)
            defer { turn.store(false, ordering: .releasing) }
            return try body(&value)
        }
    }
}
