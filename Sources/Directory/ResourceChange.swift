import SCIM
import Storage

/// One change of one resource, as a value.
package struct ResourceChange: Sendable {
    package enum Action: Sendable {
        /// Creates a resource under an id of ``ResourceDirectory/makeID()``.
        case create(UniqueID, DecodedResource)
        case replace(UniqueID, DecodedResource)
        case patch(UniqueID, PatchRequest)
        case delete(UniqueID)
    }

    package let action: Action
    package let context: ChangeContext

    package init(_ action: Action, _ context: ChangeContext) {
        self.action = action
        self.context = context
    }

    /// The record that the change brings into being.
    var createdKey: Key? {
        guard case .create(let id, _) = action else { return nil }
        return Keys.record(context.tenant, context.kind.code, id)
    }
}

/// Which of several changes failed, so that none was made.
package struct FailedChange: Error, Sendable, Equatable {
    /// The change's place among the others; nil if it was their commit that failed.
    package let index: Int?
    package let error: DirectoryError

    package init(index: Int?, error: DirectoryError) {
        self.index = index
        self.error = error
    }
}

extension ResourceDirectory {
    /// Makes one change.
    package func perform(_ change: ResourceChange) async throws(DirectoryError) -> ChangeOutcome {
        switch change.action {
        case .create(let id, let decoded): try await create(decoded, id: id, change.context)
        case .replace(let id, let decoded): try await replace(id, with: decoded, change.context)
        case .patch(let id, let request): try await patch(id, request, change.context)
        case .delete(let id): try await delete(id, change.context)
        }
    }

    /// Makes changes in their order and in one commit, all or none; each leaves its own audit record.
    ///
    /// Later changes see the earlier ones. Resources that the changes create may refer to each other in any direction.
    /// A conflict with somebody else's change is tried again, at most ``ResourceActor/conflictRetriesMax`` times.
    /// - Returns: the outcomes in the order of the changes.
    /// - Throws: ``FailedChange`` with ``DirectoryError/tooLarge(_:)`` if the changes do not fit into one commit.
    package func perform(
        together changes: [ResourceChange]
    ) async throws(FailedChange) -> [ChangeOutcome] {
        for _ in 0...ResourceActor.conflictRetriesMax {
            let transaction = ChangeTransaction(self)
            let outcomes = try await transaction.stage(changes)
            let committed: ChangeTransaction.Commit?
            do throws(DirectoryError) { committed = try await transaction.commit() } catch {
                throw FailedChange(index: nil, error: error)
            }
            if let committed { return outcomes.map(committed.settle) }
        }
        throw FailedChange(index: nil, error: .busy)
    }
}
