public import Synchronization

/// A number with one writer, which therefore needs no read-modify-write instruction; anyone reads.
///
/// Public, so that its use is inlined into the loops.
public struct Counter: ~Copyable, Sendable {
    @usableFromInline let value = Atomic<Int>(0)

    @inlinable
    public init() {}

    /// Adds one, or more; only the writer calls it.
    @inlinable
    public func add(_ amount: Int = 1) {
        value.store(value.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// What has been added up so far.
    @inlinable
    public var count: Int { value.load(ordering: .relaxed) }
}
