import Locking
import Storage
import Tenancy

/// Finds the actor of a resource, and forgets it when nobody uses it.
package final class ResourceRegistry: Sendable {
    private struct Entry {
        let actor: ResourceActor
        var users: Int
    }

    /// Which resource of which tenant.
    struct Address: Hashable {
        let tenant: UInt32
        let kind: UInt8
        let id: UniqueID
    }

    let executors: [any SerialExecutor]
    private let actors = Locked<[Address: Entry]>([:])

    /// - Parameter executors: the event loops, at least one; a resource's actor lives on the one that first needs it.
    package init(executors: [any SerialExecutor]) {
        precondition(!executors.isEmpty)
        self.executors = executors
    }

    /// Lends the resource's actor to `body`; it lives at least as long as one borrower.
    func withActor<R: Sendable>(
        _ address: Address,
        _ body: (ResourceActor) async throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        let actor = actors.withLock { actors in
            if let place = actors.index(forKey: address) {
                actors.values[place].users += 1
                return actors.values[place].actor
            }
            let actor = ResourceActor(executor: executor(for: address))
            actors[address] = Entry(actor: actor, users: 1)
            return actor
        }
        defer {
            actors.withLock { actors in
                guard let place = actors.index(forKey: address) else { return }
                actors.values[place].users -= 1
                if actors.values[place].users == 0 { actors.remove(at: place) }
            }
        }
        return try await body(actor)
    }

    /// The caller's loop, so that a change which meets no other stays there.
    private func executor(for address: Address) -> any SerialExecutor {
        executors.first { $0.isIsolatingCurrentContext() == true }
            ?? executors[Int(truncatingIfNeeded: address.id.low % UInt64(executors.count))]
    }

    /// How many resources are being changed now.
    package var activeCount: Int { actors.withLock(\.count) }
}
