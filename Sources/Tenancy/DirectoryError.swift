import Audit
import SCIM
import Storage

/// Why the core did not do what it was asked.
///
/// Nothing has changed, except where a case says otherwise.
package enum DirectoryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no such resource in the tenant.
    case notFound
    /// The resource's version is not the one the client named (RFC 7644 §3.14).
    case versionMismatch
    /// The request breaks a rule of the protocol or the schema.
    case rejected(SCIMError)
    /// The request is larger than a published limit; the text names it.
    case tooLarge(String)
    /// It refers to the resource that another change of its series should create, and that was not created; the
    /// number is that change's place.
    case unmade(Int)
    /// Too much is waiting: try again.
    case busy
    /// It takes longer than a loop may be held, and was not done: do it in the background. Nobody's answer.
    case tooLongForLoop
    /// The audit trail takes no records, so nothing may change.
    case auditUnavailable
    /// The store has no room left.
    case full
    /// The machine's clock is wrong, so that nothing may change.
    case clockAhead
    /// The change may or may not have been made.
    case outcomeUnknown
    /// The store failed; for the operator, not for clients.
    case storage(StoreError)

    package init(_ error: LedgerError) {
        self =
            switch error {
            case .conflict: .busy
            case .auditUnavailable: .auditUnavailable
            case .store(let error): DirectoryError(error)
            }
    }

    package var description: String {
        switch self {
        case .notFound: "there is no such resource"
        case .versionMismatch: "the resource has another version than the one that was named"
        case .rejected(let error): error.description
        case .tooLarge(let reason): reason
        case .unmade: "a resource that it refers to was not created"
        case .busy: "too much is waiting; try again"
        case .tooLongForLoop: "it takes too long for an event loop"
        case .auditUnavailable: "the audit trail takes no records"
        case .full: "there is no room left in the store"
        case .clockAhead: StoreError.clockAhead.description
        case .outcomeUnknown: "it is not known whether the change was made"
        case .storage(let error): error.description
        }
    }

    /// The only crossing from the storage layer's errors.
    package init(_ error: StoreError) {
        self =
            switch error {
            case .busy: .busy
            case .full: .full
            case .tooLarge: .tooLarge("The change is larger than the store takes in one step.")
            case .clockAhead: .clockAhead
            case .outcomeUnknown: .outcomeUnknown
            default: .storage(error)
            }
    }
}
