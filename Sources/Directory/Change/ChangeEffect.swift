import SCIM
import Tenancy

/// What a change did, as a tenant's activity counts it.
package struct ChangeEffect: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let created = ChangeEffect(rawValue: 1)
    package static let updated = ChangeEffect(rawValue: 2)
    /// A user's `active` became false.
    package static let deactivated = ChangeEffect(rawValue: 4)
    package static let deleted = ChangeEffect(rawValue: 8)
    /// A group has other members than before.
    package static let members = ChangeEffect(rawValue: 16)

    package var counts: ActivityCounts {
        var counts = ActivityCounts()
        let counters: [(ChangeEffect, ActivityCounter)] = [
            (.created, .created), (.updated, .updated), (.deactivated, .deactivated), (.deleted, .deleted),
            (.members, .membershipChanges),
        ]
        for (effect, counter) in counters where contains(effect) { counts[counter] = 1 }
        return counts
    }
}
