import Directory
import JSON
import SCIM
import Storage
import Tenancy

/// Answers a query in steps of bounded work, so that a long one neither blocks its loop nor holds a snapshot open.
///
/// ```
///                                       ┌► write | skip | count ─────────────────┐
/// advance ─► look at resources ─► filter┤                                        ├► budget spent? ─► advance …
///                                       └► keep the best ─► write them ──────────┘
/// ```
///
/// Each step reads a snapshot of its own and finds its place by key. A query that takes one step, as every look-up by
/// an indexed attribute does, therefore sees one state; a longer one may see changes that come between its steps
/// (RFC 7644 §3.4.2.4 lets an index page drift).
package struct QueryRun: Sendable {
    /// How much one step may do, in units of ``WorkBudget``: about a millisecond of a processor.
    package static let stepBudget = 100_000
    /// The same for the step on a loop, where the request has been read and understood at the same stretch.
    static let stepBudgetOnLoop = 100_000
    /// What is left of it, at least, for a tenant with many long queries.
    static let stepBudgetOnLoopMin = 10_000

    static let resourceCost = 25
    static let evaluationCost = 300
    static let memberCost = 300

    /// The answer's body; whole after ``advance()`` has returned true.
    package internal(set) var body: [UInt8] = []
    /// The resource of a single read, once it has been found.
    package internal(set) var version: CommitVersion?
    package internal(set) var location: String?
    /// The member with which the next page of members begins; nil behind the last one.
    package internal(set) var nextMember: UniqueID?
    /// Members of a page that have been written.
    var membersWritten = 0
    /// Whether the body is handed out while it is written.
    var isStreamed = false
    /// Bytes of the body that have been handed out.
    var bytesTaken = 0
    /// Whether the body was whole after the last step.
    var isWhole = false

    let query: ResourceQuery
    /// The one resource asked for as a change has left it; nil for what is stored.
    let left: ChangedResource?
    /// Nil if one resource is asked for.
    let page: ResourceQuery.Page?
    /// The cursor's position if the list is walked; nil for lists that are sorted, or by index, and if none is wanted.
    let walk: ListPosition?
    private let environment: DirectoryEnvironment
    private let store: any Store

    /// The part of the query that is being answered.
    private(set) var partIndex = 0
    var part: ResourceQuery.Part
    var plan: QueryPlan?
    var nextCandidate = 0
    var lastID: UniqueID?
    /// Resources of the parts before this one: how many matched, and how many there are in all.
    private var matchedBefore = 0
    private(set) var totalBefore = 0
    /// Resources that match, and how many of them are in the body.
    var matched = 0
    var written = 0
    /// How many resources the answer shows; nil while it is handed out.
    package var shownCount: Int? { isStreamed ? nil : written }
    /// The resource whose members are being written, and the member to go on with.
    var open: OpenResource?
    /// How often a resource of a list may still be begun again, since it changed while its members were written.
    var beginningsLeft = 8
    /// Where the resources of a page that is written backward begin in the body, the last of the page first.
    var beginnings: [Int] = []
    let answerMemory: QueryMemory
    /// What of it a long answer has taken.
    var answerShare: QueryMemory.Share?
    private let candidateMemory: QueryMemory
    /// What of it the ids that indexes have named take.
    var candidateShare: QueryMemory.Share?
    var budget = 0
    /// What all steps together may cost.
    private var total: WorkBudget
    /// Where the step is taken.
    private(set) var pace = WorkPace.loop

    /// The best places of a sorted list, or of a page by cursor, so far; nil if matches are written as they are found.
    var places: SortedPlaces?
    /// Whether a list is walked in the order of an index, so that it ends with its page.
    var isInOrder = false
    /// Whether every resource is looked at, as no index answers the filter or has the order.
    package internal(set) var looksAtAll = false
    /// Whether every match has been counted.
    var sawAll = true
    /// The list, if it is remembered where its pages end.
    var walked: WalkedList?
    let lists: RememberedLists
    private let texts: GroupTexts
    /// Writes the part's resources at the step's pace.
    private(set) var renderer: ResourceRenderer
    /// What is known of a page by cursor; nil before its places have been chosen.
    var cursorPage: CursorPage?
    /// Once all have been seen: what is to be written, the last first.
    private var chosen: [ListPlace]?
    var lastWritten: ListPlace?

    init(
        _ query: ResourceQuery,
        left: ChangedResource?,
        store: any Store,
        environment: DirectoryEnvironment,
        sortMemory: QueryMemory,
        answerMemory: QueryMemory,
        candidateMemory: QueryMemory,
        lists: RememberedLists,
        texts: GroupTexts,
        total: WorkBudget
    ) {
        self.lists = lists
        self.texts = texts
        self.total = total
        self.answerMemory = answerMemory
        self.candidateMemory = candidateMemory
        self.query = query
        self.left = left
        self.store = store
        self.environment = environment
        part = query.first
        renderer = query.renderer(of: query.first, .loop, texts)
        page = if case .page(let page) = query.selection { page } else { nil }
        walk = page?.walk
        if let page { places = SortedPlaces(page, memory: sortMemory) }
        body.reserveCapacity(2_048)
        beginWalk()
    }

    private mutating func changeRenderer() { renderer = query.renderer(of: part, pace, texts) }

    /// Works on for one step; true once the body is whole.
    ///
    /// `share`: among how many the time on the loop is shared.
    ///
    /// - Throws: ``DirectoryError/notFound`` if the one resource asked for does not exist,
    ///   ``DirectoryError/rejected(_:)`` with `tooMany` if a sorted page lies too deep, or if all steps together cost more than
    ///   ``FilterLimits/workMax``; ``DirectoryError/tooLongForLoop`` if the step is too long for a loop, after which the run
    ///   counts for nothing.
    package mutating func advance(_ pace: WorkPace, share: Int = 1) throws(DirectoryError) -> Bool {
        let onLoop = max(Self.stepBudgetOnLoop / share, Self.stepBudgetOnLoopMin)
        let allowance = pace == .loop ? onLoop : Self.stepBudget
        budget = allowance
        if pace != self.pace {
            self.pace = pace
            changeRenderer()
        }
        let store = store
        var isDone = false
        try store.lending { snapshot throws(DirectoryError) in isDone = try step(snapshot) }
        total.spend(allowance - budget)
        spent += allowance - budget
        guard isDone || !total.isSpent else { throw .rejected(tooMuchWork) }
        return isDone
    }

    /// How many rows were looked at.
    package internal(set) var rowCount = 0
    /// The attributes whose indexes named resources, if ids were collected.
    var indexNames: String?

    /// What the steps so far have cost, in units of ``WorkBudget``.
    private(set) var spent = 0

    private var tooMuchWork: SCIMError {
        let attribute =
            part.filter?.firstAttribute.map { "no index of \($0) answers it" } ?? "it shows too much"
        return SCIMError(
            .tooMany,
            "The query looks at more than the server is ready to, as \(attribute): narrow it by an attribute that is indexed."
        )
    }

    /// What looking at one resource, or at a slice of them, may still cost.
    var allowed: WorkBudget { pace == .loop ? WorkBudget(FilterLimits.workOnLoopMax) : total }

    /// Evaluates something at a cost.
    ///
    /// - Throws: if it costs too much.
    mutating func evaluating<R>(_ body: (inout WorkBudget) -> R) throws(DirectoryError) -> R {
        var left = allowed
        let allowance = left.units
        let result = body(&left)
        budget -= allowance - left.units
        guard left.isSpent else { return result }
        throw pace == .loop ? .tooLongForLoop : .rejected(tooMuchWork)
    }

    /// Whether a resource fulfils the part's filter.
    mutating func fulfils(_ resource: JSONObject) throws(DirectoryError) -> Bool {
        guard let filter = part.filter else { return true }
        return try evaluating { filter.matches(resource, &$0) }
    }

    private mutating func step(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        if page != nil, body.isEmpty, !isStreamed { ListResponse.begin(&body) }
        if walked != nil { noteState(snapshot) }
        while budget > 0 {
            if open != nil {
                try writeMembers(snapshot)
            } else if chosen != nil {
                guard !isPageFull, let place = chosen?.popLast() else {
                    shortenCursorPage(leaving: chosen?.count ?? 0)
                    return try finish()
                }
                turn(to: place.part)
                lastWritten = place
                try write(place.id, snapshot)
            } else if try advancePart(snapshot), try !beginNextPart(snapshot) {
                guard let found = try choosePlaces(snapshot) else { return try finish() }
                chosen = found
            }
        }
        if walked != nil { noteMilestone() }
        return false
    }

    /// Works on the part for a while; true at its end.
    private mutating func advancePart(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        if plan == nil {
            let planner = QueryPlanner(
                part: part,
                query: query,
                environment: environment,
                pace: pace,
                memory: candidateMemory
            )
            let plan = try planner.plan(snapshot)
            beginRemembering(plan, snapshot)
            take(plan)
        }
        if knowsTheRest { return true }
        switch plan {
        case .walk(let rows):
            return walk == nil ? try considerSlice(rows, snapshot) : try walkSlice(rows, snapshot)
        case .matches(let ids, let areFresh):
            return try considerNext(of: ids, areFresh: areFresh, snapshot)
        case .order:
            return try orderSlice(snapshot)
        case .gather, nil:
            try gatherSlice(snapshot)
            return false
        case .candidates(let ids, let allMatch):
            return try considerNext(of: ids, allMatch: allMatch, snapshot)
        }
    }

    /// Looks at the next candidate; true at the end.
    private mutating func considerNext(
        of ids: [UniqueID],
        allMatch: Bool,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        guard ids.indices.contains(nextCandidate) else { return true }
        let id = ids[nextCandidate]
        nextCandidate += walkStep
        if allMatch, places == nil {
            try accept(id, snapshot)
        } else {
            try consider(id, isMatch: allMatch, snapshot)
        }
        return endsWalk()
    }

    /// Goes on to the next resource type; false if there is none.
    private mutating func beginNextPart(_ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        // Where a counter tells how many there are, a page that ends early has not seen them all.
        var count = 0
        if page != nil, let counter = plan?.counter { count = try snapshot.counter(counter) }
        totalBefore += max(matched - matchedBefore, count)
        if knowsTheRest, let total = walked?.total { totalBefore = total }
        matchedBefore = matched
        guard let next = nextPartIndex() else { return false }
        turn(to: next)
        (plan, nextCandidate, lastID) = (nil, 0, nil)
        return true
    }

    mutating func turn(to index: Int) {
        guard index != partIndex, let next = query.part(index) else { return }
        partIndex = index
        part = next
        changeRenderer()
    }

    private mutating func finish() throws(DirectoryError) -> Bool {
        guard let page else {
            guard written == 1 else { throw .notFound }
            return true
        }
        if let cursor = page.cursor {
            finish(cursor)
        } else {
            rememberEnd(total: totalBefore)
            ListResponse.end(
                &body,
                totalResults: totalBefore,
                startIndex: page.startIndex,
                itemsPerPage: written
            )
        }
        return true
    }
}
