import Directory
import JSON
import Locking
import Tenancy

/// Carries the lines of an export out, each in a changeset of its own, of which the store makes many durable at once.
///
/// ```
/// resource ─► resource ─► … ─► commit ─► members ─► members ─► … ─► commit
///                               ▲ meanwhile, the next lines are computed, if they do not rest on these
/// ```
///
/// Nothing is staged: what lines rest on is durable before they are computed, and what they meet in nevertheless, such as a name
/// that is there twice, shows when they are decided, in their order.
struct SeparateLines: Sendable {
    let directory: ResourceDirectory
    /// Finds out what a line asks for.
    let read: @Sendable (ExportedLine) throws(ImportStop) -> (change: Change, made: ImportOutcome)

    typealias Result = Swift.Result<ImportOutcome, ImportFault>

    /// Lines that do not rest on each other, and what becomes of them.
    private struct Part: Sendable {
        enum Line: Sendable {
            case refused(ImportFault)
            case computed(Change, made: ImportOutcome)
        }

        let areMembers: Bool
        var lines: [Line] = []
        var changes: SeparateChanges
    }

    /// Carries all lines out.
    ///
    /// - Returns: what became of each, in order.
    func run(_ lines: [ExportedLine]) async throws(AdministrationError) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(lines.count)
        var next: Part?
        while results.count < lines.count {
            let part: Part =
                if let next { next } else { try await compute(lines[results.count...]) }
            let rest = lines[(results.count + part.lines.count)...]
            async let made = make(part)
            let ahead = await computeAhead(rest, of: part)
            results += try await made.get()
            next = try ahead.get()
        }
        return results
    }

    /// What comes after a part, unless it rests on that.
    private func computeAhead(
        _ lines: ArraySlice<ExportedLine>,
        of part: Part
    ) async -> Swift.Result<Part?, AdministrationError> {
        guard let first = lines.first, first.namesMembers == part.areMembers else { return .success(nil) }
        do throws(AdministrationError) { return .success(try await compute(lines)) } catch {
            return .failure(error)
        }
    }

    /// Computes the first of the lines, as many as are worth committing.
    private func compute(_ lines: ArraySlice<ExportedLine>) async throws(AdministrationError) -> Part {
        var part = Part(
            areMembers: lines.first?.namesMembers == true,
            changes: SeparateChanges(directory)
        )
        var pace = SeriesPace()
        for line in lines {
            guard !part.changes.areWorthwhile, line.namesMembers == part.areMembers else { break }
            do throws(ImportStop) {
                part.lines.append(try await computed(line, in: &part.changes))
            } catch {
                part.lines.append(.refused(try error.fault()))
            }
            if pace.isTurnDue(part.changes.byteCount) { await giveWay() }
        }
        return part
    }

    private func computed(
        _ line: ExportedLine,
        in changes: inout SeparateChanges
    ) async throws(ImportStop) -> Part.Line {
        let (change, made) = try read(line)
        do throws(DirectoryError) { try await changes.add(change) } catch { throw ImportStop(error) }
        return .computed(change, made: made)
    }

    /// Commits a part; what something has come between is made alone.
    private func make(_ part: Part) async -> Swift.Result<[Result], AdministrationError> {
        var outcomes = await part.changes.commit()[...]
        var results: [Result] = []
        results.reserveCapacity(part.lines.count)
        for line in part.lines {
            switch line {
            case .refused(let fault): results.append(.failure(fault))
            case .computed(let change, let made):
                do throws(ImportStop) {
                    let outcome = try await outcome(of: change, committed: outcomes.removeFirst())
                    results.append(.success(outcome.hasChanged ? made : .unchanged))
                } catch {
                    do throws(AdministrationError) { results.append(.failure(try error.fault())) } catch {
                        return .failure(error)
                    }
                }
            }
        }
        return .success(results)
    }

    private func outcome(
        of change: Change,
        committed: SeparateChanges.Outcome
    ) async throws(ImportStop) -> ChangeOutcome {
        do throws(DirectoryError) {
            if let committed { return try committed.get() }
            return try await directory.perform(change)
        } catch {
            throw ImportStop(error)
        }
    }
}

extension ImportStop {
    /// Why the line is not imported.
    ///
    /// - Throws: what ends the whole batch.
    fileprivate func fault() throws(AdministrationError) -> ImportFault {
        switch self {
        case .line(let fault): return fault
        case .batch(let error): throw AdministrationError(error)
        }
    }
}

extension ExportedLine {
    /// Whether the line has members of a group, which rest on the resources of earlier lines; it then has no schemas.
    fileprivate var namesMembers: Bool {
        guard case .object(let object) = value else { return false }
        return object["schemas"] == nil
    }
}
