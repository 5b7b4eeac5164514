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

    /// Carries out all items.
    ///
    /// - Returns: what became of each, in order. If one of them failed and all or none were asked for, none is done.
    func run<Item: Sendable>(
        _ items: [Item],
        _ step: Step<Item>
    ) async throws(AdministrationError) -> [Result<ImportOutcome, ImportFault>] {
        var results: [Result<ImportOutcome, ImportFault>] = []
        while results.count < items.count {
            results += try await commitPart(of: items[results.count...], step)
        }
        return results
    }

    /// Commits the first of the items, as many as one commit should hold; computes fewer of them again after a conflict.
    private func commitPart<Item: Sendable>(
        of items: ArraySlice<Item>,
        _ step: Step<Item>
    ) async throws(AdministrationError) -> [Result<ImportOutcome, ImportFault>] {
        for attempt in 0...ResourceActor.conflictRetriesMax {
            let transaction = ChangeTransaction(directory)
            var results: [Result<ImportOutcome, ImportFault>] = []
            // Fewer lines meet fewer changes of others.
            let count = options.isAtomic ? items.count : max(1, items.count >> attempt)
            var pace = SeriesPace()
            for item in items.prefix(count) {
                guard options.isAtomic || options.isDryRun || !transaction.isWorthwhile else { break }
                results.append(try await result(of: item, transaction, step))
                if pace.isTurnDue(transaction.byteCount) { await giveWay() }
            }
            let hasFailed = results.contains { if case .failure = $0 { true } else { false } }
            guard !options.isDryRun, !options.isAtomic || !hasFailed else { return results }
            do throws(DirectoryError) {
                if try await transaction.commit() { return results }
            } catch {
                throw AdministrationError(error)
            }
        }
        throw .conflict
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
