import Directory
import SCIM
import Storage
import Tenancy

// A page by index goes on where one before it has ended, as long as no resource of the tenant has changed.

extension QueryRun {
    /// A list that is gone through, and what is found of it on the way.
    struct WalkedList: Sendable {
        let list: RememberedLists.List
        /// Of the tenant's resources, in all steps so far.
        let state: UInt64
        /// How many match in all, if a page before has seen that.
        var total: Int?
        /// The last place of the page.
        var end: RememberedLists.Place?
        var milestones: [RememberedLists.Place] = []
        /// Steps from one milestone to the next, and those since the last.
        var stepsApart = 1
        var steps = 0
    }

    /// Fewer resources that indexes name are looked at rather than remembered.
    private static let candidatesMin = 256

    private var before: Int { (page?.startIndex ?? 1) - 1 }

    /// Begins to remember a list that takes more than a look at what an index names.
    mutating func beginRemembering(_ plan: QueryPlan, _ snapshot: borrowing Snapshot) {
        guard let page, page.cursor == nil, part.filter != nil || part.sort != nil else { return }
        switch plan {
        case .candidates(let ids, let allMatch):
            guard !allMatch, ids.count > Self.candidatesMin else { return }
        case .matches: return
        case .walk(let rows): guard places == nil, !rows.areRecords || part.filter != nil else { return }
        case .gather: guard places == nil else { return }
        case .order: break
        }
        guard let state = snapshot.state(of: query.tenant), let list = RememberedLists.List(query, page)
        else { return }
        walked = WalkedList(list: list, state: state)
    }

    /// A plan that goes on at the last place before the page that is remembered.
    mutating func recalled(_ plan: QueryPlan) -> QueryPlan {
        guard let walked else { return plan }
        if case .gather = plan { return plan }
        guard let known = lists.recall(walked.list, in: walked.state, before: before) else { return plan }
        self.walked?.total = known.total
        guard let place = known.place else { return plan }
        switch (plan, place.mark) {
        case (.walk, .id(let id)): lastID = id
        case (.candidates(let ids, _), .id(let id)):
            nextCandidate = ids.firstIndex { id < $0 } ?? ids.count
        case (.order(var list), .order(let mark)):
            list.rows?.go(to: mark)
            matched = place.matched
            return .order(list)
        case (.order(let list), .missing(let id)):
            matched = place.matched
            return .order(
                OrderedList(endsWithMissing: true, lastMissing: id, counter: list.counter)
            )
        default: return plan
        }
        matched = place.matched
        return plan
    }

    /// Forgets the list if a step sees another state than those before.
    mutating func noteState(_ snapshot: borrowing Snapshot) {
        if snapshot.state(of: query.tenant) != walked?.state { walked = nil }
    }

    /// Whether nothing is left to be looked at: the page is full, or behind the end, and how many match is known.
    var knowsTheRest: Bool {
        guard let total = walked?.total, let page else { return false }
        return written >= page.count || isPageFull || before >= total || matched >= total
    }

    /// Notes a place up to which so many match as do by now, if it is not behind the page.
    mutating func noteEnd(_ mark: RememberedLists.Mark) {
        walked?.end = RememberedLists.Place(matched: matched, mark: mark)
    }

    /// Notes how far a step has come, now and then.
    mutating func noteMilestone() {
        guard var walked else { return }
        walked.steps += 1
        defer { self.walked = walked }
        guard walked.steps >= walked.stepsApart, let place = place() else { return }
        walked.steps = 0
        guard place.matched > walked.milestones.last?.matched ?? 0 else { return }
        walked.milestones.append(place)
        guard walked.milestones.count > 2 * RememberedLists.milestonesMax else { return }
        walked.milestones.thin()
        walked.stepsApart *= 2
    }

    /// How far the run has come, if it can be told.
    private func place() -> RememberedLists.Place? {
        switch plan {
        case .walk:
            return lastID.map {
                RememberedLists.Place(matched: matched, mark: isInOrder ? .missing($0) : .id($0))
            }
        case .candidates(let ids, _):
            guard nextCandidate > 0, ids.indices.contains(nextCandidate - 1) else { return nil }
            return RememberedLists.Place(matched: matched, mark: .id(ids[nextCandidate - 1]))
        case .order: return walked?.end
        case .matches, .gather, nil: return nil
        }
    }

    /// Remembers where the page ends, once all has been counted.
    func rememberEnd(total: Int) {
        guard let walked else { return }
        lists.remember(
            walked.list,
            in: walked.state,
            total: total,
            end: walked.end,
            milestones: walked.milestones
        )
    }
}
