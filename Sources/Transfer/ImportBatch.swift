import Directory
import Locking
import SCIM
import Storage
import Tenancy

/// Carries the lines of a batch out, in as few commits as they fit into.
struct ImportBatch: Sendable {
    let directory: ResourceDirectory
    let options: ImportOptions

    /// What a line asks for: it reads and changes through the transaction's directory.
    typealias Step<Item> = @Sendable (Item, ChangeTransaction) async throws(ImportStop) -> ImportOutcome

    /// Lines that are staged for one commit, and what becomes of them once it is made.
    private struct Part: Sendable {
        let transaction: ChangeTransaction
        var results: [Result<ImportOutcome, ImportFault>] = []

        var hasFailed: Bool { results.contains { if case .failure = $0 { true } else { false } } }
    }

    /// Carries out all items, as many in a commit as one should hold; while it becomes durable, the next are staged over it.
    ///
    /// - Returns: what became of each, in order. If one of them failed and all or none were asked for, none is done.
    func run<Item: Sendable>(
        _ items: [Item],
        _ step: Step<Item>
    ) async throws(AdministrationError) -> [Result<ImportOutcome, ImportFault>] {
        var results: [Result<ImportOutcome, ImportFault>] = []
        var attempt = 0
        var part = try await part(of: items[...], in: ChangeTransaction(directory), attempt: 0, step)
        while true {
            let current = part
            let rest = items[(results.count + current.results.count)...]
            async let outcome = commit(current)
            let ahead = await next(rest, after: current, step)
            switch await outcome {
            case .success(true):
                attempt = 0
                results += current.results
                guard let following = try ahead.get() else { return results }
                following.transaction.settle()
                part = following
            case .success(false):
                // Somebody has changed what the lines rest on, and with them those that were staged over them.
                guard attempt < ResourceActor.conflictRetriesMax else { throw .conflict }
                attempt += 1
                part = try await self.part(
                    of: items[results.count...],
                    in: ChangeTransaction(directory),
                    attempt: attempt,
                    step
                )
            case .failure(let error): throw error
            }
        }
    }

    /// What comes after a part, if anything does.
    private func next<Item: Sendable>(
        _ items: ArraySlice<Item>,
        after part: Part,
        _ step: Step<Item>
    ) async -> Result<Part?, AdministrationError> {
        guard !items.isEmpty else { return .success(nil) }
        do throws(AdministrationError) {
            return .success(try await self.part(of: items, in: part.transaction.next(), attempt: 0, step))
        } catch {
            return .failure(error)
        }
    }

    /// Stages the first of the items: fewer at a further attempt, as fewer lines meet fewer changes of others.
    private func part<Item: Sendable>(
        of items: ArraySlice<Item>,
        in transaction: ChangeTransaction,
        attempt: Int,
        _ step: Step<Item>
    ) async throws(AdministrationError) -> Part {
        var part = Part(transaction: transaction)
        let count = options.isAtomic ? items.count : max(1, items.count >> attempt)
        var pace = SeriesPace()
        for item in items.prefix(count) {
            guard options.isAtomic || options.isDryRun || !transaction.isWorthwhile else { break }
            part.results.append(try await result(of: item, transaction, step))
            if pace.isTurnDue(transaction.byteCount) { await giveWay() }
        }
        return part
    }

    /// Commits a part, unless nothing is to be changed; false after a conflict.
    private func commit(_ part: Part) async -> Result<Bool, AdministrationError> {
        guard !options.isDryRun, !options.isAtomic || !part.hasFailed else { return .success(true) }
        do throws(DirectoryError) { return .success(try await part.transaction.commit()) } catch {
            return .failure(AdministrationError(error))
        }
    }

    private func result<Item: Sendable>(
        of item: Item,
        _ transaction: ChangeTransaction,
        _ step: Step<Item>
    ) async throws(AdministrationError) -> Result<ImportOutcome, ImportFault> {
        do throws(ImportStop) {
            return .success(try await step(item, transaction))
        } catch {
            switch error {
            case .line(let fault): return .failure(fault)
            case .batch(let error): throw AdministrationError(error)
            }
        }
    }
}

/// What ends a line, or the whole batch.
enum ImportStop: Error, Sendable, CustomStringConvertible {
    case line(ImportFault)
    case batch(DirectoryError)

    static func line(_ reason: String, column: String? = nil) -> ImportStop {
        .line(ImportFault(reason, column: column))
    }

    var description: String {
        switch self {
        case .line(let fault): fault.description
        case .batch(let error): error.description
        }
    }

    init(_ error: DirectoryError) {
        self =
            switch error {
            case .rejected(let error): .line(error.detail)
            case .notFound: .line("The resource is gone.")
            case .tooLarge(let reason): .line(reason)
            default: .batch(error)
            }
    }
}
