import Audit
import Storage
import Tenancy

/// Changes that do not rest on each other: each is computed on what is durable, and all are committed at once, each for itself.
///
/// ```
/// add ─► computed ─► add ─► computed ─► … ─► commit ─┬─► made
///                                                    ├─► refused, for what has become durable before it
///                                                    └─► something has come between: to be made alone
/// ```
///
/// They are decided in their order, and those that are to be made alone come behind all of them. Two that meet come out as if one had been
/// asked for after the other.
package struct SeparateChanges: Sendable {
    /// What became of a change; nil if something has come between, so that it must be asked for again.
    package typealias Outcome = Result<ChangeOutcome, DirectoryError>?

    private let directory: ResourceDirectory
    private var computed: [ComputedChange] = []
    /// How much the commits will write, in bytes.
    package private(set) var byteCount = 0

    /// Changes that are worth committing at once, as many as a batch of the store holds: more would only take memory.
    private static let worthwhileCount = 128
    private static let worthwhileBytes = StorageLimits.changesetBytesMax / 16

    package init(_ directory: ResourceDirectory) { self.directory = directory }

    package var count: Int { computed.count }

    /// Whether there is enough for a commit.
    package var areWorthwhile: Bool {
        count >= Self.worthwhileCount || byteCount >= Self.worthwhileBytes
    }

    /// Computes a change.
    ///
    /// - Throws: why it is refused; it is then none of the changes.
    package mutating func add(_ change: Change) async throws(DirectoryError) {
        let change = try await ChangeComputation.compute(change, in: directory, begun: BegunWork())
        byteCount += change.changes.changeset.byteCount
        computed.append(change)
    }

    /// Commits the changes.
    ///
    /// - Returns: the outcome of each, in their order.
    package func commit() async -> [Outcome] {
        // What needs something written before it has to be made alone; what changes nothing is as it is.
        let places = computed.indices.filter { computed[$0].work == nil && computed[$0].outcome.hasChanged }
        var outcomes: [Outcome] = computed.map { $0.work == nil ? .success($0.outcome) : nil }
        let results = await directory.ledger.commit(places.map { computed[$0].changes.changeset })
        for (place, result) in zip(places, results) {
            guard case .failure(let error) = result else { continue }
            outcomes[place] =
                if case .conflict(let index) = error {
                    computed[place].changes.refusal(forConflictAt: index).map { .failure($0) }
                } else {
                    .failure(DirectoryError(error))
                }
        }
        return outcomes
    }
}
