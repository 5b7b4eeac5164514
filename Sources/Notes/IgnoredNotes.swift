import Locking
import Tenancy

/// What requests carried to no effect since it was last stored, of all tenants.
///
/// ```
/// request ─► note ─► here ─► every ten seconds ─► the tenant's row
///                      └──── tenant show ◄────────────┘
/// ```
/// A request that carries nothing undefined takes no lock here.
final class IgnoredNotes: Sendable {
    /// Tenants at a time; of further ones nothing is counted until these are stored.
    static let tenantsMax = 512

    /// The notes about one tenant.
    struct OfTenant: Sendable {
        let name: String
        let number: UInt32
        var attributes: IgnoredAttributes
    }

    private let tenants = Locked<[UInt32: OfTenant]>([:])

    func add(_ notes: OfTenant) {
        guard !notes.attributes.isEmpty else { return }
        tenants.withLock { tenants in
            if tenants[notes.number] != nil {
                tenants[notes.number]?.attributes.add(notes.attributes)
            } else if tenants.count < Self.tenantsMax {
                tenants[notes.number] = notes
            }
        }
    }

    /// The notes about a tenant, which stay.
    func notes(about number: UInt32) -> IgnoredAttributes? {
        tenants.withLock { $0[number]?.attributes }
    }

    /// Takes the notes about a tenant away.
    func take(about number: UInt32) -> OfTenant? {
        tenants.withLock { $0.removeValue(forKey: number) }
    }

    /// Takes all notes away, in the order of the tenants' numbers.
    func takeAll() -> [OfTenant] {
        let taken = tenants.withLock { tenants in
            defer { tenants = [:] }
            return tenants
        }
        return taken.values.sorted { $0.number < $1.number }
    }
}
