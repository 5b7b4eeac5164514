/// When a changeset has its turn among those that wait for a commit.
package struct CommitTurn: Sendable, Equatable {
    /// In whose name it is made: a tenant's number, or 0 for the service itself.
    ///
    /// Accounts take turns.
    package var account: UInt32 = 0
    /// Whether it takes something away from somebody, who must not keep it for as long as a queue is.
    ///
    /// It goes before what waits of its account.
    package var isUrgent = false

    package init(account: UInt32 = 0, isUrgent: Bool = false) {
        self.account = account
        self.isUrgent = isUrgent
    }

    /// The turn of two changesets that are committed as one.
    package func with(_ other: CommitTurn) -> CommitTurn {
        CommitTurn(account: account == 0 ? other.account : account, isUrgent: isUrgent || other.isUrgent)
    }
}
