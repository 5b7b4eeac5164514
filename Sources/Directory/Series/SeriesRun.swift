import Locking
import Tenancy

/// How far a series has come.
///
/// Always in the order of its source: if a change fails because of a later one, what is staged is dropped and staged
/// anew without it. That needs no copies of what was staged, whose memory would grow with the square of the request.
struct SeriesRun<Source: ChangeSource> {
    typealias Outcome = ChangeSeries<Source>.Outcome

    /// By place.
    private(set) var outcomes: [Outcome?]

    private let series: ChangeSeries<Source>
    private let errorsMax: Int
    /// How far in the source's order.
    private var position = 0
    private var errorCount = 0
    /// Changes that are known to fail, by place, whenever their turn comes.
    private var refused: [Int: DirectoryError] = [:]
    private var goingsBackLeft = Self.goingsBackMax
    /// How many changes are staged before a commit: fewer after a conflict, more again after a commit.
    private var changesMax: Int
    private var pace = SeriesPace()

    /// How often a part is committed anew after a conflict, with half as many changes each time.
    private static var attemptsMax: Int { 4 }
    /// How often a run goes back because a creation failed that earlier changes refer to, or because they could not be
    /// committed together.
    ///
    /// After that, what refers to a later creation is refused at once, so that the work stays in proportion to the request
    /// (RFC 7644 §3.7.1).
    private static var goingsBackMax: Int { 16 }

    init(_ series: ChangeSeries<Source>, errorsMax: Int) {
        self.series = series
        self.errorsMax = errorsMax
        outcomes = Array(repeating: nil, count: series.source.order.count)
        changesMax = outcomes.count
    }

    private var order: [Int] { series.source.order }

    var isDone: Bool { position == order.count || errorCount >= errorsMax }

    /// Commits the next changes, as many as one commit should hold.
    mutating func commitNext() async {
        let start = position
        let refusedBefore = refused
        for _ in 0..<Self.attemptsMax {
            goBack(to: start)
            refused = refusedBefore
            var part = SeriesPart(series.directory, start: start, changesMax: changesMax)
            guard await stage(&part) else { return await makeAlone(otherwise: Self.tooLarge) }
            do throws(DirectoryError) {
                if try await part.transaction.commit() {
                    changesMax = min(2 * changesMax, order.count)
                    return countErrors()
                }
                // Fewer changes meet fewer changes of others; so do those that follow, as long as others are that busy.
                changesMax = max(1, min(changesMax, position - start) / 2)
            } catch {
                return fail(part, error)
            }
        }
        goBack(to: start)
        refused = refusedBefore
        await makeAlone(otherwise: .busy)
    }

    /// Fails what was staged, and the refusals behind it: they may rest on what has not come to be.
    private mutating func fail(_ part: SeriesPart, _ error: DirectoryError) {
        var hasStaged = false
        for place in order[part.start..<position] {
            if case .success = outcomes[place] { hasStaged = true }
            if hasStaged { outcomes[place] = .failure(error) }
        }
        countErrors()
    }

    /// Makes the next change as a request of its own would, because it cannot be staged.
    ///
    /// `error`: why that is refused to a change which needs a later one in the same commit.
    private mutating func makeAlone(otherwise error: DirectoryError) async {
        let place = order[position]
        do throws(DirectoryError) {
            let step = try await step(at: place)
            guard awaited(by: step).isEmpty else {
                goingsBackLeft -= 1
                throw error
            }
            finish(place, .success(try await series.directory.perform(step.change)))
        } catch {
            finish(place, .failure(error))
        }
    }

    private static var tooLarge: DirectoryError {
        .tooLarge("The change does not fit into one commit with the resources that it refers to.")
    }
}

// MARK: - Stages

extension SeriesRun {
    /// Stages changes until a commit is worthwhile; false if the first one is too large to be staged.
    private mutating func stage(_ part: inout SeriesPart) async -> Bool {
        while true {
            if isDone {
                guard !part.unmet.isEmpty else { return true }
                // What is waited for will not come any more.
                _ = refuse(waitingFor: part.unmet, nil, &part)
                continue
            }
            if part.unmet.isEmpty, position - part.start >= part.changesMax || part.transaction.isWorthwhile {
                return true
            }
            let place = order[position]
            do throws(DirectoryError) {
                let outcome = try await stage(place, &part)
                part.arrived(place)
                finish(place, .success(outcome))
            } catch .tooLarge where refused[place] == nil {
                if part.unmet.isEmpty { return position > part.start }
                _ = refuse(waitingFor: part.unmet, Self.tooLarge, &part)
            } catch {
                fail(place, error, &part)
            }
            if pace.isTurnDue(part.transaction.byteCount) { await giveWay() }
        }
    }

    private mutating func stage(
        _ place: Int,
        _ part: inout SeriesPart
    ) async throws(DirectoryError) -> ChangeOutcome {
        let step = try await step(at: place)
        let awaited = awaited(by: step)
        guard let first = awaited.first else { return try await part.transaction.stage(step.change) }
        guard goingsBackLeft > 0 else { throw .unmade(first) }
        var creations: [NewResource] = []
        for reference in awaited {
            guard let creation = series.source.creation(at: reference) else { throw .unmade(reference) }
            creations.append(creation)
        }
        part.transaction.announce(creations)
        do throws(DirectoryError) {
            let outcome = try await part.transaction.stage(step.change)
            part.add(.init(place: place, creations: awaited))
            return outcome
        } catch {
            let needless = zip(awaited, creations).filter { !part.unmet.contains($0.0) }
            part.transaction.revoke(needless.map(\.1))
            throw error
        }
    }

    /// The change at a place, unless it or what it refers to is known to fail.
    private func step(at place: Int) async throws(DirectoryError) -> ChangeStep {
        if let error = refused[place] { throw error }
        let step = try await series.directory.step(of: series.source, at: place)
        for reference in step.references.sorted() {
            if refused[reference] != nil { throw .unmade(reference) }
            if case .failure = outcomes[reference] { throw .unmade(reference) }
        }
        return step
    }

    /// The creations that a change refers to and that have not been carried out yet.
    private func awaited(by step: ChangeStep) -> [Int] {
        step.references.filter { outcomes[$0] == nil }.sorted()
    }
}

// MARK: - Failures

extension SeriesRun {
    private mutating func finish(_ place: Int, _ outcome: Outcome) {
        outcomes[place] = outcome
        position += 1
        if case .failure = outcome { errorCount += 1 }
    }

    /// Notes a failure; if changes wait for this one, stages all anew without them.
    private mutating func fail(_ place: Int, _ error: DirectoryError, _ part: inout SeriesPart) {
        if refuse(waitingFor: [place], nil, &part) {
            refused[place] = error
        } else {
            finish(place, .failure(error))
        }
    }

    /// Refuses the staged changes that refer to what does not come, and those that refer to them in turn, and drops what
    /// is staged; false if there are none.
    ///
    /// `error`: why, if not for what they refer to.
    private mutating func refuse(
        waitingFor missing: Set<Int>,
        _ error: DirectoryError?,
        _ part: inout SeriesPart
    ) -> Bool {
        var missing = missing
        var refusals: [Int: DirectoryError] = [:]
        var count: Int
        repeat {
            count = refusals.count
            for wait in part.waits where !missing.contains(wait.place) {
                guard let reference = wait.creations.first(where: missing.contains) else { continue }
                refusals[wait.place] = error ?? .unmade(reference)
                missing.insert(wait.place)
            }
        } while refusals.count > count
        guard !refusals.isEmpty else { return false }
        refused.merge(refusals) { first, _ in first }
        goingsBackLeft -= 1
        goBack(to: part.start)
        part = part.anew(series.directory)
        return true
    }

    private mutating func goBack(to earlier: Int) {
        for place in order[earlier..<position] { outcomes[place] = nil }
        position = earlier
        countErrors()
    }

    private mutating func countErrors() {
        errorCount = outcomes.count { if case .failure = $0 { true } else { false } }
    }
}

/// What one commit of a series will hold.
struct SeriesPart {
    /// A change that was staged before the resources which it refers to.
    struct Wait {
        let place: Int
        /// The places of those resources' creations.
        let creations: [Int]
    }

    let transaction: ChangeTransaction
    /// The position of the first change.
    let start: Int
    /// Changes after which the part is committed, if none waits.
    let changesMax: Int
    /// One whose creations have come stays as long as there are others: a creation may wait itself, and be dropped.
    private(set) var waits: [Wait] = []
    /// The creations that are still to come; while there are any, nothing can be committed.
    private(set) var unmet: Set<Int> = []

    init(_ directory: ResourceDirectory, start: Int, changesMax: Int) {
        transaction = ChangeTransaction(directory)
        self.start = start
        self.changesMax = changesMax
    }

    mutating func add(_ wait: Wait) {
        waits.append(wait)
        unmet.formUnion(wait.creations)
    }

    /// Notes that the change at a place was staged.
    mutating func arrived(_ place: Int) {
        unmet.remove(place)
        if unmet.isEmpty { waits.removeAll() }
    }

    /// The same part with nothing staged.
    func anew(_ directory: ResourceDirectory) -> SeriesPart {
        SeriesPart(directory, start: start, changesMax: changesMax)
    }
}
