import Locking
import Storage
import Tenancy

extension ResourceDirectory {
    /// About how long a change or long work of a tenant would wait now, by what waits in front of it.
    package func wait(of tenant: UInt32) -> Duration {
        max(store.wait(of: tenant), environment.background.wait(of: tenant))
    }

    /// Does work that would hold a loop for too long.
    ///
    /// - Throws: what the work throws; ``DirectoryError/busy`` if too much of the tenant's waits already.
    package func inBackground<R: Sendable>(
        of tenant: UInt32,
        _ work: @escaping @Sendable () throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        let result = await environment.background.run(for: tenant) { () -> Result<R, DirectoryError> in
            do throws(DirectoryError) { return .success(try work()) } catch { return .failure(error) }
        }
        guard let result else { throw .busy }
        return try result.get()
    }

    /// Moves a state on beside the loops, a step at a time, so that others have their turn between two steps.
    ///
    /// `endsWithTask`: whether nobody waits for the result once the task is cancelled; `step`: true after the last one.
    /// - Throws: what a step throws; ``DirectoryError/busy`` if too much of the tenant's waits already, or if the task is
    ///   cancelled and the work ends with it.
    package func stepping<State: Sendable>(
        _ state: consuming State,
        of tenant: UInt32,
        endsWithTask: Bool = false,
        _ step: @escaping @Sendable (inout State) throws(DirectoryError) -> Bool
    ) async throws(DirectoryError) -> State {
        let steps = Steps(state)
        while true {
            guard !endsWithTask || !Task.isCancelled else { throw .busy }
            let isDone = try await inBackground(of: tenant) { () throws(DirectoryError) in
                try steps.state.withLock { state throws(DirectoryError) in try step(&state) }
            }
            if isDone { return steps.state.withLock { $0 } }
        }
    }
}

/// A state that one thread after another moves on, without copying it.
private final class Steps<State: Sendable>: Sendable {
    let state: Locked<State>

    init(_ state: consuming State) { self.state = Locked(state) }
}
