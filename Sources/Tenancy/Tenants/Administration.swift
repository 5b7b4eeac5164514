import Audit
import JSON
import SCIM
import Storage

/// What operators do to tenants and tokens.
///
/// The command line and the admin socket run the same code.
package struct Administration: Sendable {
    let ledger: Ledger
    package let environment: DirectoryEnvironment

    package init(ledger: Ledger, environment: DirectoryEnvironment) {
        self.ledger = ledger
        self.environment = environment
    }

    var store: any Store { ledger.store }
}

extension Administration {
    package var now: Timestamp { environment.now() }
}

/// Why an operator's command was not carried out.
///
/// Nothing has changed.
package enum AdministrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A tenant's name is a DNS label in lower case: 1 to 63 letters, digits and inner hyphens.
    case invalidTenantName
    /// The setting has no such word.
    case invalidSetting(TenantSetting)
    case tenantExists
    case noSuchTenant
    case noSuchToken
    /// The tenant has a live token already, so it must be regenerated rather than generated.
    case tokenExists(id: String)
    /// There is no live token to regenerate.
    case noLiveToken
    /// The tenant's audit records mark no names.
    case noIdentifierKey
    /// The overlap is negative or longer than ``Administration/overlapSecondsMax``.
    case invalidOverlap
    /// A schema or resource type that cannot be registered, and the member at fault.
    case invalidSchema(SchemaFault)
    /// The command's body is not what the command takes, with the reason as a sentence.
    case invalidBody(String)
    case noSuchSchema
    case noSuchResourceType
    case noSuchIndex
    /// What was to be changed is in use, or a limit is reached: a sentence for the operator.
    case inUse(String)
    case auditUnavailable
    /// Somebody else changed the same thing at the same time.
    case conflict
    /// An import or export that cannot be carried out, with the reason as a sentence.
    case transferRefused(String)
    case store(StoreError)

    /// The sentence that tells an operator what is wrong and what to do.
    package var description: String {
        switch self {
        case .invalidTenantName:
            "A tenant's name has 1 to 63 lower-case letters, digits and inner hyphens."
        case .invalidSetting(let setting):
            "The values of \(setting.name) are \(setting.words.map(\.text).joined(separator: ", "))."
        case .tenantExists: "There is a tenant of this name already."
        case .noSuchTenant: "There is no tenant of this name."
        case .noSuchToken: "The tenant has no token of this id."
        case .tokenExists(let id): "The tenant has the live token \(id): regenerate it, or revoke it first."
        case .noLiveToken: "The tenant has no live token: generate one."
        case .noIdentifierKey:
            "The tenant's audit records mark no names: `tenant set-audit-identifiers` decides that they do."
        case .invalidOverlap:
            "The overlap is a number of seconds from 0 to \(Administration.overlapSecondsMax)."
        case .invalidSchema(let fault): "\(fault)"
        case .invalidBody(let sentence): sentence
        case .noSuchSchema: "The tenant has no schema of its own with this URN."
        case .noSuchResourceType: "The tenant has no resource type of this name."
        case .noSuchIndex: "The tenant has no index of this number."
        case .inUse(let sentence): sentence
        case .auditUnavailable: "The audit trail takes no records; nothing was changed."
        case .conflict:
            "Somebody else changed the same thing at the same time; nothing was changed. Try again."
        case .transferRefused(let reason): reason
        case .store(let error): "The store failed: \(error)."
        }
    }
}

/// A token as it is shown once, when it is made.
package struct IssuedToken: Sendable {
    /// The secret itself: shown to the operator, never stored and never logged.
    package let text: String
    package let token: Token
}

extension Administration {
    package func reading<R>(
        _ body: (borrowing Snapshot) throws(DirectoryError) -> R
    ) throws(AdministrationError) -> R {
        do throws(DirectoryError) { return try store.reading(body) } catch .storage(let error) {
            throw .store(error)
        } catch {
            throw .conflict
        }
    }

    /// False on a conflict that `conflicts` does not name by its precondition.
    package func commit(
        _ changes: Changeset,
        conflicts: [Int: AdministrationError] = [:],
        isSafer: Bool = false
    ) async throws(AdministrationError) -> Bool {
        do throws(LedgerError) {
            try await ledger.commit(changes, isSafer: isSafer)
            return true
        } catch {
            switch error {
            case .auditUnavailable: throw .auditUnavailable
            case .store(let error): throw .store(error)
            case .conflict(let index):
                if let error = conflicts[index] { throw error }
                return false
            }
        }
    }

    /// A tenant with the version of its row, for a precondition.
    package func versioned(
        _ name: String
    ) throws(AdministrationError) -> (tenant: Tenant, version: CommitVersion, slug: AuditSlug) {
        let found = try reading { snapshot throws(DirectoryError) in
            try snapshot.row(Keys.tenant(name)) { row, version in (Tenant(name: name, row: row), version) }
        }
        guard let (found, version) = found, let tenant = found, let slug = AuditSlug(name) else {
            throw .noSuchTenant
        }
        return (tenant, version, slug)
    }
}
