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
package enum AdministrationError: Error, Sendable, Equatable {
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
    /// The overlap is negative or longer than ``Administration/overlapSecondsMax``.
    case invalidOverlap
    /// A schema or resource type that cannot be registered, and the member at fault.
    case invalidSchema(SchemaFault)
    case noSuchSchema
    case noSuchResourceType
    /// What was to be changed is in use, or a limit is reached: a sentence for the operator.
    case inUse(String)
    case auditUnavailable
    /// Somebody else changed the same thing at the same time.
    case conflict
    /// An import or export that cannot be carried out, with the reason as a sentence.
    case transferRefused(String)
    case store(StoreError)
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
