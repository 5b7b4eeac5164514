import Locking
import SCIM
import Storage
import Tenancy

/// The changes that one request asks for, made one at a time when their turn has come.
package protocol ChangeSource: Sendable {
    /// The places of all changes, in the order in which they are carried out.
    var order: [Int] { get }

    /// The resource that the change at a place brings into being; nil if it creates none.
    func creation(at place: Int) -> NewResource?

    /// The change at a place; asked for again after a conflict.
    ///
    /// - Throws: ``DirectoryError/tooLongForLoop`` if finding out takes too long for a loop.
    func step(at place: Int, _ pace: WorkPace) throws(DirectoryError) -> ChangeStep

    /// Whose changes they are.
    var tenant: UInt32 { get }
}

extension ResourceDirectory {
    /// The change at a place of a source, which is found out beside the loops if that takes long.
    func step<Source: ChangeSource>(
        of source: Source,
        at place: Int
    ) async throws(DirectoryError) -> ChangeStep {
        do throws(DirectoryError) { return try source.step(at: place, .loop) } catch .tooLongForLoop {
            return try await inBackground(of: source.tenant) { () throws(DirectoryError) in
                try source.step(at: place, .background)
            }
        }
    }
}

/// One change of a series.
package struct ChangeStep: Sendable {
    package let change: Change
    /// The places of the changes whose new resources this one refers to.
    package let references: Set<Int>

    package init(_ change: Change, references: Set<Int> = []) {
        self.change = change
        self.references = references
    }
}

/// Changes that are carried out in their order, in as few commits as they fit into (RFC 7644 §3.7).
///
/// ```
/// change ─► staged ─► change ─► refused ─► change ─► staged ─► … ─► commit
///             │ refers to what comes later           ▲
///             └── announced, till it is created ─────┘  if that is refused: all anew, without this one
/// ```
///
/// A change that fails leaves the others alone. A change may refer to a resource that a later one creates, in a circle
/// too: both are then in one commit. Whatever fails, the outcome is that of the successful changes one by one.
package struct ChangeSeries<Source: ChangeSource>: Sendable {
    package typealias Outcome = Result<ChangeOutcome, DirectoryError>

    let directory: ResourceDirectory
    let source: Source

    package init(_ source: Source, in directory: ResourceDirectory) {
        self.source = source
        self.directory = directory
    }

    /// Carries the changes out, and yields between them; each leaves its own audit record.
    ///
    /// `errorsMax`: after so many failures the rest is not carried out.
    /// - Returns: what became of each change, by its place; nil if it was not carried out.
    package func run(errorsMax: Int? = nil) async -> [Outcome?] {
        var run = SeriesRun(self, errorsMax: errorsMax ?? .max)
        while !run.isDone { await run.commitNext() }
        return run.outcomes
    }

    /// Carries the changes out in one commit, all or none; each leaves its own audit record.
    ///
    /// A conflict with somebody else's change is tried again, at most ``ResourceActor/conflictRetriesMax`` times.
    /// - Returns: the outcomes by their places.
    /// - Throws: ``FailedChange`` with ``DirectoryError/tooLarge(_:)`` if the changes do not fit into one commit.
    package func runTogether() async throws(FailedChange) -> [ChangeOutcome] {
        for _ in 0...ResourceActor.conflictRetriesMax {
            let transaction = ChangeTransaction(directory)
            transaction.announce(source.order.compactMap(source.creation))
            var outcomes: [(place: Int, outcome: ChangeOutcome)] = []
            var failed: FailedChange?
            var pace = SeriesPace()
            for place in source.order {
                do throws(DirectoryError) {
                    let change = try await directory.step(of: source, at: place).change
                    outcomes.append((place, try await transaction.stage(change)))
                } catch {
                    failed = FailedChange(place: place, error: error)
                    break
                }
                if pace.isTurnDue(transaction.byteCount) { await giveWay() }
            }
            let isOver: Bool
            do throws(DirectoryError) {
                // All were to be made in one moment, so that a refusal too is judged by one.
                isOver = failed == nil ? try await transaction.commit() : try transaction.stillHolds()
            } catch {
                throw FailedChange(place: nil, error: error)
            }
            guard isOver else { continue }
            if let failed { throw failed }
            return outcomes.sorted { $0.place < $1.place }.map(\.outcome)
        }
        throw FailedChange(place: nil, error: .busy)
    }
}

/// Which of several changes failed, so that none was made.
package struct FailedChange: Error, Sendable, Equatable, CustomStringConvertible {
    /// The change's place among the others; nil if it was their commit that failed.
    package let place: Int?
    package let error: DirectoryError

    package init(place: Int?, error: DirectoryError) {
        self.place = place
        self.error = error
    }

    package var description: String { error.description }
}
