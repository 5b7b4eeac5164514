import Storage

/// What a request makes of a resource's members, as a ``MembershipRun`` has found it out.
///
/// A reference type, because every step of a change passes it along.
final class FoundMembership: Sendable {
    let delta: MembershipDelta
    /// How many members there are afterwards, counted up to ``ResourceDirectory/membersAnsweredMax`` and one more.
    let memberCount: Int
    /// The set that holds the memberships before the change.
    let set: UniqueID

    /// Takes what a run has found that is done.
    init(_ run: MembershipRun) {
        precondition(run.isDone)
        delta = run.delta
        memberCount = run.memberCount
        set = run.set
    }

    /// Nothing, as for a resource whose kind has no members.
    init(nothingIn set: UniqueID) {
        delta = MembershipDelta()
        memberCount = 0
        self.set = set
    }
}

/// A run after the step that it takes with the look at the resource.
///
/// One that is done, as nearly all are, hands on only what it has found: the run itself is large.
enum BegunMembership {
    case found(FoundMembership)
    indirect case unfinished(MembershipRun)

    init(_ run: MembershipRun) {
        self = run.isDone ? .found(FoundMembership(run)) : .unfinished(run)
    }

    /// As far as they have been counted.
    var memberCount: Int {
        switch self {
        case .found(let found): found.memberCount
        case .unfinished(let run): run.memberCount
        }
    }
}
