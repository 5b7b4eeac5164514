import Audit
import Directory
import SCIM
import Storage
import Tenancy

/// Takes resources into a tenant and gives them out again, on an operator's behalf, a bounded batch at a time.
///
/// ```
/// file ─► lines ─► batch ─► each line staged on its own ─► one commit
///                             │ refused: told by its line, the others go on
/// ```
package struct TenantTransfer: Sendable {
    let directory: ResourceDirectory
    let access: TenantAccess

    /// Lines of one batch.
    package static let linesMax = 1_000
    /// Lines of a batch that is done as a whole or not at all.
    package static let atomicLinesMax = 5_000
    /// Columns of a table.
    package static let columnsMax = 100

    init(directory: ResourceDirectory, access: TenantAccess) {
        self.directory = directory
        self.access = access
    }
}

extension Administration {
    /// What an operator may import into a tenant and export from it.
    package func transfer(
        _ name: String,
        by actor: AuditActor,
        in directory: ResourceDirectory
    ) throws(AdministrationError) -> TenantTransfer {
        let access = try access(to: name, by: actor)
        return TenantTransfer(directory: directory, access: access)
    }

    /// Whether an identity provider keeps the tenant's users and groups: SCIM is enabled and a token is live.
    package func isConnected(_ name: String) throws(AdministrationError) -> Bool {
        let now = environment.now()
        guard try tenant(name).isSCIMEnabled else { return false }
        return try tokens(of: name).contains { $0.isLive(at: now) }
    }
}

/// How an import is carried out.
package struct ImportOptions: Sendable {
    /// All lines or none, in one commit.
    package var isAtomic = false
    /// Whether the lines are only looked at.
    package var isDryRun = false

    package init() {}
}

/// One line of a table: its number in the file, from 1, and its cells in the order of the columns.
package struct ImportLine: Sendable {
    package let number: Int
    package let cells: [String]

    package init(number: Int, cells: [String]) {
        self.number = number
        self.cells = cells
    }
}

/// What became of the lines of a batch.
package struct ImportReport: Sendable, Equatable {
    /// A line that was refused; nothing of it was imported.
    package struct Refusal: Sendable, Equatable {
        package let line: Int
        /// The column's name as the file has it; nil if the reason lies in no single one.
        package let column: String?
        /// A sentence without any value of the line.
        package let reason: String
    }

    package fileprivate(set) var created = 0
    package fileprivate(set) var updated = 0
    package fileprivate(set) var unchanged = 0
    package fileprivate(set) var refusals: [Refusal] = []
    /// The first lines of each outcome, at most ``examplesMax``.
    package fileprivate(set) var createdLines: [Int] = []
    package fileprivate(set) var updatedLines: [Int] = []
    package fileprivate(set) var unchangedLines: [Int] = []

    /// Lines of each outcome that a report names.
    package static let examplesMax = 10

    /// Takes back what was counted, because a refused line holds up all the others.
    mutating func undo() {
        (created, updated, unchanged) = (0, 0, 0)
        (createdLines, updatedLines, unchangedLines) = ([], [], [])
    }

    mutating func add(_ line: Int, _ result: Result<ImportOutcome, ImportFault>) {
        func keep(_ line: Int, in lines: inout [Int]) {
            if lines.count < Self.examplesMax { lines.append(line) }
        }
        switch result {
        case .success(.created):
            created += 1
            keep(line, in: &createdLines)
        case .success(.updated):
            updated += 1
            keep(line, in: &updatedLines)
        case .success(.unchanged):
            unchanged += 1
            keep(line, in: &unchangedLines)
        case .failure(let fault):
            refusals.append(Refusal(line: line, column: fault.column, reason: fault.reason))
        }
    }
}

/// What importing a line came to.
enum ImportOutcome: Sendable { case created, updated, unchanged }

/// Why a line is not imported.
struct ImportFault: Error, Sendable, Equatable, CustomStringConvertible {
    let column: String?
    let reason: String

    init(_ reason: String, column: String? = nil) {
        self.column = column
        self.reason = reason
    }

    var description: String { reason }
}

extension AdministrationError {
    /// The only crossing from the directory's errors, for what is not told by lines.
    init(_ error: DirectoryError) {
        self =
            switch error {
            case .auditUnavailable: .auditUnavailable
            case .full: .store(.full)
            case .clockAhead: .store(.clockAhead)
            case .outcomeUnknown: .store(.outcomeUnknown)
            case .storage(let error): .store(error)
            case .tooLarge(let reason): .transferRefused(reason)
            case .rejected(let error): .transferRefused(error.detail)
            case .notFound, .versionMismatch, .unmade, .busy, .tooLongForLoop: .conflict
            }
    }
}
