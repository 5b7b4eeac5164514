/// Takes work that would hold an event loop for too long, and does it beside the loops.
///
/// What waits is taken by tenant: none waits for all that another one has asked for.
package protocol BackgroundWork: Sendable {
    /// Runs the body on another thread once it is its turn.
    ///
    /// - Returns: false if too much of the tenant's waits already; the body then never runs.
    func start(for tenant: UInt32, _ body: @escaping @Sendable () -> Void) -> Bool

    /// About how long work of a tenant would wait now for its turn.
    func wait(of tenant: UInt32) -> Duration
}

extension BackgroundWork {
    package func wait(of tenant: UInt32) -> Duration { .zero }

    /// Does work and waits for its result; nil if too much of the tenant's waits already.
    package func run<Result: Sendable>(
        for tenant: UInt32,
        _ body: @escaping @Sendable () -> Result
    ) async -> Result? {
        await withUnsafeContinuation { continuation in
            let isTaken = start(for: tenant) { continuation.resume(returning: body()) }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }
}

/// Does the work at once, for programs that have no loops.
package struct ImmediateWork: BackgroundWork {
    package init() {}

    package func start(for tenant: UInt32, _ body: @escaping @Sendable () -> Void) -> Bool {
        body()
        return true
    }
}
