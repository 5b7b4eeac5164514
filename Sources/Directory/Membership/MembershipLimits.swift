import Tenancy

/// How many memberships one commit changes, so that whoever waits for the next one waits only a little.
///
/// A membership is two rows. What a change needs beyond these limits is done in slices, before it or after it, by commits that
/// nobody sees the effect of: see ``SetChange``, ``MembershipBuild`` and ``ResourceDirectory/settleMemberships()``.
package struct MembershipLimits: Sendable {
    /// Memberships that a change begins or ends in its own commit, each by its name.
    package var namedMax = 5_000
    /// Memberships that end with their group, or when others take their place, in the commit of that change.
    package var endedMax = 1_000
    /// Groups that a deleted member leaves in the commit of the deletion; each has a record of its own.
    package var leftMax = 200
    /// Memberships of one slice.
    package var sliceMax = Administration.rowsPerCommitMax / 2
    /// Groups that a deleted member leaves in one slice: a membership, a stamp and a record each.
    package var leftPerSliceMax = 100

    package init() {}
}
